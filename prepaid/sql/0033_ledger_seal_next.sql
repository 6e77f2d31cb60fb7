-- The Shanghai day to be sealed next and what it follows; no row while that day is not over for 15 minutes.
-- The first is the day of the first movement; afterwards none is left out. Others who seal wait on that movement's
-- row, which nobody else locks: on a seal they would stand in the way of ledger_seal_close, which locks that table.
CREATE FUNCTION ledger_seal_next()
RETURNS TABLE (day date, prev_root bytea, prev_head bytea, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    nothing bytea := decode(repeat('00', 32), 'hex');
BEGIN
    PERFORM FROM ledger_transfer ORDER BY id LIMIT 1 FOR NO KEY UPDATE;
    RETURN QUERY
    SELECT d.next, coalesce(d.merkle_root, nothing), coalesce(d.head, nothing), clock_timestamp()
    FROM (SELECT s.biz_date + 1 AS next, s.merkle_root, s.head FROM ledger_seal s
          WHERE s.biz_date = (SELECT max(x.biz_date) FROM ledger_seal x)
          UNION ALL
          SELECT (min(t.posted_at) AT TIME ZONE 'Asia/Shanghai')::date, NULL, NULL FROM ledger_transfer t
          WHERE NOT EXISTS (SELECT FROM ledger_seal)) d
    WHERE (d.next + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' < clock_timestamp() - interval '15 minutes';
END $$;
