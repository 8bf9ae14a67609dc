"""The private calendar: what it holds, for whom, how it is written, when it is over (RFC 5545)."""

from datetime import UTC, date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from icalendar import Calendar, Event

from accounts.actions import make_calendar, revoke_calendar
from accounts.models import CustomerAccount, Membership, Organization, User
from cosell import clock
from cosell.events.models import Event as Happened
from deals import actions, calendar_feed
from deals.enums import DeclineReason, Help
from deals.models import Deal, TeamMember
from tests.cast import accept, client_for, new_deal, side_of, user, who

pytestmark = pytest.mark.django_db


def events(name: str) -> dict[str, Event]:
    """{summary: event} of the calendar of one of the cast, read back."""
    file = calendar_feed.calendar(user(name), clock.now())
    return {str(event["summary"]): event for event in Calendar.from_ical(file).walk("VEVENT")}


def feed(token: str, **headers: str) -> object:
    return Client().get(reverse("deals:calendar", args=[token]), headers=headers)


def test_it_holds_what_one_has_to_answer_and_when_own_deals_close() -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"])
    side = side_of(deal, "Northlake Services")
    asked = events("priya")[f"Answer: A. Datum Corporation ({deal.engagement.reference})"]
    assert asked.decoded("dtend") == side.expires_at.replace(microsecond=0)
    assert asked["dtend"].to_ical().endswith(b"Z"), "an instant is the same everywhere"
    assert asked.decoded("dtstart") < asked.decoded("dtend")
    assert asked["url"].endswith(reverse("deals:detail", args=[side.uid]))
    alarm = asked.walk("VALARM")[0]
    assert (alarm.decoded("trigger"), alarm["trigger"].params["RELATED"]) == (timedelta(hours=-24), "END")
    closes = events("ana")[f"Closes: A. Datum Corporation ({deal.engagement.reference})"]
    assert closes.decoded("dtstart") == deal.close_on
    assert type(closes.decoded("dtstart")) is date
    assert closes["dtstart"].params["VALUE"] == "DATE"
    assert closes.decoded("dtend") == deal.close_on + timedelta(days=1)


