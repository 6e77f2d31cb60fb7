-- Claims an idempotency key and takes the numbers of a new request, so that a replay takes none: taking one alone
-- would make it wait for the disk. p_hold: the hold to capture, 0 for a new one, NULL for none. The row has no
-- created_at when the key is ours now; else it is that of the first request, after its commit: a concurrent
-- duplicate waits on the unique index.
CREATE FUNCTION ledger_claim(p_client integer, p_key text, p_fingerprint bytea, p_moves boolean, p_hold bigint)
RETURNS ledger_idempotency
LANGUAGE plpgsql AS $$
DECLARE
    claimed public.ledger_idempotency;
BEGIN
    IF current_setting('synchronous_commit') <> 'on' THEN
        RAISE EXCEPTION 'money moves only with synchronous_commit = on' USING ERRCODE = 'LG010';
    ELSIF length(p_key) NOT BETWEEN 3 AND 128 THEN
        RAISE EXCEPTION 'bad key' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO public.ledger_idempotency (client_id, key, fingerprint, transfer_id, hold_id)
    SELECT p_client, p_key, p_fingerprint, CASE WHEN p_moves THEN nextval('public.ledger_transfer_id_seq') END,
           CASE WHEN p_hold = 0 THEN nextval('public.ledger_hold_id_seq') ELSE p_hold END
    WHERE NOT EXISTS (SELECT FROM public.ledger_idempotency WHERE client_id = p_client AND key = p_key)
    ON CONFLICT DO NOTHING
    RETURNING client_id, key, fingerprint, transfer_id, hold_id INTO claimed;
    IF FOUND THEN
        RETURN claimed;
    END IF;
    SELECT * INTO STRICT claimed FROM public.ledger_idempotency WHERE client_id = p_client AND key = p_key;
    IF claimed.fingerprint <> p_fingerprint THEN
        RAISE EXCEPTION 'key % was used for another request', p_key USING ERRCODE = 'LG001';
    END IF;
    RETURN claimed;
END $$;
