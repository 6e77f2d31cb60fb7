-- What a request asked for, so that the same key with another body is noticed. Who asked and when are left out:
-- a retry by the outbox on the next day is the same request.
CREATE FUNCTION ledger_fingerprint(
    request integer, a bigint, b bigint, c bigint, d bigint, ref_type integer, ref_id bigint
) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(int8send(request::bigint) || int8send(coalesce(a, -1)) || int8send(coalesce(b, -1))
                  || int8send(coalesce(c, -1)) || int8send(coalesce(d, -1))
                  || int8send(coalesce(ref_type, -1)::bigint) || int8send(coalesce(ref_id, -1)))
$$;
