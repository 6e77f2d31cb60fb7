-- Sends the instalments of a card that have not run to another merchant: its issuer was replaced.
-- Those a freeze of the old merchant suspended run again, unless the card or the new merchant is frozen.
CREATE FUNCTION ledger_redirect_instalments(p_card bigint, p_payee bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    frozen boolean;
    moved integer;
BEGIN
    PERFORM 1 FROM ledger_instalment i WHERE i.account_id = p_card ORDER BY i.no FOR UPDATE;
    SELECT c.status = 1 OR p.status = 1 INTO frozen FROM ledger_account c, ledger_account p
    WHERE c.id = p_card AND c.kind = 20 AND p.id = p_payee AND p.kind = 30 FOR NO KEY UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown card or merchant account' USING ERRCODE = 'LG004';
    END IF;
    UPDATE ledger_instalment i
    SET payee_account_id = p_payee, state = CASE WHEN i.state IN (0, 2) THEN frozen::int * 2 ELSE i.state END
    WHERE i.account_id = p_card AND i.state <> 1;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;
