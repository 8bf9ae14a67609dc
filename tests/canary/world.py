"""An engagement of four organizations, a private deal and more, in which every secret fact carries a word of its own.

Who may read which word is written down here by hand, from product.md §3, §5 and §10; nothing is asked of the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from accounts.enums import CustomerCategory, Role, SolutionKind
from accounts.models import CustomerAccount, Invite, Location, Membership, Organization, RoutingRule, Solution, User
from cosell import clock
from cosell.events.enums import Channel, ChatService, DeliveryState
from cosell.events.models import ChatHook, Delivery
from cosell.local.cast.registrations import a_claim, order_form
from deals import actions
from deals.enums import Action, Help, Kind
from deals.models import Deal, Draft
from registrations import actions as claims
from registrations.enums import FailReason, Outcome
from registrations.models import Registration
from tests.cast import load_cast, user, who

PEOPLE = ("ana", "julia", "rui", "tom", "vera", "diego", "priya", "sam", "mia", "lee", "beatriz", "noor", "erik")
SAO_PAULO, LONDON = "ana julia rui vera", "ana tom vera"  # who at Contoso opens the two deals
HOST, NORTHLAKE, RELECLOUD = (
    "beatriz noor erik",
    "priya",
    "mia sam",
)  # Sam reads at Relecloud, and is on no team at Northlake
EVERYBODY_IN = f"{SAO_PAULO} {HOST} {NORTHLAKE} {RELECLOUD}"
ALL_OF_CONTOSO = "ana julia rui tom vera"
COMPANIES = {
    "Microsoft": "lee beatriz noor erik",
    "Contoso Data": f"{ALL_OF_CONTOSO} diego",
    "Northlake Services": "priya sam",
    "Relecloud": RELECLOUD,
}
# What the operator looks after, who may read nothing of a deal.
OPERATED = (
    "Private customer",
    "Delivery error",
    *(f"{company.split()[0]} {fact}" for company in COMPANIES for fact in (
        "office", "city", "partner id", "colleague", "solution", "hook", "invite", "website", "description",
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Canary:
    """`word` stands for `fact`; only `readers` may ever meet it. Amounts are met in any notation, not within an id."""

    fact: str
    word: str
    readers: frozenset[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        digits = self.word.replace(".", "")
        if not digits.isdecimal():
            return re.compile(re.escape(self.word), re.IGNORECASE)
        return re.compile(r"(?<![\w-])" + r"[.,'\s]?".join(digits[:-2]) + r"(?:00)?(?![\w-])")


_canaries: dict[str, Canary] = {}


def canary(fact: str, readers: str, word: str = "") -> str:
    """The word of a fact, and who may read it."""
    word = word or "zq" + re.sub(r"[^a-z]", "", fact.lower()) + "qz"
    _canaries[fact] = Canary(fact, word, frozenset(readers.split()))
    return word


@dataclass
class World:
    sides: dict[str, Deal]
    draft: Draft
    registration: Registration
    canaries: tuple[Canary, ...]

    def forbidden(self, name: str) -> list[Canary]:
        return [each for each in self.canaries if name not in each.readers]


def build() -> World:
    """In the caller's transaction."""
    _canaries.clear()
    load_cast()
    sides = _four() | {"private": _private(), "partner_led": _partner_led(), "unanswered": _unanswered()}
    registration = _registered()
    for name, readers in COMPANIES.items():
        _inside(Organization.objects.get(name=name), readers)
    _failed(registration.deal)
    return World(sides | {"registered": registration.deal}, _draft(), registration, tuple(_canaries.values()))


def _new(by: str, customer: CustomerAccount, partner_id: str, team: list[str], **more: object) -> Deal:
    location = Location.objects.get(partner_id=partner_id)
    given = {
        "kind": Kind.IP,
        "host": Organization.objects.host(),
        "customer": customer,
        "location": location,
        "currency": "USD",
        "close_on": _ahead(90),
        "intent": "undecided",
        "team": [actions.Person(user(name).full_name, user(name).phone, user(name).email) for name in team],
        "solutions": list(Solution.objects.filter(code="SOL-10471-CLH")),
        **more,
    }
    return actions.create_deal(who(by), actions.NewDeal(**given))


def _ahead(days: int) -> object:
    return (clock.now() + timedelta(days=days)).date()


def _contact(fact: str, readers: str) -> actions.Contact:
    word = canary(fact, readers)
    return actions.Contact(f"{word} Person", "+1 555 0177", f"{word}@customer.example")


