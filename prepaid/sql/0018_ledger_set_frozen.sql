-- Freezes a card against its merchant only (refunds still run), and its instalments with it. Safe to repeat.
-- Instalments first, card second: the lock order of the batch.
CREATE FUNCTION ledger_set_frozen(p_account bigint, p_frozen boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_instalment WHERE account_id = p_account AND state IN (0, 2) ORDER BY no FOR UPDATE;
    UPDATE ledger_account SET status = p_frozen::integer WHERE id = p_account AND kind = 20;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown card' USING ERRCODE = 'LG004';
    END IF;
    IF p_frozen THEN
        UPDATE ledger_instalment SET state = 2 WHERE account_id = p_account AND state = 0;
    ELSE
        UPDATE ledger_instalment i SET state = 0 FROM ledger_account p
        WHERE i.account_id = p_account AND i.state = 2 AND p.id = i.payee_account_id AND p.status = 0;
    END IF;
END $$;
