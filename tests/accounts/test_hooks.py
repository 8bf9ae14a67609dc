"""Chat hooks in the room of a company's admins; the addresses that mail does not reach."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from accounts.actions import hooks as actions
from accounts.enums import EventKind
from accounts.models import Location
from cosell import clock
from cosell.events import bounces
from cosell.events.enums import ChatService
from cosell.events.models import BadAddress, ChatHook, Event, EventDetail
from cosell.web.reasons import Refused
from tests.cast import client_for, organization, who
from tests.events.chat_server import ChatServer

pytestmark = pytest.mark.django_db
SAO_PAULO, LONDON = "100201", "100202"
LIST, ADD = "admin:events_chathook_changelist", "admin:events_chathook_add"


@pytest.fixture(autouse=True)
def _people(cast: None) -> None:
    """The cast."""


@pytest.fixture
def server(settings: Any) -> Iterator[ChatServer]:
    with ChatServer().opened() as server:
        settings.COSELL_OUTSIDE_ALLOW = frozenset({f"127.0.0.1:{server.port}"})
        yield server


def at(partner_id: str) -> Location | None:
    return Location.objects.get(partner_id=partner_id) if partner_id else None


def a_hook(
    company: str = "Contoso Data", partner_id: str = "", url: str = "https://8.8.8.8/hook/secret-1234"
) -> ChatHook:
    return ChatHook.objects.create(
        organization=organization(company),
        name=f"{company} {partner_id}",
        service="slack",
        url=url,
        location=at(partner_id),
    )


def typed(server: ChatServer, **more: Any) -> dict[str, Any]:
    return {
        "name": "Sales",
        "service": "teams",
        "location": "",
        "address": f"{server.url}token-4f2a",
        "is_active": "on",
        **more,
    }


SEES = {
    "ana": ["Contoso Data ", "Contoso Data 100201", "Contoso Data 100202"],
    "diego": ["Contoso Data ", "Contoso Data 100201", "Contoso Data 100202"],
    "julia": ["Contoso Data 100201"],
    "priya": ["Northlake Services "],
    "mia": [],
}


def test_each_admin_sees_the_hooks_that_are_theirs() -> None:
    for company, partner_id in (
        ("Contoso Data", ""),
        ("Contoso Data", SAO_PAULO),
        ("Contoso Data", LONDON),
        ("Northlake Services", ""),
    ):
        a_hook(company, partner_id)
    for name, names in SEES.items():
        client = client_for(name)
        page = client.get(reverse(LIST)).content.decode()
        hooks = {hook: hook.name in names for hook in ChatHook.objects.all()}
        for hook, sees in hooks.items():
            assert (f"chathook/{hook.pk}/" in page) is sees, (name, hook.name)
            assert client.get(reverse("admin:events_chathook_change", args=[hook.pk])).status_code == (
                200 if sees else 404
            )
    assert client_for("rui").get(reverse(LIST)).status_code == 302


def test_a_hook_is_made_and_its_address_is_a_secret_from_then_on(server: ChatServer) -> None:
    client = client_for("ana")
    made = client.post(reverse(ADD), typed(server))
    assert made.status_code == 302, made.content.decode()
    hook = ChatHook.objects.get()
    assert (hook.organization.name, hook.service, hook.url) == (
        "Contoso Data",
        ChatService.TEAMS,
        f"{server.url}token-4f2a",
    )
    page = client.get(reverse("admin:events_chathook_change", args=[hook.pk])).content.decode()
    assert "token-4f2a" not in page
    assert f"http://127.0.0.1:{server.port}/…4f2a" in page
    client.post(reverse("admin:events_chathook_change", args=[hook.pk]), typed(server, name="Deals", address=""))
    hook.refresh_from_db()
    assert (hook.name, hook.url) == ("Deals", f"{server.url}token-4f2a")
    events = Event.objects.filter(kind=EventKind.HOOK_CHANGED, organization=hook.organization)
    assert events.count() == 2
    assert "token" not in str(list(EventDetail.objects.filter(event__in=events).values_list("value", flat=True)))
    client.post(reverse("admin:events_chathook_delete", args=[hook.pk]), {"post": "yes"})
    assert not ChatHook.objects.exists()
    assert events.count() == 3


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1/x", "https://"),
        ("https://10.0.0.1/x", "private network"),
        ("https://8.8.8.8:25/x", "Port 25"),
        ("", "Enter the address"),
    ],
)
def test_an_address_is_refused_at_its_field(address: str, said: str, server: ChatServer) -> None:
    answer = client_for("ana").post(reverse(ADD), typed(server, address=address))
    assert answer.status_code == 422
    assert said in str(answer.context["adminform"].form.errors["address"])
    assert not ChatHook.objects.exists()


def test_an_admin_of_some_locations_keeps_the_hooks_of_these(server: ChatServer) -> None:
    julia = client_for("julia")
    assert julia.post(reverse(ADD), typed(server)).status_code == 422  # of the entire company
    assert julia.post(reverse(ADD), typed(server, location=at(LONDON).pk)).status_code == 422  # none of hers
    assert julia.post(reverse(ADD), typed(server, location=at(SAO_PAULO).pk)).status_code == 302
    other = a_hook(partner_id=LONDON)
    for name in ("julia", "rui", "priya"):
        with pytest.raises(Refused):
            actions.delete_hook(who(name), other.organization_id, other.pk)
    given = actions.Hook("Mine", ChatService.SLACK, location=at(SAO_PAULO))
    with pytest.raises(Refused):
        actions.save_hook(who("julia"), other.organization_id, other.pk, given)


def test_a_new_address_has_not_failed_yet(server: ChatServer) -> None:
    hook = a_hook()
    ChatHook.objects.update(failing_since=clock.now(), last_error="It answered 404")
    actions.save_hook(who("ana"), hook.organization_id, hook.pk, actions.Hook(hook.name, ChatService.SLACK))
    assert ChatHook.objects.get().last_error
    moved = actions.Hook(hook.name, ChatService.SLACK, f"{server.url}new")
    actions.save_hook(who("ana"), hook.organization_id, hook.pk, moved)
    assert (ChatHook.objects.get().failing_since, ChatHook.objects.get().last_error) == (None, "")


def test_the_button_says_what_happened(server: ChatServer) -> None:
    hook, client = a_hook(url=f"{server.url}x"), client_for("ana")
    url = reverse("admin:events_chathook_try", args=[hook.pk])
    assert "stands there now" in client.post(url, follow=True).content.decode()
    server.behaves = {"*": "404"}
    assert "It answered 404: no_service" in client.post(url, follow=True).content.decode()
    assert len(server.said) == 1


def test_an_admin_sees_the_bad_addresses_of_their_own_people() -> None:
    for address in ("Rui.Prado@contoso.example", "tom.fisher@contoso.example", "priya.nair@northlake.example"):
        bounces.undeliverable(address, "550 gone", clock.now())
    seen = {"ana": "rui tom", "julia": "", "priya": "priya", "mia": ""}
    url = reverse("admin:events_badaddress_changelist")
    for name, theirs in seen.items():
        page = client_for(name).get(url).content.decode()
        assert {first for first in ("rui", "tom", "priya") if f"{first}." in page} == set(theirs.split()), name
    everything = list(BadAddress.objects.values_list("pk", flat=True))
    client_for("ana").post(url, {"action": "reached_again", "_selected_action": everything})
    assert list(BadAddress.objects.values_list("address", flat=True)) == ["priya.nair@northlake.example"]
