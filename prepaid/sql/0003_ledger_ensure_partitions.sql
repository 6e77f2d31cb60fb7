-- Makes the missing monthly partitions (Asia/Shanghai months of posted_at); returns how many.
-- Attached rather than created in place: that lock does not stop posting.
CREATE FUNCTION ledger_ensure_partitions(months_ahead integer, months_back integer DEFAULT 0)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    this_month date := date_trunc('month', clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
    month date;
    part text;
    made integer := 0;
BEGIN
    IF months_ahead NOT BETWEEN 0 AND 36 OR months_back NOT BETWEEN 0 AND 36 THEN
        RAISE EXCEPTION 'months out of range' USING ERRCODE = 'LG005';
    END IF;
    FOR i IN -months_back .. months_ahead LOOP
        month := this_month + make_interval(months => i);
        part := 'ledger_transfer_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.ledger_transfer INCLUDING CONSTRAINTS)', part);
        EXECUTE format(
            'ALTER TABLE public.ledger_transfer ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            part, month::timestamp AT TIME ZONE 'Asia/Shanghai',
            (month + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai');
        -- a TRUNCATE trigger is not inherited from the parent
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_no_change()', part);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, yfs_app', part);
        EXECUTE format('GRANT SELECT ON public.%I TO yfs_app, yfs_ro', part);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
