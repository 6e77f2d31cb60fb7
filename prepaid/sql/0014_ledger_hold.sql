-- Sets part of a card aside until ledger_capture or ledger_void, once per key; returns the hold's id.
-- Raises LG001, LG002, LG004, LG005, LG006.
CREATE FUNCTION ledger_hold(
    p_account bigint, p_amount bigint, p_client integer, p_key text,
    p_ref_type integer, p_ref_id bigint, p_expires_at timestamptz
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    claimed ledger_idempotency := ledger_claim(p_client, p_key, ledger_fingerprint(
        2, p_account, p_amount, NULL, NULL, p_ref_type, p_ref_id), false, 0);
    a ledger_account;
BEGIN
    IF claimed.created_at IS NOT NULL THEN
        RETURN claimed.hold_id;
    END IF;
    IF p_amount IS NULL OR p_amount NOT BETWEEN 1 AND 1000000000000000 THEN
        RAISE EXCEPTION 'bad amount' USING ERRCODE = 'LG005';
    END IF;
    SELECT * INTO a FROM ledger_account WHERE id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown account' USING ERRCODE = 'LG004';
    ELSIF a.kind <> 20 THEN
        RAISE EXCEPTION 'only a card can be held' USING ERRCODE = 'LG006';
    ELSIF a.balance - a.held < p_amount THEN
        RAISE EXCEPTION 'not enough locked: % fen available', a.balance - a.held USING ERRCODE = 'LG002';
    END IF;
    UPDATE ledger_account SET held = held + p_amount WHERE id = p_account;
    INSERT INTO ledger_hold (id, account_id, amount, ref_type, ref_id, expires_at) OVERRIDING SYSTEM VALUE
    VALUES (claimed.hold_id, p_account, p_amount, p_ref_type, p_ref_id, p_expires_at);
    RETURN claimed.hold_id;
END $$;
