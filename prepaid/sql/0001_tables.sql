-- The escrow ledger: one immutable row per movement of money, whole fen.
-- Codes of kinds, accounts and references: docs/architecture.md; they are never reused.
-- One CHECK a table: PostgreSQL parses each anew for every single-row statement, which is most of what a posting
-- costs. The codes of a movement are checked by the functions, the only writers.

CREATE TABLE ledger_account (
    id          bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000) PRIMARY KEY,
    owner_id    bigint NOT NULL,
    balance     bigint NOT NULL DEFAULT 0,
    held        bigint NOT NULL DEFAULT 0,
    seq         bigint NOT NULL DEFAULT 0,
    min_balance bigint,
    last_at     timestamptz NOT NULL DEFAULT '-infinity',
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind        smallint NOT NULL,
    status      smallint NOT NULL DEFAULT 0,
    hot         boolean NOT NULL,
    head        bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    CHECK (held >= 0 AND (min_balance IS NULL OR balance - held >= min_balance)),
    UNIQUE (kind, owner_id)
) WITH (fillfactor = 60);   -- no index on a changing column, so card updates stay in their page
COMMENT ON TABLE ledger_account IS
    'balance = credits - debits; of a hot account the unfolded ledger_delta rows belong to it too. status 1 = frozen';

CREATE SEQUENCE ledger_transfer_id_seq;

CREATE TABLE ledger_transfer (
    id           bigint NOT NULL,
    posted_at    timestamptz NOT NULL,
    debit        bigint NOT NULL,
    credit       bigint NOT NULL,
    amount       bigint NOT NULL,
    card_seq     bigint NOT NULL,
    card_balance bigint,
    ref_id       bigint NOT NULL,
    reverses     bigint,
    actor_id     bigint,
    biz_date     date NOT NULL,
    kind         smallint NOT NULL,
    ref_type     smallint NOT NULL,
    actor_kind   smallint NOT NULL,
    hash         bytea NOT NULL,
    PRIMARY KEY (id, posted_at),
    CHECK (amount > 0 AND debit <> credit)
) PARTITION BY RANGE (posted_at);
CREATE INDEX ledger_transfer_debit ON ledger_transfer (debit, id);
CREATE INDEX ledger_transfer_credit ON ledger_transfer (credit, id);
COMMENT ON COLUMN ledger_transfer.card_seq IS
    'place in the hash chain of the chained account (see ledger_chain): the card, else the clearing account';
COMMENT ON COLUMN ledger_transfer.card_balance IS
    'balance of the card after this movement; NULL where no card takes part';

CREATE TABLE ledger_idempotency (
    client_id   integer NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    transfer_id bigint,
    hold_id     bigint,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client_id, key)
);

CREATE TABLE ledger_delta (
    account_id  bigint NOT NULL,
    amount      bigint NOT NULL,
    transfer_id bigint NOT NULL
) WITH (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX ledger_delta_account ON ledger_delta (account_id);

CREATE TABLE ledger_hold (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id           bigint NOT NULL REFERENCES ledger_account,
    amount               bigint NOT NULL CHECK (amount > 0),
    captured_amount      bigint CHECK (captured_amount >= 0),
    ref_id               bigint NOT NULL,
    resolved_transfer_id bigint UNIQUE,
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at           timestamptz,
    resolved_at          timestamptz,
    ref_type             smallint NOT NULL CHECK (ref_type BETWEEN 1 AND 7),
    state                smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    CHECK ((state = 0) = (resolved_at IS NULL)),
    CHECK ((state = 1) = (resolved_transfer_id IS NOT NULL))
);
CREATE INDEX ledger_hold_open ON ledger_hold (account_id) WHERE state = 0;
CREATE INDEX ledger_hold_expiry ON ledger_hold (expires_at) WHERE state = 0;

CREATE TABLE ledger_instalment (
    account_id       bigint NOT NULL REFERENCES ledger_account,
    payee_account_id bigint NOT NULL,
    amount           bigint NOT NULL CHECK (amount > 0),
    transfer_id      bigint,
    no               integer NOT NULL CHECK (no > 0),
    due_on           date NOT NULL,
    state            smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),
    PRIMARY KEY (account_id, no),
    CHECK ((state = 1) = (transfer_id IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX ledger_instalment_due ON ledger_instalment (due_on, account_id) WHERE state = 0;
CREATE INDEX ledger_instalment_suspended ON ledger_instalment (payee_account_id) WHERE state = 2;

CREATE TABLE ledger_reversal (
    original_id bigint PRIMARY KEY,
    reversal_id bigint NOT NULL UNIQUE
);

CREATE TABLE ledger_seal (
    biz_date    date PRIMARY KEY,
    n           bigint NOT NULL,
    amount_sum  bigint NOT NULL,
    merkle_root bytea NOT NULL,
    prev_root   bytea NOT NULL,
    sealed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    signature   bytea
);

CREATE VIEW ledger_entry AS
SELECT id AS transfer_id, posted_at, biz_date, kind, debit AS account_id, credit AS counter_id, -amount AS amount,
       ref_type, ref_id
FROM ledger_transfer
UNION ALL
SELECT id, posted_at, biz_date, kind, credit, debit, amount, ref_type, ref_id
FROM ledger_transfer;

CREATE TYPE ledger_receipt AS (
    transfer_id bigint, posted_at timestamptz, card_balance bigint, replayed boolean
);

-- One of each for the whole platform; their id is their kind, so no look-up is needed.
INSERT INTO ledger_account (id, kind, owner_id, hot) OVERRIDING SYSTEM VALUE
SELECT k, k, 0, true FROM unnest(ARRAY[10, 40, 41, 50, 60]) AS k;
