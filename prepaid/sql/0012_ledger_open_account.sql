-- Opens the account of an owner (contract for a card, merchant for a payable), once; returns its id.
CREATE FUNCTION ledger_open_account(p_kind integer, p_owner bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_id bigint;
BEGIN
    SELECT id INTO found_id FROM ledger_account WHERE kind = p_kind AND owner_id = p_owner;
    IF FOUND THEN
        RETURN found_id;
    ELSIF p_kind NOT IN (10, 20, 30, 31, 40, 41, 50, 60) THEN
        RAISE EXCEPTION 'unknown kind of account %', p_kind USING ERRCODE = 'LG011';
    END IF;
    INSERT INTO ledger_account (kind, owner_id, hot, min_balance)
    VALUES (p_kind, p_owner, p_kind <> 20, CASE WHEN p_kind = 20 THEN 0 END)
    ON CONFLICT DO NOTHING RETURNING id INTO found_id;
    IF found_id IS NULL THEN
        SELECT id INTO STRICT found_id FROM ledger_account WHERE kind = p_kind AND owner_id = p_owner;
    END IF;
    RETURN found_id;
END $$;
