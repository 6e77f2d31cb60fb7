-- Behind the grants: not even the owner rewrites history.
CREATE FUNCTION ledger_no_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_reversal
    FOR EACH ROW EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_reversal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_change BEFORE UPDATE ON ledger_idempotency
    FOR EACH ROW EXECUTE FUNCTION ledger_no_change();
-- Keys may be pruned once no court or dispute can need them.
CREATE TRIGGER no_early_prune BEFORE DELETE ON ledger_idempotency
    FOR EACH ROW WHEN (OLD.created_at > now() - interval '400 days') EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_idempotency
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_no_change();
