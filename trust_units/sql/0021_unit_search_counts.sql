-- After each statement that changed unit_search: the signed counts of its places, and a new version.
CREATE FUNCTION unit_search_counts() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO facet_rollup
        SELECT s.scope, o.industry, o.stars, o.flags, -count(*) FROM gone o
         CROSS JOIN LATERAL (VALUES (0), (nullif(o.region_code / 10000000, 0)), (nullif(o.region_code / 100000, 0)),
                                    (nullif(o.region_code / 1000, 0))) s (scope)
         WHERE s.scope IS NOT NULL GROUP BY 1, 2, 3, 4;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO facet_rollup
        SELECT s.scope, c.industry, c.stars, c.flags, count(*) FROM come c
         CROSS JOIN LATERAL (VALUES (0), (nullif(c.region_code / 10000000, 0)), (nullif(c.region_code / 100000, 0)),
                                    (nullif(c.region_code / 1000, 0))) s (scope)
         WHERE s.scope IS NOT NULL GROUP BY 1, 2, 3, 4;
    END IF;
    UPDATE units_version SET n = n + 1 WHERE slot = pg_backend_pid() % 64;
    RETURN NULL;
END $$;
