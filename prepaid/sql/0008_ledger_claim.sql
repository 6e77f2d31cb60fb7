-- Claims an idempotency key. NULL: it is ours now. Else the row of the first request, after its commit:
-- a concurrent duplicate waits on the unique index. Raises LG001 for the same key with another body.
CREATE FUNCTION ledger_claim(
    p_client integer, p_key text, p_fingerprint bytea, p_transfer bigint, p_hold bigint
) RETURNS ledger_idempotency
LANGUAGE plpgsql AS $$
DECLARE
    earlier public.ledger_idempotency;
BEGIN
    IF current_setting('synchronous_commit') <> 'on' THEN
        RAISE EXCEPTION 'money moves only with synchronous_commit = on' USING ERRCODE = 'LG010';
    END IF;
    INSERT INTO public.ledger_idempotency (client_id, key, fingerprint, transfer_id, hold_id)
    VALUES (p_client, p_key, p_fingerprint, p_transfer, p_hold)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT earlier FROM public.ledger_idempotency WHERE client_id = p_client AND key = p_key;
    IF earlier.fingerprint <> p_fingerprint THEN
        RAISE EXCEPTION 'key % was used for another request', p_key USING ERRCODE = 'LG001';
    END IF;
    RETURN earlier;
END $$;
