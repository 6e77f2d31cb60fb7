-- The one canonical encoding of a transfer: version byte, previous hash, every field as int8 big-endian
-- (posted_at as microseconds UTC since 1970, biz_date as days since 1970, NULL as int8's minimum).
CREATE FUNCTION ledger_hash(
    prev bytea, id bigint, posted_at timestamptz, kind integer, debit bigint, credit bigint, amount bigint,
    card_seq bigint, card_balance bigint, ref_type integer, ref_id bigint, reverses bigint,
    actor_kind integer, actor_id bigint, biz_date date
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(
        '\x01'::bytea || prev || int8send(id) || int8send((extract(epoch FROM posted_at) * 1000000)::bigint)
        || int8send(kind::bigint) || int8send(debit) || int8send(credit) || int8send(amount)
        || int8send(card_seq) || int8send(coalesce(card_balance, -9223372036854775808))
        || int8send(ref_type::bigint) || int8send(ref_id) || int8send(coalesce(reverses, -9223372036854775808))
        || int8send(actor_kind::bigint) || int8send(coalesce(actor_id, -9223372036854775808))
        || int8send((biz_date - '1970-01-01'::date)::bigint))
$$;
