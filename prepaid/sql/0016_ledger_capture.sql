-- Takes a held amount (more, as far as the card has it free, or less: the rest goes back to the card), once.
-- Amount 0 only returns it. Raises LG001 .. LG008.
CREATE FUNCTION ledger_capture(
    p_hold bigint, p_amount bigint, p_credit bigint, p_kind integer, p_client integer, p_key text,
    p_ref_type integer, p_ref_id bigint, p_biz_date date, p_actor_kind integer, p_actor_id bigint
) RETURNS ledger_receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    claimed ledger_idempotency := ledger_claim(p_client, p_key, ledger_fingerprint(
        3, p_hold, p_amount, p_credit, p_kind, p_ref_type, p_ref_id), p_amount <> 0, p_hold);
    h ledger_hold;
    r ledger_receipt;
BEGIN
    IF claimed.created_at IS NOT NULL THEN
        RETURN ledger_replay(claimed);
    END IF;
    SELECT * INTO h FROM ledger_hold WHERE id = p_hold FOR UPDATE;
    IF NOT FOUND OR h.state <> 0 THEN
        RAISE EXCEPTION 'hold % is not open', p_hold USING ERRCODE = 'LG008';
    ELSIF p_kind NOT IN (2, 5) THEN
        RAISE EXCEPTION 'a hold cannot be captured by transfer kind %', p_kind USING ERRCODE = 'LG006';
    ELSIF p_amount = 0 THEN
        PERFORM ledger_void(p_hold);
        RETURN (NULL::bigint, NULL::timestamptz, NULL::bigint, false);
    END IF;
    r := ledger_move(claimed.transfer_id, p_kind, h.account_id, p_credit, p_amount, h.amount, p_ref_type, p_ref_id,
                     NULL, p_biz_date, p_actor_kind, p_actor_id);
    UPDATE ledger_hold
    SET state = 1, captured_amount = p_amount, resolved_transfer_id = claimed.transfer_id,
        resolved_at = clock_timestamp()
    WHERE id = p_hold;
    RETURN r;
END $$;
