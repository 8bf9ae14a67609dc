"""Least data: who sees the customer's contact and when it goes; what is held about a person, handed out and erased."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from cosell import clock
from cosell.events import letters
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery, Event, EventDetail
from cosell.web.reasons import Refused
from deals import actions, disclosure, privacy, tasks
from deals.actions import Contact, Person
from deals.enums import TERMINAL, Action, DeclineReason, ErrorReason, EventKind, Help, Stage
from deals.models import CustomerContact, Deal, Draft, TeamMember
from deals.privacy import Person as Known
from deals.privacy import Traces, details_with
from registrations.tasks import look_again
from tests.cast import CONTACT, accept, client_for, fresh, invitation, new_deal, person, side_of, user, who

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
FREDA = Person("Freda Lance", "+351 21 555 0188", "freda@elsewhere.example")  # on a team, without a sign-in
VALUES = (CONTACT.name, CONTACT.email, CONTACT.phone)
PAGE = "admin:accounts_user_personal_data"


def verify() -> None:
    """The register is what was written; ends the test otherwise."""
    call_command("verify_history", stdout=StringIO())


def text_columns() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'tsvector')"
        )
        yield from cursor.fetchall()


def where(words: str) -> set[str]:
    """Every column of the database in which `words` stand."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in text_columns():
            sql = f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE %s)'
            cursor.execute(sql, [f"%{words}%"])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


# ------------------------------------------------------------------------------------ who sees the customer's contact


@pytest.fixture
def deal() -> Deal:
    """A co-sell of Ana; Northlake and Microsoft have not answered."""
    return new_deal(asks=Help.ARCHITECTURE, invites=["Northlake Services"])


def shows(name: str, side: Deal) -> bool:
    """Whether the page of this side says anything of the contact."""
    page = client_for(name).get(reverse("deals:detail", args=[side.uid]))
    assert page.status_code == 200
    seen = {value in page.content.decode() for value in VALUES}
    assert len(seen) == 1, "all of it or nothing"
    assert (disclosure.contact(who(name), fresh(side)) is not None) == seen.copy().pop()
    return seen.pop()


def test_an_invited_side_sees_the_contact_from_its_acceptance_on(deal: Deal) -> None:
    side = side_of(deal, "Northlake Services")
    for stage in Stage:
        end = {"closed_at": clock.now()} if stage in TERMINAL else {"closed_at": None}
        Deal.objects.filter(pk=side.pk).update(stage=stage, **end)
        is_in = stage not in (Stage.RECEIVED, Stage.DECLINED, Stage.EXPIRED)
        assert (disclosure.contact(who("priya"), fresh(side)) is not None) == is_in, stage
        if stage in (Stage.ACCEPTED, Stage.DECLINED):
            assert shows("priya", side) == is_in
    assert shows("ana", deal)


def test_before_it_answers_no_page_dialog_or_mail_tells_a_side_the_contact(deal: Deal) -> None:
    side = side_of(deal, "Northlake Services")
    client = client_for("priya")
    for url in (
        reverse("deals:detail", args=[side.uid]),
        reverse("deals:act", args=[side.uid, Action.ACCEPT]),
        reverse("deals:act", args=[side.uid, Action.DECLINE]),
        reverse("deals:edit", args=[side.uid, "details"]),
        reverse("deals:list", args=["inbound"]),
        reverse("events:bell"),
    ):
        page = client.get(url).content.decode()
        assert not [value for value in VALUES if value in page], url
    for delivery in Delivery.objects.filter(channel=Channel.MAIL).with_event():
        mail = letters.mail(delivery)
        said = mail.subject + mail.body + mail.alternatives[0][0]
        assert not [value for value in VALUES if value in said], delivery.message


def test_one_who_declines_does_not_see_it_afterwards_and_the_next_invitation_begins_anew(deal: Deal) -> None:
    first = side_of(deal, "Northlake Services")
    actions.decline_deal(who("priya"), first.pk, reason=DeclineReason.BUDGET)
    again = actions.invite_partner(who("ana"), deal.pk, invitation("Northlake Services"))
    assert not shows("priya", first)
    assert not shows("priya", again)
    accept("priya", again)
    assert shows("priya", again)
    assert not shows("priya", first)


