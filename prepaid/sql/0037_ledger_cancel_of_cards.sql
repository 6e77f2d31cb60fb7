-- Stops the instalments of many cards that fall due on or after a day and have not run, in one statement.
CREATE FUNCTION ledger_cancel_of_cards(p_cards bigint[], p_from date, OUT n integer, OUT amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_instalment i
    WHERE i.account_id = ANY (p_cards) AND i.due_on >= p_from AND i.state IN (0, 2, 3)
    ORDER BY i.account_id, i.no FOR UPDATE;
    WITH gone AS (
        UPDATE ledger_instalment i SET state = 4
        WHERE i.account_id = ANY (p_cards) AND i.due_on >= p_from AND i.state IN (0, 2, 3)
        RETURNING i.amount)
    SELECT count(*), coalesce(sum(gone.amount), 0) INTO n, amount FROM gone;
END $$;
