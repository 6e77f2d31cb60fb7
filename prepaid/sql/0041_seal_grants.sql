-- As for the rest of the ledger: the application reads the seals and writes through functions.
REVOKE ALL ON ledger_seal_node FROM PUBLIC, yfs_app;
GRANT SELECT ON ledger_seal_node TO yfs_app, yfs_ro;
REVOKE ALL ON FUNCTION ledger_seal_next, ledger_seal_nodes, ledger_seal_close, ledger_proof FROM PUBLIC, yfs_app;
GRANT EXECUTE ON FUNCTION ledger_seal_next, ledger_seal_nodes, ledger_seal_close TO yfs_app;
GRANT EXECUTE ON FUNCTION ledger_proof TO yfs_app, yfs_ro;
