-- Takes the rows of unit_search_incoming over, in the order of their rank, and makes the indexes once instead of a
-- row at a time. Searches wait meanwhile: for a first load, not for every day. Rows that are known stay as they are.
CREATE FUNCTION unit_search_load() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET maintenance_work_mem = '512MB' SET work_mem = '256MB' AS $$
DECLARE
    loaded bigint;
    definitions text[];
    definition text;
BEGIN
    LOCK TABLE unit_search IN ACCESS EXCLUSIVE MODE;
    SELECT array_agg(indexdef) INTO definitions FROM pg_indexes
     WHERE schemaname = 'public' AND tablename = 'unit_search' AND indexname <> 'unit_search_pkey';
    FOR definition IN SELECT indexname FROM pg_indexes
     WHERE schemaname = 'public' AND tablename = 'unit_search' AND indexname <> 'unit_search_pkey' LOOP
        EXECUTE format('DROP INDEX %I', definition);
    END LOOP;
    INSERT INTO unit_search SELECT * FROM unit_search_incoming ORDER BY rank_no, unit_id ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS loaded = ROW_COUNT;
    TRUNCATE unit_search_incoming;
    FOREACH definition IN ARRAY definitions LOOP
        EXECUTE definition;
    END LOOP;
    PERFORM facet_rollup_fold();
    PERFORM unit_search_count_grams();
    ANALYZE unit_search, gram_df, facet_rollup;
    RETURN loaded;
END $$;
REVOKE ALL ON FUNCTION unit_search_load() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unit_search_load() TO yfs_app;
