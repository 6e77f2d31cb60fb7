-- Takes ciphertexts, hashes of secrets and search indexes of personal data away from the reading role yfs_ro.
-- Called by the migrations that add such columns; safe to repeat.
CREATE FUNCTION core_hide_personal_columns() RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    hidden constant text := '(_ct|_idx)$|^(password|pin|code_hash|token_hash|phone_last4|client_secret|token)$';
    t record;
    done integer := 0;
BEGIN
    FOR t IN
        SELECT c.table_name, string_agg(quote_ident(c.column_name), ', ' ORDER BY c.ordinal_position)
                             FILTER (WHERE c.column_name !~ hidden) AS open_columns
          FROM information_schema.columns c
          JOIN information_schema.tables b USING (table_schema, table_name)
         WHERE c.table_schema = 'public' AND b.table_type = 'BASE TABLE'
         GROUP BY c.table_name
        HAVING bool_or(c.column_name ~ hidden)
    LOOP
        EXECUTE format('REVOKE SELECT ON public.%I FROM yfs_ro', t.table_name);
        EXECUTE format('GRANT SELECT (%s) ON public.%I TO yfs_ro', t.open_columns, t.table_name);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;
SELECT core_hide_personal_columns();
