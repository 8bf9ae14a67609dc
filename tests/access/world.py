"""One set of rows for the whole matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import CustomerAccount, Location, Organization, Solution, User
from accounts.who import Who
from cosell import clock
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from cosell.local.cast import load_people
from cosell.local.cast.customers import load_customers
from cosell.local.cast.registrations import a_claim, order_form
from deals import actions
from deals.enums import Direction, Help, Kind
from deals.models import Deal, Draft
from registrations import actions as claims
from registrations.enums import Pricing
from tests.access import channels, people
from tests.access.table import ANONYMOUS, CAST


@dataclass
class World:
    sides: dict[str, Deal]
    typed: Deal  # on a customer entered by hand, at São Paulo, shown to Microsoft
    draft: Draft
    told: Delivery
    sessions: dict[str, str]
    registered: dict[str, Any]  # the won deal and what hangs on it, by the word of the table

    def client(self, name: str, *, htmx: bool = False) -> Client:
        client = Client(raise_request_exception=True, headers={"HX-Request": "true"} if htmx else None)
        if name != ANONYMOUS:
            client.cookies["sessionid"] = self.sessions[name]
        return client


def build() -> World:
    """The rows, in the caller's transaction."""
    load_people()
    load_customers()
    sides = _deals()
    people.invite("diego")
    channels.hook()
    EmailAddress.objects.create(user=User.objects.get(email=CAST["ana"]), email=CAST["ana"])
    ana, contoso = User.objects.get(email=CAST["ana"]), Organization.objects.get(name="Contoso Data")
    now = clock.now()
    return World(
        sides=sides,
        typed=_create(_who("ana", "Contoso Data"), "Padaria Três Irmãos", "100201", ["ana"], show_to_host=True),
        draft=Draft.objects.create(organization=contoso, owner=ana, created_at=now, updated_at=now),
        told=Delivery.objects.get(channel=Channel.BELL, user__email=CAST["priya"]),
        sessions={name: _session(email) for name, email in CAST.items() if email},
        registered=_registered(),
    )


def _registered() -> dict[str, Any]:
    """Contoso's deal at São Paulo, Ana and Rui on the team, won and registered: a reviewer has to look at it."""
    ana = _who("ana", "Contoso Data")
    with clock.moved_by(timedelta(days=-20)):
        won = _create(ana, "Fabrikam Seguros S.A.", "100201", ["ana", "rui"], show_to_host=True)
    with clock.moved_by(timedelta(days=-10)):
        actions.win_deal(ana, won.pk)
    with clock.moved_by(timedelta(days=-9)):
        claim = a_claim(won, pricing=Pricing.PAYG)
        file = claims.add_file(ana, won.pk, claim.program, order_form(won, claim))
        registration = claims.submit(ana, won.pk, file.registration.version, claim)
        exception = claims.request_exception(ana, won.pk, "The reseller signed for us.", [])
    receipt = registration.receipts.get()
    return {"won": won, "registration": registration, "file": file, "receipt": receipt, "exception": exception}


def _session(email: str) -> str:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.cookies["sessionid"].value


def _deals() -> dict[str, Deal]:
    shared = {"help": Help.POC, "customer_problem": "It is slow.", "help_needed": "An architect."}
    contact = actions.Contact("Chris Gray", "+1 555 0199", "chris.gray@customer.example")
    ana = _who("ana", "Contoso Data")
    sao_paulo = _create(ana, "Fabrikam Seguros S.A.", "100201", ["ana", "rui"], contact=contact, **shared)
    northlake = actions.invite_partner(ana, sao_paulo.pk, _invitation("Northlake Services", "SOL-20110-NMG"))
    london = _create(_who("tom", "Contoso Data"), "Northwind Traders Ltd", "100202", ["tom"])
    partner_led = _create(ana, "Usina Rio Claro Ltda.", "100201", ["ana"], show_to_host=True)
    invited = _invitation("Contoso Data", "SOL-10471-CLH")
    sent = _create(_who("lee", "Microsoft"), "Wide World Importers", "1", ["lee"], invitations=[invited])
    return {
        "sao_paulo": sao_paulo,
        "london": london,
        "partner_led": partner_led,
        "host": sao_paulo.engagement.sides.get(organization__name="Microsoft"),
        "northlake": northlake,
        "received": sent.engagement.sides.get(direction=Direction.INBOUND),
        "sent": sent,
    }


def _who(name: str, organization: str) -> Who:
    who = Who.of(User.objects.get(email=CAST[name]), Organization.objects.get(name=organization))
    assert who
    return who


def _create(who: Who, customer: str, partner_id: str, team: list[str], **more: Any) -> Deal:
    location = Location.objects.get(partner_id=partner_id)
    own = Solution.objects.filter(organization=location.organization, code="SOL-10471-CLH")
    return actions.create_deal(
        who,
        actions.NewDeal(
            kind=Kind.IP,
            host=Organization.objects.host(),
            customer=CustomerAccount.objects.get(name=customer),
            location=location,
            name=f"Deal with {customer}",
            value=Decimal(50_000),
            currency="USD",
            close_on=(clock.now() + timedelta(days=90)).date(),
            notes="Met at the fair.",
            intent="undecided",
            team=[actions.Person(name, "+1 555 0100", CAST[name]) for name in team],
            solutions=list(own),
            **more,
        ),
    )


def _invitation(organization: str, solution: str) -> actions.Invitation:
    return actions.Invitation(
        organization=Organization.objects.get(name=organization),
        value=Decimal(20_000),
        currency="USD",
        close_on=(clock.now() + timedelta(days=90)).date(),
        help=Help.POC,
        notes="We need you.",
        solutions=[Solution.objects.get(code=solution)],
    )
