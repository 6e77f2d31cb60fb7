-- Claims an idempotency key. NULL: it is ours now. Else the row of the first request, after its commit:
-- a concurrent duplicate waits on the unique index. Callers ask ledger_earlier first, so that a replay takes no
-- number from a sequence: that alone would make it wait for the disk.
CREATE FUNCTION ledger_claim(
    p_client integer, p_key text, p_fingerprint bytea, p_transfer bigint, p_hold bigint
) RETURNS ledger_idempotency
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('synchronous_commit') <> 'on' THEN
        RAISE EXCEPTION 'money moves only with synchronous_commit = on' USING ERRCODE = 'LG010';
    ELSIF length(p_key) NOT BETWEEN 3 AND 128 OR p_transfer IS NULL AND p_hold IS NULL THEN
        RAISE EXCEPTION 'bad key' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO public.ledger_idempotency (client_id, key, fingerprint, transfer_id, hold_id)
    VALUES (p_client, p_key, p_fingerprint, p_transfer, p_hold)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    RETURN public.ledger_earlier(p_client, p_key, p_fingerprint);
END $$;
