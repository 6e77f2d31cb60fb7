-- What proves a movement, read in one go: the hash before it in its chain, the hashes of its block of 32, its place
-- there, and the nodes beside the way from the block up to the root. Without a block while its day is not sealed.
CREATE FUNCTION ledger_proof(
    p_id bigint, p_posted_at timestamptz, p_chain bigint, p_card_seq bigint,
    OUT day date, OUT prev bytea, OUT block integer, OUT place integer, OUT block_hashes bytea, OUT beside bytea
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    first bigint;
    day_start timestamptz;
    day_end timestamptz;
BEGIN
    day := (p_posted_at AT TIME ZONE 'Asia/Shanghai')::date;
    day_start := day::timestamp AT TIME ZONE 'Asia/Shanghai';
    day_end := (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
    prev := decode(repeat('00', 32), 'hex');
    IF p_card_seq > 1 THEN
        SELECT x.hash INTO prev FROM public.ledger_transfer x
        WHERE x.debit = p_chain AND x.card_seq = p_card_seq - 1 AND x.posted_at <= p_posted_at
          AND public.ledger_chain(x.kind, x.debit, x.credit) = p_chain
        UNION ALL
        SELECT x.hash FROM public.ledger_transfer x
        WHERE x.credit = p_chain AND x.card_seq = p_card_seq - 1 AND x.posted_at <= p_posted_at
          AND public.ledger_chain(x.kind, x.debit, x.credit) = p_chain
        LIMIT 1;
    END IF;
    SELECT n.idx, n.first_id INTO block, first FROM public.ledger_seal_node n
    WHERE n.biz_date = day AND n.level = 5 AND n.first_id <= p_id ORDER BY n.first_id DESC LIMIT 1;
    IF FOUND THEN
        SELECT string_agg(x.hash, ''::bytea ORDER BY x.id), count(*) FILTER (WHERE x.id < p_id)
        INTO block_hashes, place
        FROM (SELECT y.id, y.hash FROM public.ledger_transfer y
              WHERE y.id >= first AND y.posted_at >= day_start AND y.posted_at < day_end ORDER BY y.id LIMIT 32) x;
        SELECT string_agg(n.hash, ''::bytea ORDER BY n.level) INTO beside
        FROM generate_series(5, 35) AS l(level) JOIN public.ledger_seal_node n
          ON n.biz_date = day AND n.level = l.level AND n.idx = ((block >> (l.level - 5)) # 1);
    END IF;
END $$;
