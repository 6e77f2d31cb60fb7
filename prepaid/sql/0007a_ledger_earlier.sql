-- The row of the first request with this key, NULL when there is none. Raises LG001 for another body.
CREATE FUNCTION ledger_earlier(p_client integer, p_key text, p_fingerprint bytea) RETURNS ledger_idempotency
LANGUAGE plpgsql AS $$
DECLARE
    earlier public.ledger_idempotency;
BEGIN
    SELECT * INTO earlier FROM public.ledger_idempotency WHERE client_id = p_client AND key = p_key;
    IF earlier.fingerprint <> p_fingerprint THEN
        RAISE EXCEPTION 'key % was used for another request', p_key USING ERRCODE = 'LG001';
    END IF;
    RETURN earlier;
END $$;
