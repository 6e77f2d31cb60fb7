-- Stops releases to a merchant and its settlement (refunds still run), or lets them run again. Safe to repeat.
-- Its due instalments are set aside by the batch when it meets them; lifting the freeze brings them back.
CREATE FUNCTION ledger_set_merchant_frozen(p_payee bigint, p_frozen boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT p_frozen THEN
        PERFORM 1 FROM ledger_instalment WHERE payee_account_id = p_payee AND state = 2
        ORDER BY account_id, no FOR UPDATE;
    END IF;
    -- a settlement in flight ends before the freeze does; the next one sees it
    UPDATE ledger_account SET status = p_frozen::integer WHERE id = p_payee AND kind = 30;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown merchant account' USING ERRCODE = 'LG004';
    END IF;
    IF NOT p_frozen THEN
        UPDATE ledger_instalment i SET state = 0 FROM ledger_account a
        WHERE i.payee_account_id = p_payee AND i.state = 2 AND a.id = i.account_id AND a.status = 0;
    END IF;
END $$;
