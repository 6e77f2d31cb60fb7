-- Seals the day that ledger_seal_next named, once every writer that looked at the seals before has ended: from here
-- on no movement can get the business date. Raises LG012 when it is not that day's turn or the counts differ.
CREATE FUNCTION ledger_seal_close(
    p_day date, p_n bigint, p_amount_sum bigint, p_root bytea, p_prev_root bytea, p_prev_head bytea,
    p_sealed_at timestamptz, p_kid text, p_public_key bytea, p_head bytea, p_signature bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    turn record;
    found record;
BEGIN
    SELECT * INTO turn FROM ledger_seal_next();
    SELECT count(*) AS n, coalesce(sum(t.amount), 0) AS amount INTO found FROM ledger_transfer t
    WHERE t.posted_at >= p_day::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND t.posted_at < (p_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
    IF (turn.day, turn.prev_root, turn.prev_head, found.n, found.amount)
       IS DISTINCT FROM (p_day, p_prev_root, p_prev_head, p_n, p_amount_sum::numeric) THEN
        RAISE EXCEPTION 'day % is not to be sealed like this', p_day USING ERRCODE = 'LG012';
    END IF;
    FOR try IN 1..10 LOOP
        BEGIN
            -- a posting reads the seals before it writes; waiting longer than this would hold new ones up
            SET LOCAL lock_timeout = '300ms';
            LOCK TABLE ledger_seal IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF try = 10 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
    INSERT INTO ledger_seal (biz_date, n, amount_sum, merkle_root, prev_root, sealed_at, signature, kid, public_key, head)
    VALUES (p_day, p_n, p_amount_sum, p_root, p_prev_root, p_sealed_at, p_signature, p_kid, p_public_key, p_head);
END $$;
