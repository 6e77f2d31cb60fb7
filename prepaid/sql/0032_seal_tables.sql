-- What a proof needs beside the root: the day's key, the hash over this and every earlier seal, and the upper nodes
-- of the tree. A node of level 5 stands over 32 movements; those below are computed again from the movements.
ALTER TABLE ledger_seal ADD COLUMN kid text, ADD COLUMN public_key bytea, ADD COLUMN head bytea;

CREATE TABLE ledger_seal_node (
    biz_date date NOT NULL,
    level    smallint NOT NULL CHECK (level >= 5),
    idx      integer NOT NULL,
    first_id bigint CHECK ((first_id IS NULL) = (level > 5)),
    hash     bytea NOT NULL,
    PRIMARY KEY (biz_date, level, idx)
);
CREATE UNIQUE INDEX ledger_seal_block ON ledger_seal_node (biz_date, first_id) INCLUDE (idx) WHERE level = 5;
CREATE INDEX ledger_transfer_posted ON ledger_transfer USING brin (posted_at) WITH (pages_per_range = 32);

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_seal_node
    FOR EACH ROW EXECUTE FUNCTION ledger_no_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_seal_node
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_no_change();
