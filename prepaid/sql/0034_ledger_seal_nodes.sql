-- Keeps one level of the tree of a day that is being sealed: 32 bytes a node, in order from number p_first on;
-- for level 5 also the id of the first movement under each.
CREATE FUNCTION ledger_seal_nodes(p_day date, p_level integer, p_first integer, p_nodes bytea, p_first_ids bigint[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_seal WHERE biz_date >= p_day) THEN
        RAISE EXCEPTION 'day % is sealed', p_day USING ERRCODE = 'LG007';
    END IF;
    INSERT INTO ledger_seal_node (biz_date, level, idx, first_id, hash)
    SELECT p_day, p_level, p_first + n, p_first_ids[n + 1], substr(p_nodes, n * 32 + 1, 32)
    FROM generate_series(0, length(p_nodes) / 32 - 1) AS n;
END $$;
