-- Moves money once per key, in one round trip. A refusal raises and so burns no key: a retry after a top-up works.
-- Raises LG001 .. LG007, LG010, LG011. Reversals and period releases have functions of their own.
CREATE FUNCTION ledger_post(
    p_kind integer, p_debit bigint, p_credit bigint, p_amount bigint, p_client integer, p_key text,
    p_ref_type integer, p_ref_id bigint, p_biz_date date, p_actor_kind integer, p_actor_id bigint
) RETURNS ledger_receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asked bytea := ledger_fingerprint(1, p_kind, p_debit, p_credit, p_amount, p_ref_type, p_ref_id);
    first ledger_idempotency := ledger_earlier(p_client, p_key, asked);
    new_id bigint;
BEGIN
    IF first.key IS NULL THEN
        new_id := nextval('ledger_transfer_id_seq');
        first := ledger_claim(p_client, p_key, asked, new_id, NULL);
    END IF;
    IF first.key IS NOT NULL THEN
        RETURN ledger_replay(first);
    END IF;
    IF p_kind IN (3, 10) THEN
        RAISE EXCEPTION 'transfer kind % is not posted directly', p_kind USING ERRCODE = 'LG006';
    END IF;
    RETURN ledger_move(new_id, p_kind, p_debit, p_credit, p_amount, 0, p_ref_type, p_ref_id, NULL,
                       p_biz_date, p_actor_kind, p_actor_id);
END $$;
