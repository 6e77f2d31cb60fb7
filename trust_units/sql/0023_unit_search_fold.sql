-- One row of facet_rollup for each place, industry, stars and flags. Takes no part in what is written meanwhile.
CREATE FUNCTION facet_rollup_fold() RETURNS bigint LANGUAGE sql SET search_path = public, pg_temp AS $$
    WITH old AS (DELETE FROM facet_rollup RETURNING *),
    sums AS (
        INSERT INTO facet_rollup SELECT scope, industry, stars, flags, sum(n) FROM old
        GROUP BY scope, industry, stars, flags HAVING sum(n) <> 0 RETURNING 1)
    SELECT count(*) FROM sums
$$;
GRANT EXECUTE ON FUNCTION facet_rollup_fold() TO yfs_app;
