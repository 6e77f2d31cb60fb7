-- Writes the instalments of a card; returns how many are new. The same rows again change nothing;
-- another date, payee or amount under a used number raises LG001. On a frozen card they start suspended.
CREATE FUNCTION ledger_schedule(
    p_account bigint, p_payee bigint, p_nos integer[], p_due_on date[], p_amounts bigint[]
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    card_status integer;
    made integer;
BEGIN
    SELECT c.status INTO card_status FROM ledger_account c, ledger_account p
    WHERE c.id = p_account AND c.kind = 20 AND p.id = p_payee AND p.kind = 30 FOR NO KEY UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown card or merchant account' USING ERRCODE = 'LG004';
    ELSIF cardinality(p_nos) <> cardinality(p_due_on) OR cardinality(p_nos) <> cardinality(p_amounts)
          OR EXISTS (SELECT FROM unnest(p_amounts) AS x WHERE x IS NULL OR x NOT BETWEEN 1 AND 1000000000000000) THEN
        RAISE EXCEPTION 'bad instalments' USING ERRCODE = 'LG005';
    END IF;
    INSERT INTO ledger_instalment (account_id, no, payee_account_id, due_on, amount, state)
    SELECT p_account, n.no, p_payee, n.due_on, n.amount, card_status * 2
    FROM unnest(p_nos, p_due_on, p_amounts) AS n(no, due_on, amount)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    IF EXISTS (
        SELECT FROM unnest(p_nos, p_due_on, p_amounts) AS n(no, due_on, amount)
        JOIN ledger_instalment i ON i.account_id = p_account AND i.no = n.no
        WHERE (i.payee_account_id, i.due_on, i.amount) IS DISTINCT FROM (p_payee, n.due_on, n.amount)) THEN
        RAISE EXCEPTION 'an instalment number is used already' USING ERRCODE = 'LG001';
    END IF;
    RETURN made;
END $$;
