-- Re-hashes every chain (since a Shanghai day): gaps, hashes, running card balances, time order, heads of accounts.
CREATE FUNCTION ledger_verify_chains(since date)
RETURNS TABLE (problem text, account_id bigint, transfer_id bigint, detail text)
LANGUAGE sql STABLE SET work_mem = '128MB' AS $$
    WITH linked AS MATERIALIZED (
        SELECT t.*, public.ledger_chain(t.kind, t.debit, t.credit) AS chain,
               lag(t.card_seq) OVER k AS prev_seq, lag(t.hash) OVER k AS prev_hash,
               lag(t.card_balance) OVER k AS prev_balance, lag(t.posted_at) OVER k AS prev_at,
               lead(t.card_seq) OVER k IS NULL AS newest
        FROM public.ledger_transfer t
        WHERE since IS NULL OR t.posted_at >= since::timestamp AT TIME ZONE 'Asia/Shanghai'
        WINDOW k AS (PARTITION BY public.ledger_chain(t.kind, t.debit, t.credit) ORDER BY t.card_seq)
    ), rooted AS (
        SELECT l.*, coalesce(l.prev_seq, p.card_seq, 0) AS before_seq,
               coalesce(l.prev_hash, p.hash, decode(repeat('00', 32), 'hex')) AS before_hash,
               coalesce(l.prev_balance, p.card_balance, 0) AS before_balance
        FROM linked l LEFT JOIN LATERAL (
            SELECT o.card_seq, o.hash, o.card_balance FROM public.ledger_transfer o
            WHERE since IS NOT NULL AND l.prev_seq IS NULL AND o.card_seq = l.card_seq - 1
              AND (o.debit = l.chain OR o.credit = l.chain)
              AND public.ledger_chain(o.kind, o.debit, o.credit) = l.chain) p ON true
    )
    SELECT v.problem, r.chain, r.id, v.detail
    FROM rooted r LEFT JOIN public.ledger_account a ON a.id = r.chain,
    LATERAL (VALUES
        ('chain.gap', r.card_seq <> r.before_seq + 1, format('%s after %s', r.card_seq, r.before_seq)),
        ('chain.hash', r.hash <> public.ledger_hash(
            r.before_hash, r.id, r.posted_at, r.kind, r.debit, r.credit, r.amount, r.card_seq, r.card_balance,
            r.ref_type, r.ref_id, r.reverses, r.actor_kind, r.actor_id, r.biz_date), ''),
        ('chain.balance', r.card_balance <> r.before_balance
            + CASE WHEN r.credit = r.chain THEN r.amount ELSE -r.amount END, r.card_balance::text),
        ('chain.time', r.posted_at < r.prev_at, r.posted_at::text),
        ('chain.head', r.newest AND (a.id IS NULL OR a.seq <> r.card_seq OR a.head <> r.hash), ''),
        ('card.balance', r.newest AND a.balance <> r.card_balance, format('%s in the account', a.balance))
    ) AS v(problem, wrong, detail)
    WHERE v.wrong
    UNION ALL
    SELECT 'chain.lost', a.id, NULL, format('%s transfers are gone', a.seq)
    FROM public.ledger_account a
    WHERE since IS NULL AND a.seq > 0 AND NOT EXISTS (SELECT FROM linked l WHERE l.chain = a.id)
$$;
