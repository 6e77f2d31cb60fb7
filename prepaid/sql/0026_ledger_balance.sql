-- The exact balance of an account in fen: its row and its unfolded deltas, of one moment.
CREATE FUNCTION ledger_balance(p_account bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.balance + coalesce((SELECT sum(d.amount) FROM ledger_delta d WHERE d.account_id = a.id), 0)::bigint
    FROM ledger_account a WHERE a.id = p_account
$$;
