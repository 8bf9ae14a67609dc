"""Won deals and their registrations in every state, made by the same actions as people use, on a clock set back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from accounts.models import User
from accounts.who import Who
from cosell import clock
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery
from cosell.local.cast.deals import (
    ANA,
    FIELD,
    FORECAST,
    FRAUD,
    JULIA,
    LAKEHOUSE,
    PRIYA,
    RUI,
    TOM,
    Story,
    invited_partner,
    outbound,
    tell_all,
    who,
)
from deals.enums import Direction, Help, RegistrationState, Stage
from deals.models import Deal
from registrations import actions
from registrations.claim import Claim, claim_of
from registrations.enums import Check, DeployedOn, FailReason, Field, Outcome, Pricing, ProgramCode, Tenant
from registrations.models import Program, Registration
from registrations.rates.importing import load_packaged

AZURE, STANDARD, PREMIUM = ProgramCode.AZURE_IP, ProgramCode.BIZAPPS_STANDARD, ProgramCode.BIZAPPS_PREMIUM
NOOR, ERIK = "noor.haddad", "erik.holm"
ACCEPTED = ("accept",)

# who creates, days ago, deal, customer, value, currency, solution, location, help, the host's answer: won after four days
WON = [
    (ANA, 41, "Woodgrove card vault", "Woodgrove Bank", 2_400_000, "EUR", FRAUD, "100202", Help.POC, ACCEPTED),
    (ANA, 38, "City Power load forecast", "City Power & Light", 96_000, "USD", LAKEHOUSE, "999999", "show", ()),
    (RUI, 36, "Consolidated parcels lake", "Consolidated Messenger", 148_000, "CAD", LAKEHOUSE, "999999", "show", ()),
    (RUI, 35, "Consolidated parcels archive", "Consolidated Messenger", 148_000, "CAD", LAKEHOUSE, "999999", "show", ()),
    (JULIA, 34, "Vale crédito rural", "Banco Cooperativo do Vale S.A.", 420_000, "BRL", FRAUD, "100201", Help.POC, ACCEPTED),
    (TOM, 33, "Northwind depot lake", "Northwind Traders Ltd", 74_000, "GBP", LAKEHOUSE, "100202", "show", ()),
    (ANA, 32, "Wide World claims desk", "Wide World Importers", 61_000, "USD", FRAUD, "999999", "show", ()),
    (RUI, 31, "Adventure media lake", "Adventure Works Cycles", 88_000, "USD", LAKEHOUSE, "999999", "show", ()),
    (ANA, 30, "Phone Company store signals", "The Phone Company", 52_000, "GBP", FRAUD, "100202", "show", ()),
    (ANA, 29, "Humongous renewals", "Humongous Insurance", 240_000, "USD", FRAUD, "999999", Help.ARCHITECTURE, ACCEPTED),
    (PRIYA, 28, "Tailspin forecast renewal", "Tailspin Toys Pvt. Ltd.", 4_800_000, "INR", FORECAST, "200100", "show", ()),
    (ANA, 27, "Wide World customs lake", "Wide World Importers", 112_000, "USD", LAKEHOUSE, "999999", "show", ()),
    (TOM, 26, "Trey sample registry", "Trey Research", 58_000, "GBP", FIELD, "100202", "show", ()),
]  # fmt: skip


def load_registrations() -> None:
    """Write rates, won deals and their registrations; people, customers and deals are there."""
    with transaction.atomic():
        load_packaged((clock.now() + timedelta(days=31)).date())
        Program.objects.update(second_reviewer=User.objects.get(email__startswith=f"{ERIK}@"))
        tell_all([outbound(*row, (), "won") for row in WON] + [_partners_too()])
        tell_all([story(name, days) for name, (days, story) in STORIES.items()])
        Delivery.objects.filter(channel=Channel.MAIL).update(state=DeliveryState.SENT, sent_at=clock.now())
        old = clock.now() - timedelta(days=2)
        Delivery.objects.filter(channel=Channel.BELL, not_before__lt=old).update(read_at=clock.now())


def _partners_too() -> Story:
    """A second partner on one of them, so that a person looks at it."""
    yield from invited_partner("City Power load forecast", 36, "Northlake Services", 20_000, ("accept",))


def _close_decided() -> None:
    """What the clock does every minute."""
    for registration in actions.to_close(clock.now()).order_by("pk"):
        actions.close_registration(registration.pk)


def a_claim(deal: Deal, program: ProgramCode = AZURE, **fields: object) -> Claim:
    """A form filled in well for a won deal; `fields` differ."""
    value = (deal.final_value or deal.value).quantize(Decimal("0.01"))
    today = clock.now().date()
    starts_on = today if program != AZURE else today - timedelta(days=10)
    eligible = actions.eligible_solutions(deal, program)
    claim = Claim(
        program=program,
        is_marketplace=False,
        deployed_on=DeployedOn.AZURE,
        is_perpetual=False,
        contract_value=value,
        currency=deal.currency,
        signed_on=today - timedelta(days=1),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=364),
        tenant=Tenant.PARTNER if program != AZURE else Tenant.CUSTOMER,
        pricing=Pricing.OTHER,
        solution_values={code: (value * Decimal("0.8")).quantize(Decimal("0.01")) for code in list(eligible)[:1]},
        holds_contract=True,
        attested=True,
    )
    return replace(claim, **fields)


def _submit(name: str, program: ProgramCode = AZURE, *, files: bool = True, **fields: object) -> Registration:
    deal = Deal.objects.get(name=name, stage=Stage.WON, organization__kind="partner")
    person = _owner(deal)
    claim = a_claim(deal, program, **fields)
    if files:
        actions.add_file(person, deal.pk, program, order_form(deal, claim))
    known = Registration.objects.filter(deal=deal).first()
    version = known.version if known else 1
    return actions.submit(person, deal.pk, version, claim)


def _owner(deal: Deal) -> Who:
    user = deal.team.select_related("user").order_by("pk")[0].user
    assert user is not None
    return who(user.email.partition("@")[0])


def order_form(deal: Deal, claim: Claim) -> SimpleUploadedFile:
    """A contract as a customer would sign it, one page of PDF."""
    page = BytesIO()
    canvas = Canvas(page, pagesize=A4, invariant=True)
    solutions = ", ".join(solution.name for solution in deal.solutions.all() if solution.code in claim.solution_values)
    lines = [
        "Order form",
        f"Supplier: {deal.organization.name}",
        f"Customer: {deal.engagement.customer.name}",
        f"Solution: {solutions}",
        f"Value: {claim.contract_value} {claim.currency}",
        f"Term: {claim.starts_on} to {claim.ends_on}",
        f"Signed on {claim.signed_on}",
    ]
    for index, line in enumerate(lines):
        canvas.setFont("Helvetica-Bold" if not index else "Helvetica", 18 if not index else 12)
        canvas.drawString(72, 760 - 28 * index, line)
    canvas.save()
    return SimpleUploadedFile("order-form-signed.pdf", page.getvalue(), content_type="application/pdf")


def _decide(registration: Registration, outcome: Outcome, *, by: str = NOOR, **fields: object) -> None:
    registration.refresh_from_db()
    given = {"checked": list(Check.values)} if outcome == Outcome.PASS else {}
    actions.decide(who(by), registration.pk, outcome, version=registration.version, **{**given, **fields})


# ------------------------------------------------------------------------------------------------------- the stories


def _simple(program: ProgramCode = AZURE, **fields: object) -> Callable[[str, float], Story]:
    """Registered, and no more."""

    def story(name: str, days: float) -> Story:
        yield -days
        _submit(name, program, **fields)

    return story


def _decided(outcome: Outcome, program: ProgramCode = AZURE, **fields: object) -> Callable[[str, float], Story]:
    """Registered, pay as you go so that a person looks at it, and decided three days later."""
    words = {key: fields.pop(key) for key in ("reasons", "words", "comments") if key in fields}

    def story(name: str, days: float) -> Story:
        yield -days
        registration = _submit(name, program, **{"pricing": Pricing.PAYG, **fields})
        yield 3 - days
        _decide(registration, outcome, **words)
        yield 3.01 - days
        _close_decided()

    return story


def _second(name: str, days: float) -> Story:
    """Above a million: the first decision is made, the second waits."""
    yield -days
    registration = _submit(name)
    yield 2 - days
    _decide(registration, Outcome.PASS)


def _again(name: str, days: float) -> Story:
    """Asked, changed and sent again."""
    yield -days
    registration = _submit(name, pricing=Pricing.PAYG)
    yield 2 - days
    comments = {Field.ENDS_ON: "The order form ends a year later.", Field.CONTRACT_VALUE: "Does it hold hardware?"}
    _decide(registration, Outcome.ASK, comments=comments)
    yield 3 - days
    claim = registration.submissions.get(number=1)
    deal = Deal.objects.get(pk=registration.deal_id)
    registration.refresh_from_db()
    first = claim_of(claim.facts)
    assert first.ends_on is not None
    changed = replace(first, contract_value=first.contract_value - 2000, ends_on=first.ends_on + timedelta(days=365))
    actions.submit(_owner(deal), deal.pk, registration.version, changed)


def _changed(name: str, days: float) -> Story:
    """A change is proposed while the review runs."""
    yield -days
    registration = _submit(name, pricing=Pricing.PAYG)
    yield 1 - days
    claim = claim_of(registration.submissions.get(number=1).facts)
    more = replace(claim, contract_value=claim.contract_value + 4000)
    actions.propose_change(_owner(registration.deal), registration.pk, more, {})


def _failed(name: str, days: float) -> Story:
    """Failed, and an exception is requested."""
    yield from _decided(
        Outcome.FAIL,
        reasons=[FailReason.COMPANY_NOT_NAMED, FailReason.DATES_DISAGREE],
        words="The order form names the reseller, not your company.",
    )(name, days)
    yield 5 - days
    deal = Deal.objects.get(name=name, direction=Direction.OUTBOUND)
    text = "The reseller signed for us; the master agreement names both companies. Please let us send it."
    actions.request_exception(_owner(deal), deal.pk, text, [Field.SIGNED_ON, Field.STARTS_ON])


def _market(name: str, days: float) -> Story:
    """Bought through the marketplace: approved, then the transaction is looked up."""
    yield -days
    _submit(name, is_marketplace=True, marketplace_on=(clock.now() + timedelta(days=20)).date())


def _waived(name: str, days: float) -> Story:
    yield -days
    deal = Deal.objects.get(name=name, direction=Direction.OUTBOUND)
    actions.waive(_owner(deal), deal.pk, PREMIUM, "The solution runs in the customer's own data centre.")


STORIES: dict[str, tuple[float, Callable[[str, float], Story]]] = {
    "Woodgrove card vault": (9, _second),
    "City Power load forecast": (12, _simple()),
    "Consolidated parcels lake": (20, _decided(Outcome.PASS)),
    "Consolidated parcels archive": (4, _simple()),
    "Vale crédito rural": (6, _again),
    "Northwind depot lake": (5, _simple(pricing=Pricing.PAYG)),
    "Wide World claims desk": (14, _failed),
    "Adventure media lake": (
        8,
        _decided(
            Outcome.ASK,
            comments={
                Field.SIGNED_ON: "The contract was signed on another day.",
                Field.EVIDENCE: "Page 2 is missing.",
            },
            words="Please send the whole contract.",
        ),
    ),
    "Phone Company store signals": (3, _changed),
    "Humongous renewals": (2, _market),
    "Tailspin forecast renewal": (7, _simple(STANDARD)),
    "Wide World customs lake": (1.5, _simple(pricing=Pricing.PAYG)),
    "Trey sample registry": (10, _waived),
}


def in_state(state: RegistrationState) -> Registration:
    """One of the cast's registrations in `state`, the oldest first."""
    return Registration.objects.filter(state=state).select_related("deal").earliest("pk")
