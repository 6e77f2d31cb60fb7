-- Counts anew in how many rows each piece of text stands.
CREATE FUNCTION unit_search_count_grams() RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DELETE FROM gram_df;
    INSERT INTO gram_df SELECT 0, g, count(*) FROM unit_search, unnest(grams) g GROUP BY g;
    INSERT INTO gram_df SELECT 1, g, count(*) FROM unit_search, unnest(addr_grams) g GROUP BY g;
    INSERT INTO gram_df SELECT 2, g, count(*) FROM unit_search, unnest(py_grams) g GROUP BY g;
$$;