def test_a_host_that_looks_on_never_sees_it() -> None:
    deal = new_deal(shown=True, contact=CONTACT)
    assert disclosure.contact(who("lee"), fresh(deal)) is None
    page = client_for("lee").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert not [value for value in VALUES if value in page]


# ------------------------------------------------------------------------------------------------------- when it goes


def end(deal: Deal, stage: str, by: str = "ana") -> None:
    if stage == "won":
        actions.win_deal(who(by), deal.pk, early_confirmed=True)
    elif stage == "lost":
        actions.lose_deal(who(by), deal.pk, reason=DeclineReason.BUDGET)
    else:
        actions.close_as_error(who(by), deal.pk, reason=ErrorReason.TEST)


def gone(deal: Deal, days: timedelta) -> bool:
    """Whether the contact is gone that long after now, when the task ran twice."""
    with time_machine.travel(clock.now() + days, tick=False):
        look_again()  # a deal that was not registered in time
        done = tasks.forget_contacts()
        assert tasks.forget_contacts() == 0
    verify()
    assert done == (not CustomerContact.objects.filter(engagement=deal.engagement).exists())
    return bool(done)


@pytest.mark.parametrize("stage", ["won", "lost", "error"])
def test_it_goes_90_days_after_the_deal_ended(deal: Deal, stage: str) -> None:
    end(deal, stage)
    assert not gone(deal, 90 * DAY - timedelta(minutes=1))
    assert shows("ana", deal)
    assert gone(deal, 90 * DAY)
    assert not shows("ana", deal)


def test_it_stays_while_any_side_that_is_in_works_on_or_closed_later(deal: Deal) -> None:
    side = accept("lee", side_of(deal, "Microsoft"))
    end(deal, "won")
    assert not gone(deal, 400 * DAY)
    with clock.moved_by(30 * DAY):
        end(side, "lost", by="lee")
    assert not gone(deal, 119 * DAY)
    assert gone(deal, 121 * DAY)


def test_it_stays_while_a_registration_is_open(deal: Deal) -> None:
    end(deal, "won")
    Deal.objects.filter(pk=deal.pk).update(registration_state="review_pending")
    assert not gone(deal, 400 * DAY)
    Deal.objects.filter(pk=deal.pk).update(registration_state="closed")
    assert gone(deal, 400 * DAY)


def test_it_goes_from_the_history_too_and_the_page_says_when(deal: Deal) -> None:
    actions.add_note(who("ana"), deal.pk, "Talk to\nCarla Customer first.")
    actions.add_note(who("ana"), deal.pk, "Her phone is +1 (555) 0177.")
    actions.add_note(who("ana"), deal.pk, "They pay 310,000.")
    end(deal, "lost")
    assert gone(deal, 90 * DAY)
    for value in (*VALUES, "555) 0177"):
        assert where(value) == set(), value
    assert where("They pay 310,000.") == {"events_eventdetail.value"}
    event = Event.objects.get(stream=deal.engagement.stream, kind=EventKind.CONTACT_REMOVED)
    assert (event.actor, event.details.count()) == (None, 0)
    removed = privacy.contact_removed(who("ana"), fresh(deal), [event])
    assert removed == privacy.ContactRemoved(event.at, was_asked=False)
    declined = side_of(deal, "Northlake Services")
    assert privacy.contact_removed(who("priya"), declined, [event]) is None
    assert (
        "Customer contact removed" in client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    )


def test_a_contact_that_was_replaced_goes_with_the_present_one() -> None:
    """An edit keeps old and new in the history, and so must not keep them longer."""
    deal = new_deal(contact=CONTACT)
    dana = Contact("Dana Successor", "+1 555 0155", "dana@customer.example")
    actions.edit_contact(who("ana"), deal.pk, deal.version, dana)
    actions.edit_contact(who("ana"), deal.pk, fresh(deal).version, None)
    end(deal, "lost")
    with time_machine.travel(clock.now() + 90 * DAY, tick=False):
        assert [tasks.forget_contacts(), tasks.forget_contacts()] == [1, 0]
    verify()
    for value in (*VALUES, dana.name, dana.email, dana.phone):
        assert where(value) == set(), value


