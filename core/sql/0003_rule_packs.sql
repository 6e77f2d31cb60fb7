-- What was law on a day stays readable as it was: a published pack never changes, only the next version ends it.
-- The loader of the shipped file may mend what it shipped (portal.shipping_rules).
CREATE FUNCTION core_rule_pack_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('portal.shipping_rules', true) = 'on' OR OLD.status <> 'PUBLISHED' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.effective_to IS NULL
       AND to_jsonb(NEW) - 'effective_to' = to_jsonb(OLD) - 'effective_to' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rule pack % is published and never changes', OLD.id USING ERRCODE = 'RP001';
END $$;

CREATE FUNCTION core_rule_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    home text := CASE TG_OP WHEN 'INSERT' THEN NEW.pack_id ELSE OLD.pack_id END;
BEGIN
    IF current_setting('portal.shipping_rules', true) IS DISTINCT FROM 'on'
       AND EXISTS (SELECT 1 FROM core_rulepack WHERE id = home AND status = 'PUBLISHED') THEN
        RAISE EXCEPTION 'rule pack % is published and never changes', home USING ERRCODE = 'RP001';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- Neither a day under two versions nor a day under none. Looked at when the transaction ends, so that closing the
-- old version and publishing the new one may come in either order.
CREATE FUNCTION core_rule_packs_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'PUBLISHED' AND NEW.family <> '' AND EXISTS (
        SELECT 1 FROM (
            SELECT effective_to, lead(effective_from) OVER (ORDER BY effective_from) AS next_from
              FROM core_rulepack WHERE family = NEW.family AND status = 'PUBLISHED'
        ) versions
        WHERE next_from IS NOT NULL AND effective_to + 1 IS DISTINCT FROM next_from
    ) THEN
        RAISE EXCEPTION 'versions of % overlap or leave a gap', NEW.family USING ERRCODE = 'RP002';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER stands BEFORE UPDATE OR DELETE ON core_rulepack FOR EACH ROW EXECUTE FUNCTION core_rule_pack_stands();
CREATE TRIGGER stands BEFORE INSERT OR UPDATE OR DELETE ON core_rule FOR EACH ROW EXECUTE FUNCTION core_rule_stands();
CREATE CONSTRAINT TRIGGER follow AFTER INSERT OR UPDATE ON core_rulepack DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION core_rule_packs_follow();
