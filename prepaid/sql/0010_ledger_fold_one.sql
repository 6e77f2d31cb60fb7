-- Locks a hot account, folds its deltas into its row and returns the exact balance. Every debit that must not
-- take a hot account below zero comes through here, so two of them cannot both see the same money.
CREATE FUNCTION ledger_fold_one(p_account bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    PERFORM 1 FROM public.ledger_account WHERE id = p_account FOR NO KEY UPDATE;
    WITH gone AS (DELETE FROM public.ledger_delta WHERE account_id = p_account RETURNING amount)
    SELECT coalesce(sum(amount), 0)::bigint INTO total FROM gone;
    UPDATE public.ledger_account SET balance = balance + total WHERE id = p_account
    RETURNING balance INTO total;
    RETURN total;
END $$;
