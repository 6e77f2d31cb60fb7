-- Moves money once per key, in one round trip. A refusal raises and so burns no key: a retry after a top-up works.
-- Raises LG001 .. LG007, LG010, LG011. Reversals and period releases have functions of their own.
CREATE FUNCTION ledger_post(
    p_kind integer, p_debit bigint, p_credit bigint, p_amount bigint, p_client integer, p_key text,
    p_ref_type integer, p_ref_id bigint, p_biz_date date, p_actor_kind integer, p_actor_id bigint
) RETURNS ledger_receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    claimed ledger_idempotency := ledger_claim(p_client, p_key, ledger_fingerprint(
        1, p_kind, p_debit, p_credit, p_amount, p_ref_type, p_ref_id), true, NULL);
BEGIN
    IF claimed.created_at IS NOT NULL THEN
        RETURN ledger_replay(claimed);
    END IF;
    IF p_kind IN (3, 10) THEN
        RAISE EXCEPTION 'transfer kind % is not posted directly', p_kind USING ERRCODE = 'LG006';
    END IF;
    RETURN ledger_move(claimed.transfer_id, p_kind, p_debit, p_credit, p_amount, 0, p_ref_type, p_ref_id, NULL,
                       p_biz_date, p_actor_kind, p_actor_id);
END $$;
