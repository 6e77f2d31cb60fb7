-- Moves money under an already claimed key: lock, check, append. The only writer of single transfers.
-- p_unhold gives back held money in the same step (capture). A hot account gets a delta, never a row update.
CREATE FUNCTION ledger_move(
    p_id bigint, p_kind integer, p_debit bigint, p_credit bigint, p_amount bigint, p_unhold bigint,
    p_ref_type integer, p_ref_id bigint, p_reverses bigint, p_biz_date date, p_actor_kind integer, p_actor_id bigint
) RETURNS ledger_receipt
LANGUAGE plpgsql AS $$
DECLARE
    chain bigint := public.ledger_chain(p_kind, p_debit, p_credit);
    other bigint := CASE WHEN chain = p_debit THEN p_credit ELSE p_debit END;
    flow integer := public.ledger_flow(p_kind);
    a record;
    at timestamptz;
    biz date;
    after_card bigint;
    new_hash bytea;
BEGIN
    IF p_amount IS NULL OR p_amount NOT BETWEEN 1 AND 1000000000000000 THEN
        RAISE EXCEPTION 'bad amount' USING ERRCODE = 'LG005';
    ELSIF p_kind = 4 THEN
        RAISE EXCEPTION 'transfer kind % is reserved', p_kind USING ERRCODE = 'LG011';
    ELSIF p_ref_type NOT BETWEEN 1 AND 7 OR p_actor_kind NOT BETWEEN 1 AND 4 THEN
        RAISE EXCEPTION 'unknown kind of reference or actor' USING ERRCODE = 'LG011';
    END IF;
    SELECT c.kind, c.balance, c.held, c.seq, c.head, c.last_at, c.status, o.kind AS other_kind,
           (SELECT max(s.biz_date) FROM public.ledger_seal s) AS sealed,
           EXISTS (SELECT FROM public.ledger_freeze_merchant f WHERE f.payee_account_id = other) AS payee_frozen
    INTO a FROM public.ledger_account c, public.ledger_account o
    WHERE c.id = chain AND o.id = other FOR NO KEY UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown account' USING ERRCODE = 'LG004';
    END IF;
    IF flow IS DISTINCT FROM (CASE WHEN chain = p_debit THEN a.kind * 100 + a.other_kind
                                   ELSE a.other_kind * 100 + a.kind END) THEN
        RAISE EXCEPTION 'transfer kind % is not allowed between these accounts', p_kind USING ERRCODE = 'LG006';
    END IF;
    at := greatest(clock_timestamp(), a.last_at);   -- after the lock, and never backwards on one account
    biz := coalesce(p_biz_date, (at AT TIME ZONE 'Asia/Shanghai')::date);
    IF biz <= a.sealed OR (at AT TIME ZONE 'Asia/Shanghai')::date <= a.sealed
       OR biz NOT BETWEEN at::date - 1100 AND at::date + 1100 THEN
        RAISE EXCEPTION 'business date % is sealed or out of range', biz USING ERRCODE = 'LG007';
    END IF;
    IF p_kind IN (2, 3, 8) AND (a.payee_frozen OR (a.kind = 20 AND a.status = 1)) THEN
        RAISE EXCEPTION 'account is frozen' USING ERRCODE = 'LG003';
    END IF;
    IF a.kind = 20 AND chain = p_debit THEN
        IF a.balance - a.held + p_unhold < p_amount THEN
            RAISE EXCEPTION 'not enough locked: % fen available', a.balance - a.held + p_unhold
                USING ERRCODE = 'LG002';
        END IF;
        after_card := a.balance - p_amount;
    ELSIF a.kind = 20 THEN
        after_card := a.balance + p_amount;
    END IF;
    -- a second hot row is locked after the chain's: clearing accounts have smaller ids than merchants
    IF flow / 100 IN (30, 40, 41, 50) AND public.ledger_fold_one(p_debit) < p_amount THEN
        RAISE EXCEPTION 'not enough on account %', p_debit USING ERRCODE = 'LG002';
    END IF;
    IF p_kind = 8 AND EXISTS (SELECT FROM public.ledger_freeze_merchant WHERE payee_account_id = p_debit) THEN
        RAISE EXCEPTION 'account is frozen' USING ERRCODE = 'LG003';   -- read again, under the merchant's lock
    END IF;
    new_hash := public.ledger_hash(a.head, p_id, at, p_kind, p_debit, p_credit, p_amount, a.seq + 1, after_card,
                                   p_ref_type, p_ref_id, p_reverses, p_actor_kind, p_actor_id, biz);
    IF a.kind <> 20 THEN
        INSERT INTO public.ledger_delta (account_id, amount, transfer_id)
        VALUES (chain, CASE WHEN chain = p_debit THEN -p_amount ELSE p_amount END, p_id);
    END IF;
    -- three statements: as one with CTEs they take a third longer
    UPDATE public.ledger_account
    SET balance = coalesce(after_card, balance), held = held - p_unhold, seq = a.seq + 1, head = new_hash, last_at = at
    WHERE id = chain;
    INSERT INTO public.ledger_delta (account_id, amount, transfer_id)
    VALUES (other, CASE WHEN other = p_debit THEN -p_amount ELSE p_amount END, p_id);
    INSERT INTO public.ledger_transfer (id, posted_at, kind, debit, credit, amount, card_seq, card_balance,
                                        ref_type, ref_id, reverses, actor_kind, actor_id, biz_date, hash)
    VALUES (p_id, at, p_kind, p_debit, p_credit, p_amount, a.seq + 1, after_card,
            p_ref_type, p_ref_id, p_reverses, p_actor_kind, p_actor_id, biz, new_hash);
    RETURN (p_id, at, after_card, false);
END $$;
