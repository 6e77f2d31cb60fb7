-- The triggers of unit_search; made again for the table that takes its place.
CREATE FUNCTION unit_search_triggers() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    CREATE TRIGGER unit_search_come AFTER INSERT ON unit_search
        REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION unit_search_counts();
    CREATE TRIGGER unit_search_changed AFTER UPDATE ON unit_search
        REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION unit_search_counts();
    CREATE TRIGGER unit_search_gone AFTER DELETE ON unit_search
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION unit_search_counts();
END $$;
SELECT unit_search_triggers();
