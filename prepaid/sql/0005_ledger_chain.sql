-- The account whose hash chain a transfer extends: the card, else the clearing or suspense account.
CREATE FUNCTION ledger_chain(kind integer, debit bigint, credit bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN kind IN (1, 8, 10, 11) THEN credit ELSE debit END
$$;
