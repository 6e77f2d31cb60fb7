-- Re-hashes every chain, or those touched since a Shanghai day, wholly: hashes, running card balances, time order,
-- lost or doubled links, and the heads kept in the accounts.
CREATE FUNCTION ledger_verify_chains(since date)
RETURNS TABLE (problem text, account_id bigint, transfer_id bigint, detail text)
LANGUAGE plpgsql STABLE SET work_mem = '128MB' SET enable_mergejoin = off SET parallel_tuple_cost = 0.01 AS $$
DECLARE
    touched bigint[];
BEGIN
    IF since IS NOT NULL THEN
        SELECT coalesce(array_agg(DISTINCT public.ledger_chain(x.kind, x.debit, x.credit)), '{}') INTO touched
        FROM public.ledger_transfer x WHERE x.posted_at >= since::timestamp AT TIME ZONE 'Asia/Shanghai';
        IF cardinality(touched) > 5000 THEN
            touched := NULL;    -- one pass over everything is faster then
        END IF;
    END IF;
    RETURN QUERY
    WITH t AS NOT MATERIALIZED (
        SELECT x.*, public.ledger_chain(x.kind, x.debit, x.credit) AS chain FROM public.ledger_transfer x
        WHERE touched IS NULL OR ((x.debit = ANY (touched) OR x.credit = ANY (touched))
                                  AND public.ledger_chain(x.kind, x.debit, x.credit) = ANY (touched))
    )
    SELECT CASE WHEN a.id IS NULL OR t.card_seq > a.seq OR (p.id IS NULL AND t.card_seq > 1) THEN 'chain.gap'
                WHEN t.posted_at < p.posted_at THEN 'chain.time'
                WHEN t.card_seq = a.seq AND t.hash <> a.head THEN 'chain.head'
                WHEN t.card_seq = a.seq AND t.card_balance <> a.balance THEN 'card.balance'
                WHEN t.card_balance <> coalesce(p.card_balance, 0)
                    + CASE WHEN t.credit = t.chain THEN t.amount ELSE -t.amount END THEN 'chain.balance'
                ELSE 'chain.hash' END,
           t.chain, t.id, format('link %s', t.card_seq)
    FROM t LEFT JOIN t AS p ON p.chain = t.chain AND p.card_seq = t.card_seq - 1
    LEFT JOIN public.ledger_account a ON a.id = t.chain
    WHERE a.id IS NULL OR t.card_seq > a.seq OR (p.id IS NULL AND t.card_seq > 1) OR t.posted_at < p.posted_at
       OR (t.card_seq = a.seq AND (t.hash <> a.head OR t.card_balance <> a.balance))
       OR t.card_balance <> coalesce(p.card_balance, 0)
            + CASE WHEN t.credit = t.chain THEN t.amount ELSE -t.amount END
       OR t.hash <> public.ledger_hash(
            coalesce(p.hash, '\x0000000000000000000000000000000000000000000000000000000000000000'),
            t.id, t.posted_at, t.kind, t.debit, t.credit, t.amount, t.card_seq, t.card_balance,
            t.ref_type, t.ref_id, t.reverses, t.actor_kind, t.actor_id, t.biz_date);
    -- nothing above its account's count and no gap below: the totals differ only if the end of a chain is lost
    IF (SELECT coalesce(sum(a.seq), 0) FROM public.ledger_account a WHERE touched IS NULL OR a.id = ANY (touched))
       <> (SELECT count(*) FROM public.ledger_transfer x WHERE touched IS NULL
           OR ((x.debit = ANY (touched) OR x.credit = ANY (touched))
               AND public.ledger_chain(x.kind, x.debit, x.credit) = ANY (touched))) THEN
        RETURN QUERY
        SELECT 'chain.lost', a.id, NULL::bigint, format('%s of %s links', coalesce(c.n, 0), a.seq)
        FROM public.ledger_account a LEFT JOIN (
            SELECT public.ledger_chain(x.kind, x.debit, x.credit) AS chain, count(*) AS n
            FROM public.ledger_transfer x GROUP BY 1) c ON c.chain = a.id
        WHERE coalesce(c.n, 0) <> a.seq;
    END IF;
END $$;
