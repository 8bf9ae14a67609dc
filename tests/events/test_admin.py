"""The operator sees what was sent, and repairs it; to be staff alone opens nothing. Companies: tests/deals."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cosell.events.catalogue import Recipient
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery
from tests.events.conftest import Record

pytestmark = pytest.mark.django_db
LISTS = ["admin:events_event_changelist", "admin:events_delivery_changelist"]


@pytest.fixture
def failed(happen: Record, told: list[Recipient], ana: User) -> Delivery:
    told.append(Recipient.of_user(ana))
    happen(details={"note": "between us"})
    Delivery.objects.filter(channel=Channel.MAIL).update(state=DeliveryState.FAILED, last_error="550 no such person")
    return Delivery.objects.get(channel=Channel.MAIL)


@pytest.mark.parametrize("name", LISTS)
def test_the_operator_reads(admin_client: Client, failed: Delivery, name: str) -> None:
    page = admin_client.get(reverse(name))
    assert page.status_code == 200
    assert "between us" not in page.content.decode()
    assert admin_client.get(reverse("admin:events_delivery_change", args=[failed.pk])).status_code == 200
    assert admin_client.get(reverse("admin:events_event_change", args=[failed.event_id])).status_code == 403


@pytest.mark.parametrize(("action", "state"), [("resend", DeliveryState.RETRY), ("cancel", DeliveryState.CANCELLED)])
def test_the_operator_repairs(admin_client: Client, failed: Delivery, action: str, state: str) -> None:
    admin_client.post(reverse(LISTS[1]), {"action": action, "_selected_action": [failed.pk]})
    failed.refresh_from_db()
    assert failed.state == state


@pytest.mark.parametrize("name", LISTS)
def test_other_staff_do_not(client: Client, ana: User, name: str) -> None:
    ana.is_staff = True
    ana.save()
    client.force_login(ana)
    assert client.get(reverse(name)).status_code == 302
