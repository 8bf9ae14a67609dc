"""The cast at work: who they are, a browser for each, and deals made by the same actions as people use."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import CustomerAccount, Location, Organization, Solution, User
from accounts.who import Who
from cosell import clock
from cosell.local.cast import load_people
from cosell.local.cast.customers import load_customers
from deals import actions
from deals.enums import Help, Kind
from deals.models import Deal

LAKEHOUSE, FORECAST, MIGRATION = "SOL-10471-CLH", "SOL-20111-NFC", "SOL-20110-NMG"
CONTACT = actions.Contact("Carla Customer", "+1 555 0177", "carla@customer.example")
PROBLEM, WANTED = "Their appliance licence ends in March.", "A reviewed target architecture."


def load_cast() -> None:
    load_people()
    load_customers()


def user(name: str) -> User:
    """By first name: they all differ."""
    return User.objects.get(email__startswith=f"{name}.")


def who(name: str, organization: str = "") -> Who:
    """At work in the organization named, else in the only one or the first that gave a role."""
    person = user(name)
    memberships = person.memberships.select_related("organization").order_by("pk")
    here = Organization.objects.get(name=organization) if organization else memberships[0].organization
    found = Who.of(person, here)
    assert found is not None, f"{name} has no role in {here}"
    return found


def client_for(name: str, organization: str = "") -> Client:
    """A signed-in browser that shows a 500 as one."""
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(user(name))
    session = client.session
    session["organization_id"] = who(name, organization).organization.pk
    session.save()
    return client


def customer(name: str = "A. Datum Corporation") -> CustomerAccount:
    return CustomerAccount.objects.get(name=name)


def organization(name: str) -> Organization:
    return Organization.objects.get(name=name)


def solutions(*codes: str) -> list[Solution]:
    return list(Solution.objects.filter(code__in=codes).order_by("code"))


def person(name: str) -> actions.Person:
    one = user(name)
    return actions.Person(one.full_name, one.phone, one.email)


def invitation(partner: str, team: Iterable[str] = ("ana",), **fields: Any) -> actions.Invitation:
    """Of one partner, who should bring a solution of its own."""
    invited = organization(partner)
    given = {
        "value": Decimal(40_000),
        "currency": "USD",
        "close_on": (clock.now() + timedelta(days=80)).date(),
        "help": Help.POC,
        "notes": "We need your people for the last two plants.",
        "solutions": list(invited.solutions.all()[:1]),
        "team": [person(name) for name in team],
    }
    return actions.Invitation(organization=invited, **{**given, **fields})


def new_deal(
    by: str = "ana",
    *,
    asks: Help = Help.NONE,
    shown: bool = False,
    of: str = "A. Datum Corporation",
    at: str = "",
    invites: Iterable[str] = (),
    team: Iterable[str] = (),
    **fields: Any,
) -> Deal:
    """A deal made `by` somebody: private, unless it asks help or is shown to the host; `invites` names partners."""
    creator = who(by)
    location = Location.objects.get(partner_id=at) if at else creator.organization.locations.get(is_global=True)
    given: dict[str, Any] = {
        "kind": Kind.IP,
        "host": Organization.objects.host(),
        "customer": customer(of),
        "location": location,
        "name": "Datum lakehouse",
        "value": Decimal(310_000),
        "currency": "USD",
        "close_on": (clock.now() + timedelta(days=120)).date(),
        "notes": "Met at the fair.",
        "intent": "yes",
        "solutions": list(creator.organization.solutions.filter(kind="ip")[:1]),
        "team": [person(each) for each in (by, *team)],
        "help": asks,
        "show_to_host": shown,
        "invitations": [invitation(partner, team=[by]) for partner in invites],
    }
    if asks != Help.NONE:
        given |= {"contact": CONTACT, "customer_problem": PROBLEM, "help_needed": WANTED}
    return actions.create_deal(creator, actions.NewDeal(**{**given, **fields}))


def side_of(deal: Deal, organization_name: str) -> Deal:
    """The newest side of an organization on the same engagement, fresh from the database."""
    return Deal.objects.filter(engagement=deal.engagement, organization__name=organization_name).latest("pk")


def fresh(deal: Deal) -> Deal:
    return Deal.objects.select_related("engagement", "organization").get(pk=deal.pk)


def accept(by: str, side: Deal, **fields: Any) -> Deal:
    given = {"name": side.name, "value": side.value, "currency": side.currency, "close_on": side.close_on}
    return actions.accept_deal(who(by), side.pk, **{**given, **fields})


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """The clock shows `moment` when the block begins, and goes on from there."""
    with clock.moved_by(moment - clock.now()):
        yield
