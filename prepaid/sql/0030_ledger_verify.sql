-- Every problem the ledger has, none when it is whole; of one moment, also while money moves.
-- With a Shanghai day, only what was posted since (sums of hot accounts and lost rows need a full run).
CREATE FUNCTION ledger_verify(since date DEFAULT NULL)
RETURNS TABLE (problem text, account_id bigint, transfer_id bigint, detail text)
LANGUAGE sql STABLE AS $$
    SELECT * FROM public.ledger_verify_chains(since)
    UNION ALL SELECT * FROM public.ledger_verify_sums(since)
    UNION ALL SELECT * FROM public.ledger_verify_links(since)
$$;
