-- Folds the deltas of hot accounts into their rows (accounts found among the first p_limit deltas, busy ones
-- skipped); returns how many deltas went. Balances are exact before, during and after.
CREATE FUNCTION ledger_fold(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ids bigint[];
    folded bigint;
BEGIN
    SELECT array_agg(x.id) INTO ids FROM (
        SELECT a.id FROM ledger_account a
        WHERE a.id IN (SELECT d.account_id FROM (SELECT account_id FROM ledger_delta LIMIT p_limit) d)
        ORDER BY a.id FOR NO KEY UPDATE SKIP LOCKED) x;
    WITH gone AS (
        DELETE FROM ledger_delta WHERE account_id = ANY (ids) RETURNING account_id, amount
    ), total AS (
        SELECT account_id, sum(amount)::bigint AS amount, count(*) AS n FROM gone GROUP BY account_id
    ), done AS (
        UPDATE ledger_account a SET balance = a.balance + t.amount FROM total t WHERE a.id = t.account_id
        RETURNING t.n
    )
    SELECT coalesce(sum(n), 0) INTO folded FROM done;
    RETURN folded;
END $$;