# ------------------------------------------------------------------------------------------------ what is held, erased


@pytest.fixture
def named(deal: Deal) -> Deal:
    """The deal of Ana, on which Carla and Freda stand wherever a person can stand."""
    team = [person("ana"), person("rui"), FREDA]
    actions.edit_team(who("ana"), deal.pk, deal.version, team)
    actions.add_note(who("ana"), deal.pk, f"{FREDA.name} meets {CONTACT.name} ({CONTACT.email}).", share=True)
    deal = fresh(deal)
    actions.edit_details(who("ana"), deal.pk, deal.version, {"name": f"Lakehouse for {CONTACT.name}"})
    accept("lee", side_of(deal, "Microsoft"))
    now, rui = clock.now(), who("rui")
    typed = {"contact_name": [CONTACT.name], "contact_phone": [CONTACT.phone], "contact_email": [CONTACT.email]}
    Draft.objects.create(
        organization=rui.organization,
        owner=rui.user,
        answers={"customer": typed, "details": {"name": ["Another deal"]}},
        created_at=now,
        updated_at=now,
    )
    return deal


def olga() -> User:
    """The operator."""
    return User.objects.get(email="operator@cosell.example")


def erase(email: str, **given: bool) -> dict[str, int]:
    counts = actions.erase_person(olga(), Known.at(email, **given))
    verify()
    return counts


def test_erasing_a_contact_leaves_nothing_of_the_person_anywhere(named: Deal) -> None:
    assert {place.partition(".")[0] for place in where(CONTACT.name)} == {
        "deals_customercontact",
        "deals_deal",
        "deals_draft",
        "events_eventdetail",
    }
    version = fresh(named).version
    counts = erase("Carla@Customer.example")
    assert (counts["contacts"], counts["drafts"], counts["sign_in"]) == (1, 1, 0)
    for value in VALUES:
        assert where(value) == set(), value
    named = fresh(named)
    assert (named.name, named.version) == ("Lakehouse for […]", version + 1)
    draft = Draft.objects.get()
    assert draft.answers["customer"] == {"contact_name": [""], "contact_phone": [""], "contact_email": [""]}
    assert draft.answers["details"] == {"name": ["Another deal"]}
    removed = Event.objects.get(kind=EventKind.CONTACT_REMOVED)
    assert (removed.actor, removed.data) == (olga(), {"asked": True})
    assert client_for("ana").get(reverse("deals:detail", args=[named.uid])).status_code == 200


def test_erasing_who_is_on_a_team_without_a_sign_in(named: Deal) -> None:
    assert Delivery.objects.filter(address=FREDA.email).exists()
    Delivery.objects.filter(address=FREDA.email).update(last_error=f"550 <{FREDA.email}> is full")
    first = Delivery.objects.filter(address=FREDA.email).earliest("pk")
    Delivery.objects.filter(pk=first.pk).update(state=DeliveryState.SENT)
    erase(FREDA.email)
    for value in (FREDA.name, FREDA.email, FREDA.phone):
        assert where(value) == set(), value
    member = TeamMember.objects.get(name="Erased person")
    assert member.email == f"erased-{member.pk}@erased.invalid"
    states = {d.pk: d.state for d in Delivery.objects.filter(recipient_key__startswith="erased:")}
    assert states.pop(first.pk) == DeliveryState.SENT
    assert set(states.values()) <= {DeliveryState.CANCELLED}
    before = Delivery.objects.count()
    actions.add_note(who("ana"), named.pk, "Who is left?")
    told = Delivery.objects.order_by("pk")[before:]
    assert {delivery.user for delivery in told} == {user("rui")}, "an erased person is written to no more"


def test_a_mail_in_a_sender_s_hand_is_left_to_it_and_reached_by_a_second_go(named: Deal) -> None:
    mail = Delivery.objects.filter(address=FREDA.email).earliest("pk")
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.SENDING)
    erase(FREDA.email)
    assert where(FREDA.email) == {"events_delivery.address", "events_delivery.recipient_key"}
    assert Known.at(FREDA.email).in_hand.count() == 1
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.SENT)
    erase(FREDA.email)
    assert where(FREDA.email) == set()


