"""The host is invited once it can know the customer: on Other and Manual accounts after two working days (§4)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from cosell.events.models import Delivery
from deals import actions, tasks
from deals.enums import DeclineReason, Direction, Help
from deals.models import Deal, Engagement
from tests.cast import CONTACT, accept, client_for, fresh, new_deal, organization, side_of, who

FRIDAY = datetime(2026, 6, 5, 15, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 6, 9, 15, 0, tzinfo=UTC)  # two working days later
UNMATCHED = ["Department of Public Works", "Padaria Três Irmãos"]  # other, manual


def sides(deal: Deal) -> list[str]:
    return sorted(Deal.objects.filter(engagement=deal.engagement).values_list("organization__name", flat=True))


@pytest.mark.parametrize("of", UNMATCHED)
def test_the_host_of_an_unmatched_customer_is_invited_after_two_working_days(of: str) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        deal = new_deal(of=of, asks=Help.POC)
        assert sides(deal) == ["Contoso Data"]
        assert not Delivery.objects.exists()
        assert tasks.release_due() == 0
        page = client_for("ana").get(reverse("deals:detail", args=[deal.uid]))
        assert page.context["waits_for_matching"]
        assert client_for("ana").get(reverse("deals:act", args=[deal.uid, "share"])).status_code == 409
    with time_machine.travel(TUESDAY - timedelta(seconds=1), tick=False):
        assert tasks.release_due() == 0
    late = TUESDAY + timedelta(hours=3)
    with time_machine.travel(late, tick=False):
        assert [tasks.release_due(), tasks.release_due()] == [1, 0]
        side = side_of(deal, "Microsoft")
        assert (side.invited_at, side.expires_at) == (late, late + timedelta(hours=336)), "its clock starts now"
        assert (side.direction, side.value) == (Direction.INBOUND, deal.value)
        receivers = Delivery.objects.filter(message="opportunity_received", channel="mail")
        seller = "beatriz.lima" if of == "Padaria Três Irmãos" else "lee.chan"
        assert [delivery.address for delivery in receivers] == [f"{seller}@microsoft.example"]
        accept(seller.split(".")[0], side)


def test_a_private_deal_waits_once_it_is_shared() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        deal = new_deal(of=UNMATCHED[0])
        assert Engagement.objects.get(pk=deal.engagement_id).host_invited_by is None
        actions.share_deal(who("ana"), deal.pk, help=Help.POC, customer_problem="P", help_needed="H", contact=CONTACT)
        assert Engagement.objects.get(pk=deal.engagement_id).host_invited_by == TUESDAY
    with time_machine.travel(TUESDAY, tick=False):
        assert tasks.release_due() == 1
    assert sides(deal) == ["Contoso Data", "Microsoft"]


def test_a_deal_that_ended_meanwhile_invites_nobody() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        deal = new_deal(of=UNMATCHED[0], asks=Help.POC)
        actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    with time_machine.travel(TUESDAY, tick=False):
        tasks.release_due()
        assert tasks.release_due() == 0
    assert sides(deal) == ["Contoso Data"]
    assert fresh(deal).stage == "lost"


def test_a_known_customer_and_a_host_that_matches_nothing_wait_for_nothing() -> None:
    assert sides(new_deal(asks=Help.POC)) == ["Contoso Data", "Microsoft"]
    northlake = organization("Northlake Services")
    deal = new_deal(of=UNMATCHED[0], host=northlake, asks=Help.POC)
    assert sides(deal) == ["Contoso Data", "Northlake Services"]


def test_partners_are_invited_at_once_on_any_customer() -> None:
    deal = new_deal(of=UNMATCHED[0], asks=Help.POC, invites=["Northlake Services"])
    assert sides(deal) == ["Contoso Data", "Northlake Services"]
