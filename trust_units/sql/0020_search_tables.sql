-- What the public searches: one row for each unit that anybody may find, kept in the transaction of its unit.
-- unit_id is no foreign key, since unit_search_rebuild() replaces the table; unit_search_follows_unit is the net.
-- Never install intarray: its @> would shadow the built-in one and leave the GIN indexes unused.
CREATE TABLE unit_search (
    unit_id      bigint NOT NULL,
    rank_no      integer NOT NULL,
    code         text NOT NULL,
    name         text NOT NULL,
    sign_name    text NOT NULL,
    address      text NOT NULL,
    region_code  integer NOT NULL,
    industry     smallint NOT NULL,
    stars        smallint NOT NULL,
    flags        smallint NOT NULL,
    unit_type    text NOT NULL,
    status       text NOT NULL,
    chain_id     bigint,
    lng          double precision,
    lat          double precision,
    name_norm    text NOT NULL,
    core_norm    text NOT NULL,
    sign_norm    text NOT NULL,
    addr_norm    text NOT NULL,
    py           text NOT NULL,
    initials     text NOT NULL,
    grams        integer[] NOT NULL,
    addr_grams   integer[] NOT NULL,
    py_grams     integer[] NOT NULL,
    norm_version smallint NOT NULL,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    rev          bigint NOT NULL DEFAULT 0,
    fresh        boolean NOT NULL DEFAULT true
);
CREATE SEQUENCE unit_search_rev;
ALTER TABLE unit_search ALTER COLUMN rev SET DEFAULT nextval('unit_search_rev');
ALTER TABLE unit_search ADD CONSTRAINT unit_search_pkey PRIMARY KEY (unit_id);
COMMENT ON COLUMN unit_search.region_code IS 'nine digits, zeros behind: a place is a range';
COMMENT ON COLUMN unit_search.flags IS '1 no-reason return, 2 custody, 4 mall';
COMMENT ON COLUMN unit_search.fresh IS 'written since the rebuild, so not in its place by rank';

CREATE INDEX unit_search_grams ON unit_search USING gin (grams) WITH (fastupdate = off);
CREATE INDEX unit_search_addr_grams ON unit_search USING gin (addr_grams) WITH (fastupdate = off);
CREATE INDEX unit_search_py_grams ON unit_search USING gin (py_grams) WITH (fastupdate = off);
CREATE INDEX unit_search_name ON unit_search (name_norm text_pattern_ops);
CREATE INDEX unit_search_core ON unit_search (core_norm text_pattern_ops);
CREATE INDEX unit_search_sign ON unit_search (sign_norm text_pattern_ops) WHERE sign_norm <> '';
CREATE INDEX unit_search_py ON unit_search (py text_pattern_ops);
CREATE INDEX unit_search_initials ON unit_search (initials text_pattern_ops);
CREATE INDEX unit_search_point ON unit_search USING gist (point(lng, lat));
CREATE INDEX unit_search_rank ON unit_search (rank_no, unit_id);
CREATE INDEX unit_search_region ON unit_search (region_code, rank_no);
CREATE INDEX unit_search_industry ON unit_search (industry, region_code, rank_no);
CREATE INDEX unit_search_chain ON unit_search (chain_id, rank_no) WHERE chain_id IS NOT NULL;
CREATE INDEX unit_search_fresh ON unit_search (rank_no) WHERE fresh;

-- Rows of a mass load on their way in; nobody reads it but unit_search_load().
CREATE UNLOGGED TABLE unit_search_incoming (LIKE unit_search INCLUDING DEFAULTS);

-- In how many rows a piece of text stands, as of the rebuild. kind 0 name, 1 address, 2 sound.
CREATE TABLE gram_df (
    kind smallint NOT NULL, gram integer NOT NULL, n integer NOT NULL, PRIMARY KEY (kind, gram)
);
CREATE INDEX gram_df_common ON gram_df (kind, n) WHERE n >= 500;

-- Signed counts of places (0 the country, then two, four and six digits); the sum is the count, folded every night.
CREATE TABLE facet_rollup (
    scope integer NOT NULL, industry smallint NOT NULL, stars smallint NOT NULL, flags smallint NOT NULL,
    n integer NOT NULL
);
CREATE INDEX facet_rollup_scope ON facet_rollup (scope) INCLUDE (industry, stars, flags, n);

-- Counts up with each change that a reader may see. A backend has one slot, so writers hardly wait for each other,
-- and never in a circle; the sum of what is committed only grows.
CREATE TABLE units_version (slot smallint PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO units_version SELECT slot, 0 FROM generate_series(0, 63) slot;

-- Looks at the public pages of units by day; nothing is kept about the reader.
CREATE TABLE unit_view_count (
    unit_id bigint NOT NULL, on_day date NOT NULL, n integer NOT NULL, PRIMARY KEY (unit_id, on_day)
);
