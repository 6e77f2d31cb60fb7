-- The answer the first request got.
CREATE FUNCTION ledger_replay(p_first ledger_idempotency) RETURNS ledger_receipt
LANGUAGE plpgsql STABLE AS $$
DECLARE
    r public.ledger_receipt;
BEGIN
    IF p_first.transfer_id IS NULL THEN
        RETURN (NULL::bigint, NULL::timestamptz, NULL::bigint, true);
    END IF;
    -- within a day of the key, so that one partition is read
    SELECT t.id, t.posted_at, t.card_balance, true INTO r FROM public.ledger_transfer t
    WHERE t.id = p_first.transfer_id
      AND t.posted_at >= p_first.created_at AND t.posted_at < p_first.created_at + interval '1 day';
    IF NOT FOUND THEN   -- the clock stepped back meanwhile
        SELECT t.id, t.posted_at, t.card_balance, true INTO r FROM public.ledger_transfer t
        WHERE t.id = p_first.transfer_id;
    END IF;
    RETURN r;
END $$;
