-- Moves the instalments of a card that have not run and fall due on or after a day: a pause shifts the term.
CREATE FUNCTION ledger_shift_instalments(p_account bigint, p_days integer, p_from date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    moved integer;
BEGIN
    PERFORM 1 FROM ledger_instalment WHERE account_id = p_account ORDER BY no FOR UPDATE;
    UPDATE ledger_instalment SET due_on = due_on + p_days
    WHERE account_id = p_account AND due_on >= p_from AND state IN (0, 2);
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;
