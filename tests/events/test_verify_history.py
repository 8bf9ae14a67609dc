"""The register one can trust: whoever tampers with it, with every right in the database, is found."""

import uuid
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from cosell.events.chain import Counts, details_naming, erase_details, problems
from cosell.events.models import Event, EventDetail
from tests.events.conftest import Record

pytestmark = pytest.mark.django_db
STREAM = f"engagement:{uuid.UUID(int=7)}"


@pytest.fixture
def history(happen: Record) -> list[Event]:
    happen()
    return [
        happen(STREAM, data={"value": n}, details={"note": f"note {n}", "who": f"p{n}@x.example"}) for n in range(4)
    ]


def tamper(statement: str, *values: object) -> None:
    """As a superuser of the database would: with the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def found() -> list[str]:
    return [str(problem).removeprefix(f"{STREAM} ") for problem in problems(Counts())]


def test_what_was_written_verifies(history: list[Event]) -> None:
    counts = Counts()
    assert not list(problems(counts))
    assert counts == Counts(streams=2, events=5, details=8, erased=0)


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'deal.lost'",
        "at = at + interval '1 microsecond'",
        "organization_id = NULL",
        "deal_id = 5",
        "visibility = 'organization'",
        "from_state = 'x'",
        "to_state = 'x'",
        "data = '{\"value\": 9}'",
        "uid = gen_random_uuid()",
    ],
)
def test_a_changed_field_is_found(history: list[Event], change: str) -> None:
    tamper(f"UPDATE events_event SET {change} WHERE id = %s", history[1].pk)
    assert found() == ["2: was changed: its hash does not match"]


def test_a_changed_field_with_its_hash_made_anew_is_found(history: list[Event]) -> None:
    forged = history[1]
    forged.kind = "deal.lost"
    from cosell.events.chain import event_hash  # noqa: PLC0415

    tamper("UPDATE events_event SET kind = %s, hash = %s WHERE id = %s", forged.kind, event_hash(forged), forged.pk)
    assert found() == ["3: does not follow from the event before it"]


def test_a_removed_event_is_found(history: list[Event]) -> None:
    tamper("DELETE FROM events_eventdetail WHERE event_id = %s", history[1].pk)
    tamper("DELETE FROM events_event WHERE id = %s", history[1].pk)
    assert found() == ["3: events 2 to 2 are missing"]


def test_changed_swapped_removed_and_added_details_are_found(history: list[Event]) -> None:
    first, second = (event.details.get(key="note") for event in history[:2])
    tamper("UPDATE events_eventdetail SET value = '\"x\"' WHERE id = %s", first.pk)
    assert found() == ["1: detail note was changed"]
    tamper("UPDATE events_eventdetail SET value = %s, salt = %s WHERE id = %s", '"note 1"', second.salt, first.pk)
    assert found() == ["1: detail note was changed"]
    tamper("DELETE FROM events_eventdetail WHERE id = %s", first.pk)
    assert found() == ["1: detail note is missing"]
    EventDetail.objects.create(event=history[3], key="extra", value="x", salt="00")
    assert found() == ["1: detail note is missing", "4: detail extra was added later"]


def test_an_erased_detail_is_no_damage(history: list[Event]) -> None:
    assert erase_details(details_naming("P1@x.example")) == 1
    counts = Counts()
    assert not list(problems(counts))
    assert (counts.details, counts.erased) == (8, 1)
    assert not details_naming("p1@x.example").exists()


def test_the_command_says_what_is_broken_and_fails(history: list[Event]) -> None:
    out = StringIO()
    call_command("verify_history", stdout=out)
    assert out.getvalue() == "5 events in 2 streams, 8 details (0 erased): 0 broken\n"
    tamper("UPDATE events_event SET kind = 'deal.lost' WHERE id = %s", history[1].pk)
    with pytest.raises(SystemExit) as end:
        call_command("verify_history", stream=STREAM, stdout=out)
    assert end.value.code == 1
    assert f"BROKEN {STREAM} 2: was changed" in out.getvalue()
    assert "4 events in 1 streams" in out.getvalue()


def test_a_cut_tail_is_found_against_published_heads(history: list[Event], tmp_path: Path) -> None:
    heads = StringIO()
    call_command("verify_history", heads=True, stdout=heads)
    assert f"{STREAM} 4 {history[3].hash}\n" in heads.getvalue()
    (tmp_path / "heads").write_text(heads.getvalue())
    tamper("DELETE FROM events_eventdetail WHERE event_id = %s", history[3].pk)
    tamper("DELETE FROM events_event WHERE id = %s", history[3].pk)
    assert not found()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_history", against=tmp_path / "heads", stdout=out)
    assert f"BROKEN {STREAM} 4: was published and is missing" in out.getvalue()
