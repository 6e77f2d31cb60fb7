-- The net under the actions: a unit that is no longer in a public pool is found nowhere, whoever changed it.
CREATE FUNCTION unit_search_follows_unit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM unit_search s USING changed c
     WHERE s.unit_id = c.id AND c.status NOT IN ('INCUBATION', 'STAR', 'WARNING');
    RETURN NULL;
END $$;
CREATE TRIGGER unit_search_follows_unit AFTER UPDATE ON trust_units_trustunit
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION unit_search_follows_unit();
