-- Which account kinds a transfer kind runs between: debit kind * 100 + credit kind; NULL for no such kind.
CREATE FUNCTION ledger_flow(kind integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 1 THEN 1020    -- PREPAY
        WHEN 2 THEN 2030    -- RELEASE_VISIT
        WHEN 3 THEN 2030    -- RELEASE_PERIOD
        WHEN 5 THEN 2040    -- REFUND
        WHEN 6 THEN 4010    -- REFUND_PAID
        WHEN 8 THEN 3041    -- SETTLE
        WHEN 9 THEN 4110    -- PAYOUT
        WHEN 10 THEN 3020   -- REVERSAL
        WHEN 11 THEN 1050   -- SUSPENSE_IN
        WHEN 12 THEN 5010   -- SUSPENSE_OUT
        WHEN 13 THEN 4130   -- SETTLE_RETURNED
    END
$$;
