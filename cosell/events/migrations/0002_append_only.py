"""The database itself refuses to change or remove history, whoever asks and by whatever path."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION events_only_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.value IS NULL AND NEW.salt = ''
       AND (NEW.id, NEW.event_id, NEW.key) IS NOT DISTINCT FROM (OLD.id, OLD.event_id, OLD.key) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% can only be erased: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER events_event_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_refuse();
CREATE TRIGGER events_event_no_truncate BEFORE TRUNCATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse();
CREATE TRIGGER events_eventdetail_only_erase BEFORE UPDATE ON events_eventdetail
    FOR EACH ROW EXECUTE FUNCTION events_only_erase();
CREATE TRIGGER events_eventdetail_append_only BEFORE DELETE ON events_eventdetail
    FOR EACH ROW EXECUTE FUNCTION events_refuse();
CREATE TRIGGER events_eventdetail_no_truncate BEFORE TRUNCATE ON events_eventdetail
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse();
"""

ALLOW = """
DROP TRIGGER events_eventdetail_no_truncate ON events_eventdetail;
DROP TRIGGER events_eventdetail_append_only ON events_eventdetail;
DROP TRIGGER events_eventdetail_only_erase ON events_eventdetail;
DROP TRIGGER events_event_no_truncate ON events_event;
DROP TRIGGER events_event_append_only ON events_event;
DROP FUNCTION events_only_erase();
DROP FUNCTION events_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
