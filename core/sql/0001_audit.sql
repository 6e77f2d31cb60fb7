-- The audit: append-only, chained per object, partitioned by month (Asia/Shanghai). Nobody updates or deletes a row.
CREATE TABLE audit_event (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    at            timestamptz NOT NULL,
    verb          text        NOT NULL CHECK (length(verb) BETWEEN 3 AND 60),
    object_type   text        NOT NULL,
    object_id     text        NOT NULL,
    seq           integer     NOT NULL,
    actor_kind    smallint    NOT NULL,
    actor_id      bigint,
    acting_role   text        NOT NULL DEFAULT '',
    ip            inet,
    request_id    text        NOT NULL DEFAULT '',
    facts         jsonb       NOT NULL,
    previous_hash bytea       NOT NULL,
    hash          bytea       NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_event_object ON audit_event (object_type, object_id, id DESC);
CREATE INDEX audit_event_at ON audit_event USING brin (at);
CREATE INDEX audit_event_actor ON audit_event (actor_kind, actor_id, id DESC);

-- Where each object's chain stands; the row is the lock that keeps two writers in order.
CREATE TABLE audit_head (
    object_type text    NOT NULL,
    object_id   text    NOT NULL,
    seq         integer NOT NULL,
    hash        bytea   NOT NULL,
    PRIMARY KEY (object_type, object_id)
) WITH (fillfactor = 70);

CREATE FUNCTION core_no_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION core_no_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION core_no_change();

-- Makes the monthly partitions of the audit from `since` on; a missing month fails loud, there is no default one.
CREATE FUNCTION audit_ensure_partitions(since date, months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first_day date;
    made integer := 0;
    part text;
BEGIN
    FOR n IN 0 .. months LOOP
        first_day := (date_trunc('month', since) + make_interval(months => n))::date;
        part := 'audit_event_' || to_char(first_day, 'YYYYMM');
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.audit_event FOR VALUES FROM (%L) TO (%L)', part,
            first_day::timestamp AT TIME ZONE 'Asia/Shanghai',
            (first_day + interval '1 month') AT TIME ZONE 'Asia/Shanghai');
        -- TRUNCATE triggers are not inherited: without this one a partition could be emptied past the parent's.
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION public.core_no_change()', part);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.%I FROM yfs_app', part);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION audit_hash(previous bytea, seq integer, at timestamptz, verb text, object_type text, object_id text,
                           actor_kind smallint, actor_id bigint, acting_role text, facts jsonb)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256('\x01'::bytea || previous || int4send(seq) || int8send((extract(epoch FROM at) * 1000000)::bigint)
        || convert_to(jsonb_build_array(verb, object_type, object_id, actor_kind, actor_id, acting_role, facts)::text, 'UTF8'))
$$;

CREATE FUNCTION audit_record(p_verb text, p_object_type text, p_object_id text, p_actor_kind smallint, p_actor_id bigint,
                             p_acting_role text, p_ip inet, p_request_id text, p_facts jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head audit_head;
    v_at timestamptz;
    v_hash bytea;
    v_id bigint;
BEGIN
    INSERT INTO audit_head VALUES (p_object_type, p_object_id, 0, ''::bytea) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_head
     WHERE object_type = p_object_type AND object_id = p_object_id FOR NO KEY UPDATE;
    v_at := clock_timestamp();
    v_hash := audit_hash(head.hash, head.seq + 1, v_at, p_verb, p_object_type, p_object_id, p_actor_kind, p_actor_id,
                         p_acting_role, p_facts);
    INSERT INTO audit_event (at, verb, object_type, object_id, seq, actor_kind, actor_id, acting_role, ip, request_id,
                             facts, previous_hash, hash)
    VALUES (v_at, p_verb, p_object_type, p_object_id, head.seq + 1, p_actor_kind, p_actor_id, p_acting_role, p_ip,
            p_request_id, p_facts, head.hash, v_hash)
    RETURNING id INTO v_id;
    UPDATE audit_head SET seq = head.seq + 1, hash = v_hash
     WHERE object_type = p_object_type AND object_id = p_object_id;
    RETURN v_id;
END $$;

-- Chains that do not add up; empty when all is well.
CREATE FUNCTION audit_verify() RETURNS TABLE (object_type text, object_id text, seq integer, problem text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH chain AS (
        SELECT e.*, lag(e.hash, 1, ''::bytea) OVER w AS before, lag(e.seq, 1, 0) OVER w AS before_seq
          FROM audit_event e WINDOW w AS (PARTITION BY e.object_type, e.object_id ORDER BY e.seq)
    ), ends AS (
        SELECT e.object_type, e.object_id, max(e.seq) AS last FROM audit_event e GROUP BY 1, 2
    )
    SELECT c.object_type, c.object_id, c.seq, 'gap' FROM chain c WHERE c.seq <> c.before_seq + 1
    UNION ALL
    SELECT c.object_type, c.object_id, c.seq, 'hash' FROM chain c
     WHERE c.previous_hash <> c.before OR c.hash <> audit_hash(c.previous_hash, c.seq, c.at, c.verb, c.object_type,
           c.object_id, c.actor_kind, c.actor_id, c.acting_role, c.facts)
    UNION ALL
    SELECT h.object_type, h.object_id, h.seq, 'tail' FROM audit_head h
      LEFT JOIN ends USING (object_type, object_id) WHERE ends.last IS DISTINCT FROM h.seq
$$;

REVOKE ALL ON audit_event, audit_head FROM yfs_app;
GRANT SELECT ON audit_event, audit_head TO yfs_app, yfs_ro;
REVOKE ALL ON FUNCTION audit_record(text, text, text, smallint, bigint, text, inet, text, jsonb),
                       audit_ensure_partitions(date, integer), audit_verify() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_record(text, text, text, smallint, bigint, text, inet, text, jsonb),
                          audit_ensure_partitions(date, integer), audit_verify(),
                          audit_hash(bytea, integer, timestamptz, text, text, text, smallint, bigint, text, jsonb)
   TO yfs_app, yfs_ro;
SELECT audit_ensure_partitions((now() - interval '3 months')::date, 15);
