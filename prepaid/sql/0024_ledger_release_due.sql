-- Releases one chunk of due instalments to their merchants, at most one a card; a caller repeats it, each call in
-- its own transaction, until released + set_aside is 0. Rows that others hold are skipped, not waited for.
-- Frozen ones are suspended and uncovered ones become exceptions, so neither blocks the head of the line.
CREATE FUNCTION ledger_release_due(
    p_asof date, p_chunk integer, p_shard integer, p_shards integer,
    p_actor_kind integer, p_actor_id bigint, p_biz_date date,
    OUT released integer, OUT amount bigint, OUT set_aside integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cards bigint[];
    nos integer[];
    at timestamptz;
    biz date;
BEGIN
    IF current_setting('synchronous_commit') <> 'on' THEN
        RAISE EXCEPTION 'money moves only with synchronous_commit = on' USING ERRCODE = 'LG010';
    END IF;
    SELECT array_agg(d.account_id), array_agg(d.no) INTO cards, nos FROM (
        SELECT l.account_id, min(l.no) AS no FROM (
            SELECT i.account_id, i.no FROM ledger_instalment i
            WHERE i.state = 0 AND i.due_on <= p_asof AND (p_shards = 1 OR i.account_id % p_shards = p_shard)
            ORDER BY i.due_on, i.account_id LIMIT p_chunk FOR UPDATE SKIP LOCKED) l
        GROUP BY l.account_id) d;
    SELECT array_agg(c.id), array_agg(c.no) INTO cards, nos FROM (
        SELECT a.id, p.no FROM unnest(cards, nos) AS p(account_id, no)
        JOIN ledger_account a ON a.id = p.account_id ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED) c;
    at := clock_timestamp();
    biz := coalesce(p_biz_date, (at AT TIME ZONE 'Asia/Shanghai')::date);
    IF EXISTS (SELECT FROM ledger_seal s
               WHERE s.biz_date >= biz OR s.biz_date >= (at AT TIME ZONE 'Asia/Shanghai')::date)
       OR biz NOT BETWEEN at::date - 1100 AND at::date + 1100 THEN
        RAISE EXCEPTION 'business date % is sealed or out of range', biz USING ERRCODE = 'LG007';
    END IF;
    -- a new statement: it sees the rows as they are now that they are locked
    WITH picked AS MATERIALIZED (
        SELECT i.account_id, i.no, i.payee_account_id AS payee, i.amount AS fen, a.seq + 1 AS seq, a.head,
               a.balance - i.amount AS card_balance, greatest(at, a.last_at) AS posted_at,
               CASE WHEN a.status = 1 OR p.status = 1 THEN 2
                    WHEN a.balance - a.held < i.amount THEN 3 ELSE 1 END AS verdict
        FROM unnest(cards, nos) AS c(account_id, no)
        JOIN ledger_instalment i ON i.account_id = c.account_id AND i.no = c.no
        JOIN ledger_account a ON a.id = c.account_id
        JOIN ledger_account p ON p.id = i.payee_account_id
    ), numbered AS MATERIALIZED (
        SELECT picked.*, CASE WHEN verdict = 1 THEN nextval('ledger_transfer_id_seq') END AS id FROM picked
    ), chained AS MATERIALIZED (
        SELECT numbered.*, ledger_hash(head, id, posted_at, 3, account_id, payee, fen, seq, card_balance,
                                       3, no, NULL, p_actor_kind, p_actor_id, biz) AS hash
        FROM numbered WHERE verdict = 1
    ), accounts AS (
        UPDATE ledger_account a
        SET balance = c.card_balance, seq = c.seq, head = c.hash, last_at = c.posted_at
        FROM chained c WHERE a.id = c.account_id
    ), instalments AS (
        UPDATE ledger_instalment i SET state = n.verdict, transfer_id = n.id
        FROM numbered n WHERE i.account_id = n.account_id AND i.no = n.no
    ), transfers AS (
        INSERT INTO ledger_transfer (id, posted_at, kind, debit, credit, amount, card_seq, card_balance,
                                     ref_type, ref_id, actor_kind, actor_id, biz_date, hash)
        SELECT id, posted_at, 3, account_id, payee, fen, seq, card_balance, 3, no, p_actor_kind, p_actor_id, biz, hash
        FROM chained
    ), deltas AS (
        INSERT INTO ledger_delta (account_id, amount, transfer_id)
        SELECT payee, sum(fen), max(id) FROM chained GROUP BY payee
    )
    SELECT count(*) FILTER (WHERE verdict = 1), coalesce(sum(fen) FILTER (WHERE verdict = 1), 0),
           count(*) FILTER (WHERE verdict <> 1)
    INTO released, amount, set_aside FROM numbered;
END $$;
