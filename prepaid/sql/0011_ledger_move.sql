-- Moves money under an already claimed key: lock, check, append. The only writer of single transfers.
-- p_unhold gives back held money in the same step (capture). A hot account gets a delta, never a row update.
-- One UPDATE locks the chained account, checks its cover and extends its chain, on the row as it is once the lock is
-- ours; what it tells is checked after it, since a refusal takes everything back.
CREATE FUNCTION ledger_move(
    p_id bigint, p_kind integer, p_debit bigint, p_credit bigint, p_amount bigint, p_unhold bigint,
    p_ref_type integer, p_ref_id bigint, p_reverses bigint, p_biz_date date, p_actor_kind integer, p_actor_id bigint
) RETURNS ledger_receipt
LANGUAGE plpgsql AS $$
DECLARE
    chain bigint := public.ledger_chain(p_kind, p_debit, p_credit);
    other bigint := CASE WHEN chain = p_debit THEN p_credit ELSE p_debit END;
    gain bigint := CASE WHEN chain = p_debit THEN -p_amount ELSE p_amount END;
    flow integer := public.ledger_flow(p_kind);
    asked_at timestamptz := clock_timestamp();
    a record;
BEGIN
    IF p_amount IS NULL OR p_amount NOT BETWEEN 1 AND 1000000000000000 THEN
        RAISE EXCEPTION 'bad amount' USING ERRCODE = 'LG005';
    ELSIF p_kind = 4 OR p_ref_type NOT BETWEEN 1 AND 7 OR p_actor_kind NOT BETWEEN 1 AND 4 THEN
        RAISE EXCEPTION 'transfer kind %, reference or actor is reserved', p_kind USING ERRCODE = 'LG011';
    END IF;
    UPDATE public.ledger_account acc
    SET balance = CASE WHEN acc.kind = 20 THEN acc.balance + gain ELSE acc.balance END,
        held = acc.held - p_unhold,
        seq = acc.seq + 1,
        last_at = greatest(asked_at, acc.last_at),   -- never backwards
        head = public.ledger_hash(
            acc.head, p_id, greatest(asked_at, acc.last_at), p_kind, p_debit, p_credit, p_amount, acc.seq + 1,
            CASE WHEN acc.kind = 20 THEN acc.balance + gain END, p_ref_type, p_ref_id, p_reverses, p_actor_kind,
            p_actor_id, coalesce(p_biz_date, (greatest(asked_at, acc.last_at) AT TIME ZONE 'Asia/Shanghai')::date))
    WHERE acc.id = chain AND (acc.kind <> 20 OR acc.balance - acc.held + p_unhold + gain >= 0)
    RETURNING acc.kind, acc.status, acc.seq, acc.head, acc.last_at AS at,
        CASE WHEN acc.kind = 20 THEN acc.balance END AS card_balance,
        (acc.last_at AT TIME ZONE 'Asia/Shanghai')::date AS today,
        (SELECT o.kind * 10 + o.status FROM public.ledger_account o WHERE o.id = other) AS other_kind_and_status,
        (SELECT max(s.biz_date) FROM public.ledger_seal s) AS sealed
    INTO a;
    IF NOT FOUND THEN
        SELECT c.status = 1 OR o.status = 1 AS frozen INTO a
        FROM public.ledger_account c, public.ledger_account o WHERE c.id = chain AND o.id = other;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'unknown account' USING ERRCODE = 'LG004';
        ELSIF a.frozen AND p_kind IN (2, 3) THEN
            RAISE EXCEPTION 'account is frozen' USING ERRCODE = 'LG003';
        END IF;
        RAISE EXCEPTION 'not enough locked' USING ERRCODE = 'LG002';
    ELSIF a.other_kind_and_status IS NULL THEN
        RAISE EXCEPTION 'unknown account' USING ERRCODE = 'LG004';
    ELSIF flow IS DISTINCT FROM (CASE WHEN chain = p_debit THEN a.kind * 100 + a.other_kind_and_status / 10
                                      ELSE a.other_kind_and_status / 10 * 100 + a.kind END) THEN
        RAISE EXCEPTION 'transfer kind % is not allowed between these accounts', p_kind USING ERRCODE = 'LG006';
    ELSIF coalesce(p_biz_date, a.today) <= a.sealed OR a.today <= a.sealed
       OR p_biz_date NOT BETWEEN a.today - 1100 AND a.today + 1100 THEN
        RAISE EXCEPTION 'business date % is sealed or out of range', p_biz_date USING ERRCODE = 'LG007';
    ELSIF p_kind IN (2, 3, 8) AND (a.status = 1 OR a.other_kind_and_status % 10 = 1) THEN
        RAISE EXCEPTION 'account is frozen' USING ERRCODE = 'LG003';
    END IF;
    -- a second hot row is locked after the chain's: clearing accounts have smaller ids than merchants
    IF flow / 100 IN (30, 40, 41, 50) AND public.ledger_fold_one(p_debit) < p_amount THEN
        RAISE EXCEPTION 'not enough on account %', p_debit USING ERRCODE = 'LG002';
    ELSIF p_kind = 8 AND EXISTS (SELECT FROM public.ledger_account WHERE id = p_debit AND status = 1) THEN
        RAISE EXCEPTION 'account is frozen' USING ERRCODE = 'LG003';   -- read again, under the merchant's lock
    END IF;
    -- three statements: as one with CTEs they take a third longer
    IF a.kind <> 20 THEN
        INSERT INTO public.ledger_delta (account_id, amount, transfer_id) VALUES (chain, gain, p_id);
    END IF;
    INSERT INTO public.ledger_delta (account_id, amount, transfer_id) VALUES (other, -gain, p_id);
    INSERT INTO public.ledger_transfer (id, posted_at, kind, debit, credit, amount, card_seq, card_balance,
                                        ref_type, ref_id, reverses, actor_kind, actor_id, biz_date, hash)
    VALUES (p_id, a.at, p_kind, p_debit, p_credit, p_amount, a.seq, a.card_balance, p_ref_type, p_ref_id,
            p_reverses, p_actor_kind, p_actor_id, coalesce(p_biz_date, a.today), a.head);
    RETURN (p_id, a.at, a.card_balance, false);
END $$;
