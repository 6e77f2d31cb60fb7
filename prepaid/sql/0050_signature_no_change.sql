-- A signature says what was agreed to and when: nobody may write it anew, not even the owner.
CREATE FUNCTION signature_no_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: signatures are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON prepaid_signature
    FOR EACH ROW EXECUTE FUNCTION signature_no_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON prepaid_signature
    FOR EACH STATEMENT EXECUTE FUNCTION signature_no_change();
REVOKE UPDATE, DELETE, TRUNCATE ON prepaid_signature FROM PUBLIC, yfs_app;
