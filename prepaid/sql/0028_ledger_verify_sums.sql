-- Adds up: everything is zero, no card is below zero, hot accounts equal their transfers, holds equal held.
CREATE FUNCTION ledger_verify_sums(since date)
RETURNS TABLE (problem text, account_id bigint, transfer_id bigint, detail text)
LANGUAGE plpgsql STABLE SET work_mem = '128MB' AS $$
BEGIN
    RETURN QUERY
    SELECT 'sum.zero', NULL::bigint, NULL::bigint, s.total::text
    FROM (SELECT (SELECT coalesce(sum(balance), 0) FROM public.ledger_account)
               + (SELECT coalesce(sum(amount), 0) FROM public.ledger_delta) AS total) s
    WHERE s.total <> 0
    UNION ALL
    SELECT 'card.negative', a.id, NULL, format('%s held %s', a.balance, a.held)
    FROM public.ledger_account a WHERE a.kind = 20 AND (a.held < 0 OR a.balance < a.held)
    UNION ALL
    SELECT 'account.balance', a.id, NULL,
           format('%s and deltas %s, transfers say %s', a.balance, coalesce(d.total, 0), coalesce(m.total, 0))
    FROM public.ledger_account a
    LEFT JOIN (SELECT x.account_id, sum(x.amount) AS total FROM public.ledger_delta x GROUP BY 1) d
        ON d.account_id = a.id
    LEFT JOIN (
        SELECT e.id, sum(e.amount) AS total FROM (
            SELECT t.credit AS id, t.amount FROM public.ledger_transfer t
            WHERE since IS NULL AND public.ledger_flow(t.kind) % 100 <> 20
            UNION ALL
            SELECT t.debit, -t.amount FROM public.ledger_transfer t
            WHERE since IS NULL AND public.ledger_flow(t.kind) / 100 <> 20) e
        GROUP BY 1) m ON m.id = a.id
    WHERE since IS NULL AND a.hot AND a.balance + coalesce(d.total, 0) <> coalesce(m.total, 0)
    UNION ALL
    SELECT 'hold.sum', a.id, NULL, format('held %s, open holds %s', a.held, coalesce(h.total, 0))
    FROM public.ledger_account a
    LEFT JOIN (SELECT o.account_id, sum(o.amount) AS total FROM public.ledger_hold o
               WHERE o.state = 0 GROUP BY 1) h ON h.account_id = a.id
    WHERE a.held <> coalesce(h.total, 0);
END $$;
