-- Gives a release back to the card, wholly or in part, once: a second reversal is refused whatever its key.
-- Raises LG002 when the merchant has been paid out already, LG006 for anything but a release, LG009.
CREATE FUNCTION ledger_reverse(
    p_original bigint, p_original_at timestamptz, p_amount bigint, p_client integer, p_key text,
    p_ref_type integer, p_ref_id bigint, p_biz_date date, p_actor_kind integer, p_actor_id bigint
) RETURNS ledger_receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    claimed ledger_idempotency := ledger_claim(p_client, p_key, ledger_fingerprint(
        4, p_original, p_amount, NULL, NULL, p_ref_type, p_ref_id), true, NULL);
    t ledger_transfer;
BEGIN
    IF claimed.created_at IS NOT NULL THEN
        RETURN ledger_replay(claimed);
    END IF;
    SELECT * INTO t FROM ledger_transfer
    WHERE id = p_original AND (p_original_at IS NULL OR posted_at = p_original_at);
    IF NOT FOUND OR t.kind NOT IN (2, 3) THEN
        RAISE EXCEPTION 'transfer % is not a release', p_original USING ERRCODE = 'LG006';
    ELSIF p_amount > t.amount THEN
        RAISE EXCEPTION 'more than the original' USING ERRCODE = 'LG009';
    END IF;
    PERFORM 1 FROM ledger_account WHERE id = t.debit FOR NO KEY UPDATE;
    INSERT INTO ledger_reversal (original_id, reversal_id) VALUES (p_original, claimed.transfer_id)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'transfer % is already reversed', p_original USING ERRCODE = 'LG009';
    END IF;
    RETURN ledger_move(claimed.transfer_id, 10, t.credit, t.debit, p_amount, 0, p_ref_type, p_ref_id, p_original,
                       p_biz_date, p_actor_kind, p_actor_id);
END $$;