def _invite(deal: Deal, partner: str, solution: str, readers: str, value: str) -> Deal:
    invitation = actions.Invitation(
        organization=Organization.objects.get(name=partner),
        value=Decimal(canary(f"{partner} invited value", readers, value)),
        currency="USD",
        close_on=_ahead(80),
        help=Help.POC,
        notes=canary(f"{partner} invited why", readers),
        solutions=[Solution.objects.get(code=solution)],
    )
    return actions.invite_partner(who("ana"), deal.pk, invitation)


def _accept(by: str, organization: str, deal: Deal, readers: str, value: str) -> None:
    """What this side says of itself."""
    me = who(by, organization)
    actions.accept_deal(
        me,
        deal.pk,
        name=canary(f"{organization} name", readers),
        value=Decimal(canary(f"{organization} value", readers, value)),
        currency="USD",
        close_on=_ahead(70),
        notes=canary(f"{organization} accepting note", readers),
        crm_id=canary(f"{organization} CRM", readers),
        campaign_id=canary(f"{organization} campaign", readers),
    )
    actions.add_note(me, deal.pk, canary(f"{organization} note", readers))
    actions.mark_stage(me, deal.pk, Action.QUALIFY, note=canary(f"{organization} stage note", readers))


def _four() -> dict[str, Deal]:
    """Contoso's deal with the host, Northlake and Relecloud, all of whom accepted."""
    deal = _new(
        "ana",
        CustomerAccount.objects.get(name="Fabrikam Seguros S.A."),
        "100201",
        ["ana", "rui"],
        name="Four at one table",
        value=Decimal(canary("Contoso value", f"{SAO_PAULO} {HOST}", "734511.00")),
        notes=canary("Contoso note", SAO_PAULO),
        crm_id=canary("Contoso CRM", SAO_PAULO),
        campaign_id=canary("Contoso campaign", SAO_PAULO),
        contact=_contact("Four contact", EVERYBODY_IN),
        help=Help.POC,
        customer_problem="It is slow.",
        help_needed="An architect.",
    )
    northlake = _invite(deal, "Northlake Services", "SOL-20110-NMG", f"{SAO_PAULO} {NORTHLAKE}", "681227.00")
    relecloud = _invite(deal, "Relecloud", "SOL-30207-RFA", f"{SAO_PAULO} {RELECLOUD}", "529813.00")
    host = deal.engagement.sides.get(organization=Organization.objects.host())
    _accept("priya", "Northlake Services", northlake, NORTHLAKE, "418839.00")
    _accept("mia", "Relecloud", relecloud, RELECLOUD, "397745.00")
    _accept("beatriz", "Microsoft", host, HOST, "862293.00")
    return {"four": deal, "northlake": northlake, "relecloud": relecloud, "host": host}


def _private() -> Deal:
    """Contoso's London office alone, on a customer that it typed by hand."""
    customer = CustomerAccount.objects.create(
        name=canary("Private customer", ALL_OF_CONTOSO).capitalize(),
        category=CustomerCategory.MANUAL,
        country="BR",
        city="Recife",
        entered_by=Organization.objects.get(name="Contoso Data"),
    )
    return _new(
        "tom",
        customer,
        "100202",
        ["tom"],
        name=canary("Private name", LONDON),
        value=Decimal(canary("Private value", LONDON, "951467.00")),
        notes=canary("Private note", LONDON),
        crm_id=canary("Private CRM", LONDON),
        campaign_id=canary("Private campaign", LONDON),
        contact=_contact("Private contact", LONDON),
    )


def _partner_led() -> Deal:
    """Sellers of the customer's market look on."""
    readers = "ana julia vera"
    return _new(
        "ana",
        CustomerAccount.objects.get(name="Usina Rio Claro Ltda."),
        "100201",
        ["ana"],
        name=canary("Led name", f"{readers} {HOST}"),
        value=Decimal(canary("Led value", f"{readers} {HOST}", "273379.00")),
        notes=canary("Led note", readers),
        crm_id=canary("Led CRM", readers),
        contact=_contact("Led contact", readers),
        show_to_host=True,
    )


def _unanswered() -> Deal:
    """Relecloud has not answered: it sees no contact, and nothing of the other sides."""
    readers = "ana tom vera"
    deal = _new(
        "tom",
        CustomerAccount.objects.get(name="Northwind Traders Ltd"),
        "100202",
        ["tom"],
        name="Not answered yet",
        value=Decimal(canary("Unanswered value", readers, "648853.00")),
        notes=canary("Unanswered note", readers),
        crm_id=canary("Unanswered CRM", readers),
        contact=_contact("Unanswered contact", readers),
    )
    invitation = actions.Invitation(
        organization=Organization.objects.get(name="Relecloud"),
        value=Decimal(20_000),
        currency="USD",
        close_on=_ahead(80),
        help=Help.POC,
        notes="We need you.",
        solutions=[Solution.objects.get(code="SOL-30207-RFA")],
    )
    return actions.invite_partner(who("tom"), deal.pk, invitation)