def test_it_is_written_as_calendar_programs_read_it() -> None:
    """CRLF, folded at 75 octets within no character, commas and semicolons escaped, one time for all of it."""
    CustomerAccount.objects.filter(name="A. Datum Corporation").update(
        name="Müller; Söhne, „Ä“ & \\ Co " + "überaus lang " * 8
    )
    deal = new_deal(of=CustomerAccount.objects.get(name__startswith="Müller").name, name="Line\nbreak, too")
    file = calendar_feed.calendar(user("ana"), clock.now())
    lines = file.split(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode() for line in lines[:-1]), "no character is cut in two"
    text = file.decode().replace("\r\n ", "")
    assert "SUMMARY:Closes: Müller\\; Söhne\\, „Ä“ & \\\\ Co" in text
    assert "DESCRIPTION:Line\\nbreak\\, too" in text
    for line in ("VERSION:2.0", "METHOD:PUBLISH", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"):
        assert f"\r\n{line}\r\n" in text, line
    event = Calendar.from_ical(file).walk("VEVENT")[0]
    assert event["uid"].startswith(f"close-{deal.uid}@")
    assert deal.engagement.customer.name in str(event["summary"])
    assert "LAST-MODIFIED:" + deal.updated_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") in text


def test_it_is_the_same_until_something_changes() -> None:
    deal = new_deal()
    token = make_calendar(user("ana"))
    first = feed(token)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"].startswith("private")
    with clock.moved_by(timedelta(hours=5)):
        assert feed(token, if_none_match=first["ETag"]).status_code == 304
        actions.edit_details(who("ana"), deal.pk, 1, {"close_on": deal.close_on + timedelta(days=9)})
        again = feed(token, if_none_match=first["ETag"])
    assert (again.status_code, again["ETag"] != first["ETag"]) == (200, True)
    assert not first.cookies


def test_only_what_the_person_may_act_on() -> None:
    """Readers, strangers and colleagues at other locations have nothing; what is answered or closed is gone."""
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"], at="100201")
    for name in ("vera", "diego", "tom", "rui", "julia", "mia", "sam", "noor"):
        assert events(name) == {}, name
    TeamMember.objects.create(deal=deal, user=user("vera"), name="V", phone="1", email=user("vera").email)
    assert events("vera") == {}, "a reader changes nothing"
    side = side_of(deal, "Northlake Services")
    assert len(events("priya")) == 1
    with clock.moved_by(timedelta(days=14)):
        assert events("priya") == {}, "too late"
    accept("priya", side)
    assert [summary[:6] for summary in events("priya")] == ["Closes"]
    actions.lose_deal(who("priya"), side.pk, reason=DeclineReason.BUDGET)
    assert events("priya") == {}
    Membership.objects.filter(user=user("ana")).update(is_active=False)
    assert events("ana") == {}


def test_it_holds_every_organization_of_the_person_and_the_end_of_the_window_to_register() -> None:
    side = side_of(new_deal(invites=["Northlake Services"]), "Northlake Services")
    roles = {"role": "referrals_admin", "scope": "company"}
    Membership.objects.create(
        user=user("ana"), organization=Organization.objects.get(name="Northlake Services"), **roles
    )
    deal = new_deal(shown=True, of="Fabrikam Seguros S.A.")
    with clock.moved_by(timedelta(days=5)):
        won = actions.win_deal(who("ana", "Contoso Data"), deal.pk)
        found = {summary.split(":")[0]: event for summary, event in events("ana").items()}
    assert set(found) == {"Answer", "Closes", "Register"}
    assert str(side.uid) in found["Answer"]["uid"]
    assert found["Register"].decoded("dtend") > won.closed_at + timedelta(days=30)


def test_it_speaks_the_language_of_the_person() -> None:
    deal = new_deal()
    User.objects.filter(pk=user("ana").pk).update(language="pt-br")
    with translation.override("pt-br"):
        words = gettext("Closes: %(customer)s (%(reference)s)")
    about = {"customer": "A. Datum Corporation", "reference": deal.engagement.reference}
    assert set(events("ana")) == {words % about}


def test_it_ends_and_its_questions_do_not_grow() -> None:
    deal = new_deal()
    with CaptureQueriesContext(connection) as few:
        events("ana")
    for number in range(6):
        new_deal(name=f"Deal {number}")
    with CaptureQueriesContext(connection) as many:
        assert len(events("ana")) == 7
    assert len(many) == len(few)
    Deal.objects.filter(pk=deal.pk).update(close_on=clock.now().date() + timedelta(days=401))
    assert len(events("ana")) == 6


# ------------------------------------------------------------------------------------------------------ the address


def test_the_address_is_shown_once_and_only_its_hash_is_kept() -> None:
    new_deal()
    ana, page = client_for("ana"), reverse("accounts:calendar")
    assert "You have no address yet" in ana.get(page).content.decode()
    made = ana.post(page, {"make": "1"})
    address = made.context["address"]
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert address in made.content.decode()
    assert made["Cache-Control"].count("no-store")
    assert token not in ana.get(page).content.decode()
    assert user("ana").calendar_hash not in ("", token)
    assert feed(token).status_code == 200
    again = ana.post(page, {"make": "1"}).context["address"]
    assert feed(token).status_code == 404, "the old one is over"
    ana.post(page, {"revoke": "1"})
    assert feed(again.rsplit("/", 1)[1].removesuffix(".ics")).status_code == 404
    told = Happened.objects.filter(stream=f"person:{user('ana').pk}").order_by("seq")
    assert [event.kind for event in told] == ["person.calendar_made"] * 2 + ["person.calendar_revoked"]
    revoke_calendar(user("ana"))
    assert told.count() == 3, "nothing to revoke, nothing to tell"


def test_who_has_left_has_no_calendar() -> None:
    token = make_calendar(user("ana"))
    User.objects.filter(pk=user("ana").pk).update(is_active=False)
    assert feed(token).status_code == 404
    assert feed("nonsense").status_code == 404
