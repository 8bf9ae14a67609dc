"""Deals, their history and their messages in the room of a company's admins: read, a team repaired, mails resent."""

from typing import Any

import pytest
from django.urls import reverse

from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery, Event
from deals import actions
from deals.admin.told import readable_events
from deals.disclosure import timeline
from deals.enums import EventKind, Help
from deals.models import Deal
from tests.cast import accept, client_for, new_deal, side_of, user, who

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]
DEALS, EVENTS, MAILS = (
    reverse(f"admin:{name}_changelist") for name in ("deals_deal", "events_event", "events_delivery")
)


def address(deal: Deal) -> str:
    return reverse("admin:deals_deal_change", args=[deal.pk])


def listed(name: str, where: str, **asked: str) -> set[Any]:
    return set(client_for(name).get(where, asked).context["cl"].result_list)


def team(deal: Deal, *people: tuple[str, str, str]) -> dict[str, Any]:
    """The form of the team, with these people added to the ones who are there."""
    there = list(deal.team.order_by("pk"))
    rows = [(member.pk, member.name, member.phone, member.email) for member in there]
    rows += [("", *person) for person in people]
    data: dict[str, Any] = {"team-TOTAL_FORMS": len(rows), "team-INITIAL_FORMS": len(there)}
    for index, row in enumerate(rows):
        data |= {
            f"team-{index}-{name}": value for name, value in zip(("id", "name", "phone", "email"), row, strict=True)
        }
        data[f"team-{index}-deal"] = deal.pk
    return data


def test_each_admin_finds_the_sides_in_reach() -> None:
    sao_paulo, london = new_deal("ana", at="100201", invites=["Northlake Services"]), new_deal("ana", at="100202")
    northlake = side_of(sao_paulo, "Northlake Services")
    assert listed("ana", DEALS) == {sao_paulo, london}
    assert listed("julia", DEALS) == {sao_paulo}
    assert listed("priya", DEALS) == {northlake}
    assert listed("ana", DEALS, q="datum") == {sao_paulo, london}
    assert listed("ana", DEALS, q=str(london.engagement_id)) == {london}
    client = client_for("julia")
    assert client.get(address(sao_paulo)).status_code == 200
    for other in (london, northlake):
        assert client.get(address(other)).status_code == 404
        assert client.post(address(other), team(other)).status_code == 404
    assert client_for("diego").get(DEALS).status_code == 403


def test_the_page_tells_facts_and_no_contact() -> None:
    deal = new_deal("ana", asks=Help.POC)
    words = client_for("ana").get(address(deal)).content.decode()
    assert "A. Datum Corporation" in words
    assert reverse("deals:detail", args=[deal.uid]) in words
    assert "carla@customer.example" not in words


def test_a_team_is_repaired_by_the_action() -> None:
    deal = new_deal("ana")
    answer = client_for("ana").post(address(deal), team(deal, ("Rui Prado", "+55 11", "rui.prado@contoso.example")))
    assert answer.status_code == 302
    assert set(deal.team.values_list("user__full_name", flat=True)) == {"Ana Souza", "Rui Prado"}
    event = Event.objects.filter(deal_id=deal.pk, kind=EventKind.EDITED).get()
    assert (event.actor, event.data["fields"]) == (user("ana"), ["team"])


def test_what_the_action_refuses_stands_in_the_form() -> None:
    deal = new_deal("ana")
    client, data = client_for("ana"), team(deal)
    nobody = client.post(address(deal), {**data, "team-0-DELETE": "on"})
    assert nobody.status_code == 422
    assert "Add at least one person of your company." in nobody.content.decode()
    actions.lose_deal(who("ana"), deal.pk, reason="budget")
    closed = client.post(address(deal), {**data, "team-0-name": "Typed with care"})
    assert closed.status_code == 409
    assert "Typed with care" in closed.content.decode()
    assert deal.team.get().name == "Ana Souza"


def test_a_team_that_was_changed_meanwhile() -> None:
    deal = new_deal("ana")
    client, data = client_for("ana"), team(deal, ("Tom Fisher", "1", "tom.fisher@contoso.example"))
    rui = actions.Person("Rui Prado", "1", "rui.prado@contoso.example")
    actions.edit_team(who("ana"), deal.pk, deal.version, [rui])
    assert client.post(address(deal), data).status_code == 422
    assert deal.team.get().name == "Rui Prado"


@pytest.mark.parametrize("name", ["ana", "julia", "priya", "mia", "erik"])
def test_the_list_of_events_is_the_timelines_of_the_deals(name: str) -> None:
    """One rule in two places: what a timeline shows, the list shows, of all deals that are kept."""
    deal = new_deal("ana", at="100201", invites=["Northlake Services", "Relecloud"], asks=Help.POC)
    accept("priya", side_of(deal, "Northlake Services"))
    actions.decline_deal(who("mia"), side_of(deal, "Relecloud").pk, reason="budget")
    actions.add_note(who("ana"), deal.pk, "Between us.")
    actions.add_note(who("ana"), deal.pk, "For all.", share=True)
    new_deal("ana", at="100202")
    me = who(name)
    kept = [
        each for each in Deal.objects.filter(organization=me.organization) if me.admin_reach.everything or each == deal
    ]
    expected = {event.pk for each in kept for event in timeline(me, each)}
    found = Event.objects.filter(readable_events(me), stream__startswith="engagement:")
    assert set(found.values_list("pk", flat=True)) == expected
    assert expected
    client = client_for(name)
    page = client.get(EVENTS).content.decode()
    assert "Between us." not in page
    assert client.get(reverse("admin:events_event_change", args=[min(expected)])).status_code == 403


def test_messages_to_ones_own_people() -> None:
    """Not those to others, nor to who works for two companies; the words without the link that acts."""
    deal = new_deal("ana", invites=["Northlake Services"])
    [to_priya] = Delivery.objects.filter(channel=Channel.MAIL, user=user("priya"))
    assert to_priya in listed("priya", MAILS)
    assert listed("ana", MAILS).isdisjoint(Delivery.objects.exclude(user__email__endswith="@contoso.example"))
    assert listed("ana", MAILS, q="priya") == set()
    letter = reverse("admin:events_delivery_letter", args=[to_priya.pk])
    words = client_for("priya").get(letter).content.decode()
    assert deal.engagement.customer.name in words
    assert "Unsubscribe" not in words
    for name in ("ana", "mia"):
        assert client_for(name).get(letter).status_code == 404
    assert client_for("diego").get(letter).status_code == 404


@pytest.mark.parametrize(("action", "state"), [("resend", DeliveryState.RETRY), ("cancel", DeliveryState.CANCELLED)])
def test_messages_are_sent_again_and_cancelled(action: str, state: str) -> None:
    new_deal("ana", invites=["Northlake Services"])
    mails = Delivery.objects.filter(channel=Channel.MAIL, user=user("priya"))
    mails.update(state=DeliveryState.FAILED, last_error="550 no such person")
    data = {"action": action, "_selected_action": [mails.get().pk]}
    client_for("mia").post(MAILS, data)
    assert mails.get().state == DeliveryState.FAILED
    assert client_for("priya").post(MAILS, data).status_code == 302
    assert mails.get().state == state
