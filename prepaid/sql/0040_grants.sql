-- The application reads every ledger table and writes none: money moves through the functions only.
REVOKE ALL ON ledger_account, ledger_transfer, ledger_idempotency, ledger_delta, ledger_hold, ledger_instalment,
    ledger_reversal, ledger_seal, ledger_entry FROM PUBLIC, yfs_app;
GRANT SELECT ON ledger_account, ledger_transfer, ledger_idempotency, ledger_delta, ledger_hold, ledger_instalment,
    ledger_reversal, ledger_seal, ledger_entry TO yfs_app, yfs_ro;
REVOKE ALL ON SEQUENCE ledger_transfer_id_seq, ledger_account_id_seq, ledger_hold_id_seq FROM PUBLIC, yfs_app;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\_%' LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, yfs_app', f);
        IF (SELECT p.prosecdef FROM pg_proc p WHERE p.oid = f) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yfs_app', f);
        ELSIF (SELECT p.provolatile IN ('i', 's') FROM pg_proc p WHERE p.oid = f) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yfs_app, yfs_ro', f);
        END IF;
    END LOOP;
END $$;
SELECT ledger_ensure_partitions(12, 3);
