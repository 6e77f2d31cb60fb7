-- Writes unit_search anew in the order of rank and lets the new table take the old one's place. The longest part runs
-- beside readers and writers; what was written meanwhile is told by rev and brought over under the lock.
CREATE FUNCTION unit_search_rebuild() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET maintenance_work_mem = '512MB' SET work_mem = '256MB' AS $$
DECLARE
    every text;
    sorted text;
    made record;
    kept bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('unit_search_rebuild'));
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO every FROM pg_attribute
     WHERE attrelid = 'unit_search'::regclass AND attnum > 0 AND NOT attisdropped;
    sorted := replace(every, ', fresh', ', false');
    DROP TABLE IF EXISTS unit_search_new;
    CREATE TABLE unit_search_new (LIKE unit_search INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMMENTS);
    EXECUTE format('INSERT INTO unit_search_new (%s) SELECT %s FROM unit_search ORDER BY rank_no, unit_id', every,
                   sorted);
    ALTER TABLE unit_search_new ADD CONSTRAINT unit_search_new_pkey PRIMARY KEY (unit_id);
    FOR made IN SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE schemaname = 'public' AND tablename = 'unit_search' AND indexname <> 'unit_search_pkey' LOOP
        EXECUTE replace(replace(made.definition, ' ' || made.name || ' ON ', ' ' || made.name || '_new ON '),
                        'public.unit_search ', 'public.unit_search_new ');
    END LOOP;
    ANALYZE unit_search_new;
    -- From here on nobody writes: who would be published now waits a second or two.
    LOCK TABLE unit_search IN SHARE MODE;
    DELETE FROM unit_search_new n
     WHERE NOT EXISTS (SELECT FROM unit_search o WHERE o.unit_id = n.unit_id AND o.rev = n.rev);
    EXECUTE format('INSERT INTO unit_search_new (%s) SELECT %s FROM unit_search o WHERE NOT EXISTS'
                   ' (SELECT FROM unit_search_new n WHERE n.unit_id = o.unit_id)', every, every);
    PERFORM facet_rollup_fold();
    LOCK TABLE unit_search IN ACCESS EXCLUSIVE MODE;
    DROP TABLE unit_search;
    ALTER TABLE unit_search_new RENAME TO unit_search;
    ALTER INDEX unit_search_new_pkey RENAME TO unit_search_pkey;
    FOR made IN SELECT indexname AS name FROM pg_indexes
     WHERE schemaname = 'public' AND tablename = 'unit_search' AND indexname LIKE '%\_new' LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', made.name, left(made.name, -4));
    END LOOP;
    PERFORM unit_search_triggers();
    SELECT count(*) INTO kept FROM unit_search;
    RETURN kept;
END $$;
REVOKE ALL ON FUNCTION unit_search_rebuild() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unit_search_rebuild() TO yfs_app;
REVOKE ALL ON FUNCTION unit_search_count_grams() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unit_search_count_grams() TO yfs_app;
