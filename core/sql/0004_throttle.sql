-- Counters of anonymous API calls. Unlogged: a crash forgets them, which costs nobody anything.
CREATE UNLOGGED TABLE core_throttle (
    key text NOT NULL, slot bigint NOT NULL, hits integer NOT NULL, PRIMARY KEY (key, slot)
);