def test_erasing_a_person_with_a_sign_in(named: Deal) -> None:
    """Who did what stays, by a person without a name."""
    rui, client = user("rui"), client_for("rui")
    values = (rui.full_name, rui.email, rui.phone)
    actions.add_note(who("rui"), named.pk, "I called them.")
    actions.set_favorite(who("rui"), named.engagement, on=True)
    of = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=olga(), content_type=of, object_id="1", object_repr=str(rui), action_flag=2)
    assert where(rui.email)
    erase(rui.email)
    for value in values:
        assert where(value) == set(), value
    rui.refresh_from_db()
    assert (rui.full_name, rui.email, rui.phone) == ("Erased person", f"erased-{rui.pk}@erased.invalid", "")
    assert not rui.is_active
    assert not rui.has_usable_password()
    assert not Membership.objects.filter(user=rui, is_active=True).exists()
    assert not rui.drafts.exists()
    assert not rui.favorites.exists()
    assert not [s for s in Session.objects.all() if s.get_decoded().get("_auth_user_id") == str(rui.pk)]
    assert client.get(reverse("deals:drafts")).status_code == 302
    note = Event.objects.get(actor=rui, kind=EventKind.NOTED)
    assert note.details.get(key="note").value == "I called them."
    page = client_for("ana").get(reverse("deals:detail", args=[named.uid])).content.decode()
    assert "Erased person" in page
    erase(rui.email)  # once more changes nothing


def test_the_register_says_that_it_was_done_and_by_whom_but_not_of_whom(named: Deal) -> None:
    rui = user("rui")
    erase(CONTACT.email)
    erase(rui.email)
    actions.export_person(olga(), Known.at("nobody@nowhere.example"))
    events = Event.objects.filter(stream__startswith="privacy:").order_by("pk")
    assert [event.kind for event in events] == ["privacy.erased", "privacy.erased", "privacy.exported"]
    assert {event.actor for event in events} == {olga()}
    assert events[1].stream == f"privacy:{rui.pk}"
    said = json.dumps([[event.stream, event.data] for event in events])
    assert "@" not in said
    assert not EventDetail.objects.filter(event__in=events).exists()
    assert Known.at(CONTACT.email).counts() == dict.fromkeys(events[0].data["counts"], 0)


def test_a_namesake_can_be_left_alone(named: Deal) -> None:
    actions.add_note(who("ana"), named.pk, f"Another {CONTACT.name} called.")
    erase(CONTACT.email, with_names=False)
    assert where(CONTACT.email) == set()
    kept = EventDetail.objects.filter(value__icontains=CONTACT.name)
    assert [detail.value for detail in kept.filter(key="note")] == [f"Another {CONTACT.name} called."]


MEANT = {
    "Write to carla@customer.example.": True,
    "CARLA@CUSTOMER.EXAMPLE": True,
    "not.carla@customer.example": False,
    "carla@customer.example.org": False,
    "Carla  Customer": True,
    "first line\nCarla Customer": True,
    "Carla Customerson": False,
    "Carla called": False,
    "+1 (555) 0177": True,
    "15550177": True,
    "115550177": False,
    "1,555,017 USD": False,
}


def test_what_counts_as_the_person_is_the_same_in_python_and_in_the_database(deal: Deal) -> None:
    """A name counts from two words on, a phone from seven digits."""
    traces = Traces(*(frozenset({value}) for value in (CONTACT.email, CONTACT.name, CONTACT.phone)))
    for text, meant in MEANT.items():
        actions.add_note(who("ana"), deal.pk, text)
        assert (traces.without(text, "") != text) == meant, text
    found = details_with(traces).filter(key="note").values_list("value", flat=True)
    assert set(found) == {text for text, meant in MEANT.items() if meant}
    assert not details_with(Traces(names=frozenset({"Carla"}), phones=frozenset({"0177"}))).exists()
    assert details_with(Traces(names=frozenset({'Carla "Cee" Customer'}))).count() == 0
    actions.add_note(who("ana"), deal.pk, 'Say hello to Carla "Cee" Customer.')
    assert details_with(Traces(names=frozenset({'Carla "Cee" Customer'}))).count() == 1


