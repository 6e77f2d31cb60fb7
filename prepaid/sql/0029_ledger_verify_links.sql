-- Matches what points at transfers with the transfers: keys, instalments, captured holds, reversals.
CREATE FUNCTION ledger_verify_links(since date)
RETURNS TABLE (problem text, account_id bigint, transfer_id bigint, detail text)
LANGUAGE plpgsql STABLE SET work_mem = '128MB' SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    WITH t AS NOT MATERIALIZED (
        SELECT x.id, x.kind, x.debit, x.credit, x.amount, x.ref_type, x.ref_id, x.reverses, x.posted_at
        FROM public.ledger_transfer x
        WHERE since IS NULL OR x.posted_at >= since::timestamp AT TIME ZONE 'Asia/Shanghai'
    ), k AS NOT MATERIALIZED (
        SELECT i.transfer_id, i.key FROM public.ledger_idempotency i
        WHERE i.transfer_id IS NOT NULL
          AND (since IS NULL OR i.created_at >= since::timestamp AT TIME ZONE 'Asia/Shanghai')
    )
    -- period releases are keyed by their instalment; other keys live 400 days
    SELECT CASE WHEN p.id IS NULL THEN 'key.transfer' ELSE 'key.missing' END, p.debit,
           coalesce(p.id, k.transfer_id), k.key
    FROM (SELECT * FROM t WHERE t.kind <> 3) p FULL JOIN k ON k.transfer_id = p.id
    WHERE p.id IS NULL
       OR (k.key IS NULL AND p.posted_at > now() - interval '399 days'
           -- a key is older than its transfer: those around midnight are left to the full run
           AND (since IS NULL OR p.posted_at >= since::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '1 hour'))
    UNION ALL
    SELECT 'instalment', coalesce(i.account_id, t.debit), coalesce(t.id, i.transfer_id), coalesce(i.no, t.ref_id)::text
    FROM (SELECT * FROM t WHERE t.kind = 3) t
    FULL JOIN (SELECT * FROM public.ledger_instalment x WHERE x.state = 1) i ON i.transfer_id = t.id
    WHERE (t.id IS NULL AND since IS NULL)
       OR (t.id IS NOT NULL AND (i.account_id, i.no, i.payee_account_id, i.amount, 3)
           IS DISTINCT FROM (t.debit, t.ref_id, t.credit, t.amount, t.ref_type::integer))
    UNION ALL
    SELECT 'hold.capture', h.account_id, h.resolved_transfer_id, h.id::text
    FROM public.ledger_hold h LEFT JOIN t ON t.id = h.resolved_transfer_id
    WHERE since IS NULL AND h.state = 1 AND (t.debit, t.amount) IS DISTINCT FROM (h.account_id, h.captured_amount)
    UNION ALL
    SELECT 'reversal', r.debit, coalesce(r.id, v.reversal_id), coalesce(v.original_id, r.reverses)::text
    FROM (SELECT * FROM t WHERE t.kind = 10 OR t.reverses IS NOT NULL) r
    FULL JOIN public.ledger_reversal v ON v.reversal_id = r.id
    LEFT JOIN public.ledger_transfer o ON o.id = coalesce(v.original_id, r.reverses)
    WHERE (r.id IS NULL AND since IS NULL)
       OR (r.id IS NOT NULL AND ((v.original_id, r.kind, o.credit, o.debit)
           IS DISTINCT FROM (r.reverses, 10::smallint, r.debit, r.credit) OR r.amount > o.amount));
END $$;
