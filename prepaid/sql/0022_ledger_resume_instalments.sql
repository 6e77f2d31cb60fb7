-- Puts cancelled or failed instalments that fall due on or after a day back in line
-- (suspended while the card or its merchant is frozen).
CREATE FUNCTION ledger_resume_instalments(p_account bigint, p_from date, OUT n integer, OUT amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    card_status integer;
BEGIN
    PERFORM 1 FROM ledger_instalment i WHERE i.account_id = p_account ORDER BY i.no FOR UPDATE;
    SELECT a.status INTO card_status FROM ledger_account a WHERE a.id = p_account FOR NO KEY UPDATE;
    WITH back AS (
        UPDATE ledger_instalment i
        SET state = CASE WHEN card_status = 1 OR p.status = 1 THEN 2 ELSE 0 END
        FROM ledger_account p
        WHERE i.account_id = p_account AND i.due_on >= p_from AND i.state IN (3, 4) AND p.id = i.payee_account_id
        RETURNING i.amount)
    SELECT count(*), coalesce(sum(back.amount), 0) INTO n, amount FROM back;
END $$;