def _registered() -> Registration:
    """Contoso's won deal above a million: one reviewer has decided, and the partner proposes a change meanwhile."""
    readers = f"{SAO_PAULO} {HOST}"
    with clock.moved_by(timedelta(days=-20)):
        fabrikam = CustomerAccount.objects.get(name="Fabrikam Seguros S.A.")
        won = _new(
            "ana",
            fabrikam,
            "100201",
            ["ana", "rui"],
            name="Registered",
            value=Decimal(1_500_000),
            notes="Met at the fair.",
            show_to_host=True,
        )
    with clock.moved_by(timedelta(days=-10)):
        actions.win_deal(who("ana"), won.pk)
    with clock.moved_by(timedelta(days=-9)):
        claim = a_claim(won, contract_value=Decimal(canary("Contract value", readers, "1618033.00")))
        upload = order_form(won, claim)
        upload.name = canary("Evidence name", f"{SAO_PAULO} noor erik") + ".pdf"
        file = claims.add_file(who("ana"), won.pk, claim.program, upload)
        registration = claims.submit(who("ana"), won.pk, file.registration.version, claim)
        words, reasons = canary("First decision", HOST), [FailReason.OTHER]
        version = registration.version
        claims.decide(who("noor"), registration.pk, Outcome.FAIL, version=version, reasons=reasons, words=words)
    changed = replace(claim, contract_value=Decimal(canary("Changed value", readers, "1414213.00")))
    claims.propose_change(who("rui"), registration.pk, changed, {})
    claims.request_exception(who("ana"), won.pk, canary("Exception", readers), [])
    return Registration.objects.get(pk=registration.pk)


def _draft() -> Draft:
    """Ana's own; not even her colleagues read it."""
    words = {"name": [canary("Draft name", "ana")], "notes": [canary("Draft note", "ana")]}
    now = clock.now()
    return Draft.objects.create(
        organization=who("ana").organization,
        owner=user("ana"),
        answers={"details": {"kind": ["ip"], **words}},
        created_at=now,
        updated_at=now,
    )


def _inside(company: Organization, readers: str) -> None:
    """What a company has of its own beside deals: who works there and where, how they are told, what it sold once."""
    known_to_host = readers if "erik" in readers else f"{readers} erik"
    name = company.name.split()[0]
    place = Location.objects.create(
        organization=company,
        name=canary(f"{name} office", readers),
        city=canary(f"{name} city", readers),
        partner_id=canary(f"{name} partner id", readers)[:20],
        country="BR",
    )
    word = canary(f"{name} colleague", readers)
    colleague = User.objects.create_user(f"{word}@people.example", full_name=f"{word} Person", phone="+1 555 0111")
    role = Role.REVIEWER if "erik" in readers else Role.REFERRALS_VIEWER
    Membership.objects.create(user=colleague, organization=company, role=role)
    retired = Solution.objects.create(
        organization=company,
        code=f"SOL-{company.pk}-OLD",
        name=canary(f"{name} solution", known_to_host),
        kind=SolutionKind.IP,
        location=place,
        is_active=False,
    )
    if "erik" not in readers:
        RoutingRule.objects.create(organization=company, market="BR", solution=retired, location=place)
    word = canary(f"{name} hook", readers)
    ChatHook.objects.create(
        organization=company,
        name=word,
        service=ChatService.SLACK,
        url=f"https://chat.example/{word}",
        is_active=False,
    )
    word, now = canary(f"{name} invite", readers), clock.now()
    Invite.objects.create(
        organization=company,
        email=f"{word}@people.example",
        full_name=word,
        role=role,
        invited_by=Membership.objects.filter(organization=company).order_by("pk")[0].user,
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    company.website = f"https://{canary(f'{name} website', known_to_host)}.example"
    company.description = canary(f"{name} description", known_to_host)
    company.save()


def _failed(deal: Deal) -> None:
    """A mail to the team that did not arrive, with what the server said."""
    rui = Delivery.objects.filter(event__deal_id=deal.pk, channel=Channel.MAIL, user=user("rui"))
    said = f"550 {canary('Delivery error', SAO_PAULO)}"
    assert rui.update(state=DeliveryState.FAILED, last_error=said)