def test_the_export_holds_everything_about_the_person(named: Deal) -> None:
    held = actions.export_person(olga(), Known.at(CONTACT.email))
    assert [contact["name"] for contact in held["customer_contact"]] == [CONTACT.name]
    assert set(held["drafts_of_others"][0]["text"]) == set(VALUES)
    assert {row["table"] for row in held["free_text"]} == {"deals_deal"}
    assert any("meets Carla Customer" in str(entry["text"]) for entry in held["history"])
    freda = actions.export_person(olga(), Known.at(FREDA.email))
    assert [place["phone"] for place in freda["team"]] == [FREDA.phone]
    assert {message["to"] for message in freda["messages"]} == {FREDA.email}
    rui = actions.export_person(olga(), Known.at(user("rui").email))
    assert rui["sign_in"]["roles"][0]["organization"] == "Contoso Data"
    assert [list(draft) for draft in rui["drafts"]] == [["answers"]]
    lee = actions.export_person(olga(), Known.at(user("lee").email))
    assert "deal.accepted" in {event["kind"] for event in lee["done"]}
    assert json.loads(json.dumps([held, freda, rui, lee]))


def test_only_the_operator_does_it(deal: Deal) -> None:
    for act in (actions.export_person, actions.erase_person):
        for name in ("ana", "erik"):
            with pytest.raises(Refused) as refused:
                act(user(name), Known.at(CONTACT.email))
            assert refused.value.status == 403


def test_the_operator_cannot_erase_himself(deal: Deal) -> None:
    with pytest.raises(Refused) as refused:
        erase(olga().email)
    assert [reason.code for reason in refused.value.reasons] == ["yourself"]


# ------------------------------------------------------------------------------------------------------ in the admin


@pytest.fixture
def admin() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(olga())
    return client


def test_the_operator_looks_exports_and_erases_in_the_admin(named: Deal, admin: Client) -> None:
    rui, url = user("rui"), reverse(PAGE)
    chosen = {"action": "open_personal_data", "_selected_action": [rui.pk]}
    opened = admin.post(reverse("admin:accounts_user_changelist"), chosen)
    assert opened["Location"] == f"{url}?person={rui.pk}"
    change = admin.get(reverse("admin:accounts_user_change", args=[rui.pk])).content.decode()
    assert f'href="{url}?person={rui.pk}"' in change
    page = admin.get(opened["Location"]).content.decode()
    assert rui.email in page
    exported = admin.post(url, {"email": rui.email, "export": "1"})
    assert exported["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert exported.json()["sign_in"]["email"] == rui.email
    wrong = admin.post(url, {"email": rui.email, "erase": "1", "confirm": "rui", "names": "on"})
    assert wrong.status_code == 422
    assert "This is not the address of the person above." in wrong.content.decode()
    assert user("rui").is_active
    erased = admin.post(url, {"email": rui.email, "erase": "1", "confirm": rui.email.upper(), "names": "on"})
    assert erased.status_code == 302
    assert where(rui.email) == set()


def test_a_contact_is_looked_up_by_the_address_which_is_only_posted(named: Deal, admin: Client) -> None:
    url = reverse(PAGE)
    page = admin.post(url, {"email": CONTACT.email}).content.decode()
    assert "In 1 entry of the history only the full name says that it is this person." in page
    assert admin.post(url, {"email": "no address"}).status_code == 422
    assert CustomerContact.objects.count() == 1
    form = {"email": CONTACT.email, "erase": "1", "confirm": CONTACT.email, "names": "on"}
    assert admin.post(url, form).status_code == 302
    assert not CustomerContact.objects.exists()


def test_staff_without_the_operator_s_right_neither_see_nor_do_it(deal: Deal) -> None:
    diego = user("diego")
    diego.is_staff = True
    diego.save()
    client = client_for("diego")
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.post(reverse(PAGE), {"email": CONTACT.email, "export": "1"}).status_code == 403
