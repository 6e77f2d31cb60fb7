-- Returns held money to the card. False when it was returned before; raises LG008 when it was captured.
CREATE FUNCTION ledger_void(p_hold bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    h ledger_hold;
BEGIN
    SELECT * INTO h FROM ledger_hold WHERE id = p_hold FOR UPDATE;
    IF NOT FOUND OR h.state = 1 THEN
        RAISE EXCEPTION 'hold % is not open', p_hold USING ERRCODE = 'LG008';
    ELSIF h.state = 2 THEN
        RETURN false;
    END IF;
    UPDATE ledger_hold SET state = 2, captured_amount = 0, resolved_at = clock_timestamp() WHERE id = p_hold;
    UPDATE ledger_account SET held = held - h.amount WHERE id = h.account_id;
    RETURN true;
END $$;
