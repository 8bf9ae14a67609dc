"""For tests that empty the tables after themselves."""

from django.db import connection


def allow_truncate() -> None:
    """Let this database's event tables be emptied as a whole. Changing and deleting rows is refused as ever."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER events_event_no_truncate")
        cursor.execute("ALTER TABLE events_eventdetail DISABLE TRIGGER events_eventdetail_no_truncate")
