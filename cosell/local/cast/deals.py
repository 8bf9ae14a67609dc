"""About forty deals in every stage and direction, made by the same actions as people use, on a clock set back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from heapq import heapify, heappop, heappush

from django.db import transaction

from accounts.actions import enter_customer
from accounts.models import CustomerAccount, Location, Organization, PartnerProgram, Solution, SolutionPlay, User
from accounts.who import Who
from cosell import clock
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery
from deals import actions, tasks
from deals.enums import Action, DeclineReason, Direction, ErrorReason, Help, Kind, NoMatchReason, PartnerRole
from deals.models import Deal, MatchCase

ANA, RUI, JULIA, TOM = "ana.souza", "rui.prado", "julia.campos", "tom.fisher"
PRIYA, SAM = "priya.nair", "sam.okoro"
LEE, BEA, NOOR = "lee.chan", "beatriz.lima", "noor.haddad"
ORGANIZATION = {ANA: "Contoso Data", RUI: "Contoso Data", JULIA: "Contoso Data", TOM: "Contoso Data",
                PRIYA: "Northlake Services", SAM: "Northlake Services", LEE: "Microsoft", BEA: "Microsoft", NOOR: "Microsoft"}  # fmt: skip
LAKEHOUSE, FRAUD, FIELD, FORECAST = "SOL-10471-CLH", "SOL-10472-CFR", "SOL-10473-CFS", "SOL-20111-NFC"
MIGRATION = "SOL-20110-NMG"

Q, D, P, N = Action.QUALIFY, Action.DEVELOP, Action.PROPOSE, Action.NEGOTIATE
PROBLEM = "{customer} must move its data off an appliance before the licence ends, and cannot size the target alone."
HELP = "A reviewed target architecture, and an introduction to the buyer of the platform."

# who creates, days ago, deal, customer, value, currency, solution, location (PartnerID), help ("" = private, "show" = partner-led),
# Microsoft's answer ("" none yet, "accept", "decline", and its own stages), own stages, end
OUTBOUND = [
    (ANA, 20, "Adatum lakehouse", "A. Datum Corporation", 310_000, "USD", LAKEHOUSE, "999999", Help.ARCHITECTURE, ("accept", Q), (Q, D), ""),
    (ANA, 60, "Woodgrove fraud signals", "Woodgrove Bank", 1_250_000, "EUR", FRAUD, "100202", Help.POC, ("accept", Q, D, "won"), (Q, D, P, N), ""),
    (RUI, 9, "Wide World shipments lake", "Wide World Importers", 84_000, "USD", LAKEHOUSE, "999999", Help.WORKLOAD, (), (Q,), ""),
    (RUI, 13, "Blue Yonder crew planning", "Blue Yonder Airlines", 146_500, "USD", LAKEHOUSE, "999999", Help.QUOTES, (), (), ""),
    (ANA, 40, "Humongous claims scoring", "Humongous Insurance", 220_000, "USD", FRAUD, "999999", Help.ARCHITECTURE, ("accept",), (Q, D, P), "won"),
    (ANA, 33, "City Power metering", "City Power & Light", 410_000, "USD", LAKEHOUSE, "999999", "show", (), (Q, P), ""),
    (RUI, 25, "Lamna triage", "Lamna Healthcare Company", 41_000, "USD", FIELD, "999999", "show", (), (Q,), "won"),
    (JULIA, 6, "Fabrikam sinistros", "Fabrikam Seguros S.A.", 240_000, "BRL", FRAUD, "100201", Help.POC, ("accept",), (), ""),
    (JULIA, 18, "Vale cooperado 360", "Banco Cooperativo do Vale S.A.", 380_000, "BRL", LAKEHOUSE, "100201", Help.GENERAL, (), (Q, D), ""),
    (JULIA, 3, "Usina Rio Claro safra", "Usina Rio Claro Ltda.", 95_000, "BRL", LAKEHOUSE, "100201", "", (), (), ""),
    (RUI, 50, "Hospital Santa Clara leitos", "Hospital Santa Clara", 120_000, "BRL", FIELD, "100201", "", (), (Q,), "lost"),
    (TOM, 11, "Northwind cold chain", "Northwind Traders Ltd", 82_000, "GBP", LAKEHOUSE, "100202", Help.WORKLOAD, ("decline",), (Q,), ""),
    (TOM, 28, "VanArsdel quality", "VanArsdel, Ltd.", 66_000, "GBP", FIELD, "100202", "", (), (Q, D), ""),
    (TOM, 70, "Trey lab notebook", "Trey Research", 54_000, "GBP", LAKEHOUSE, "100202", Help.POC, ("accept", Q), (Q, D, P, N), "won"),
    (ANA, 2, "Première Énergie grid", "Société Première Énergie", 530_000, "EUR", LAKEHOUSE, "100202", "", (), (), ""),
    (ANA, 45, "Phone Company churn", "The Phone Company", 175_000, "GBP", FRAUD, "100202", Help.POC, ("accept",), (Q,), "error"),
    (RUI, 15, "Adventure Works returns", "Adventure Works Cycles", 58_000, "USD", FIELD, "999999", "show", (), (), ""),
    (ANA, 22, "Proseware field app", "Proseware GmbH", 128_500, "EUR", LAKEHOUSE, "999999", "", (), (Q, D, P), ""),
    (RUI, 80, "Consolidated routing", "Consolidated Messenger", 99_000, "CAD", LAKEHOUSE, "999999", Help.ARCHITECTURE, (), (Q,), "lost"),
    (ANA, 1, "Public works archive", "Department of Public Works", 64_000, "USD", LAKEHOUSE, "999999", Help.GENERAL, (), (), ""),
    (PRIYA, 12, "Tailspin demand forecast", "Tailspin Toys Pvt. Ltd.", 5_200_000, "INR", FORECAST, "200100", Help.WORKLOAD, ("accept",), (Q,), ""),
    (PRIYA, 30, "Litware plant forecast", "Litware, Inc.", 9_600_000, "JPY", FORECAST, "200100", "show", (), (Q, D), ""),
    (SAM, 8, "Northwind stock planning", "Northwind Traders Ltd", 47_000, "GBP", FORECAST, "200100", "", (), (), ""),
    (SAM, 55, "Liberty's bakery rota", "Liberty's Delightful Sinful Bakery & Cafe", 12_500, "GBP", FORECAST, "200100", "", (), (Q,), "won"),
]  # fmt: skip

# services of Northlake: like OUTBOUND, then role and play; and what the host sent, with its program
SERVICES = [
    (PRIYA, 16, "Tailspin agents at work", "Tailspin Toys Pvt. Ltd.", 2_400_000, "INR", MIGRATION, "200100", Help.WORKLOAD, ("accept",), (Q,), "", (PartnerRole.ADOPTION, "Copilot and Agents at Work")),
    (SAM, 5, "Northwind claims without code", "Northwind Traders Ltd", 38_000, "GBP", MIGRATION, "200100", "show", (), (), "", (PartnerRole.DEPLOYMENT, "Innovate with Low Code AI and Agents")),
]  # fmt: skip
SERVICES_FROM_HOST = [
    (LEE, 7, "Litware plants to the cloud", "Litware, Inc.", 7_500_000, "JPY", "Northlake Services", MIGRATION, ("accept",), (PartnerRole.MANAGED, "Innovate with Azure AI Apps and Agents", "Azure Expert MSP")),
]  # fmt: skip

# assessments of Northlake: who, days ago, deal, customer, value, currency, type, the specialist's answer, stages and end
LOE, DATA, REPORT, PRESENT = Action.SECURE_LOE, Action.COLLECT_DATA, Action.PREPARE_REPORT, Action.PRESENT
ASSESSMENTS = [
    (PRIYA, 19, "Tailspin data centre exit", "Tailspin Toys Pvt. Ltd.", 900_000, "INR", "SOL-00101-DIM", ("accept",), (LOE, DATA)),
    (PRIYA, 58, "Litware cost review", "Litware, Inc.", 1_200_000, "JPY", "SOL-00105-ACO", ("accept",), (LOE, DATA, REPORT, PRESENT, "won")),
]  # fmt: skip

# who sends, days ago, deal, customer, value, currency, partner, solution, partner's answer ("", accept, decline, then stages and end)
FROM_HOST = [
    (BEA, 13, "Fabrikam claims on Azure", "Fabrikam Seguros Nordeste S.A.", 240_000, "BRL", "Contoso Data", FRAUD, ()),
    (LEE, 11, "Northwind forecasting", "Northwind Traders GmbH", 82_000, "EUR", "Contoso Data", LAKEHOUSE, ()),
    (LEE, 4, "Wingtip safety stock", "Wingtip Toys", 36_000, "CAD", "Contoso Data", LAKEHOUSE, ()),
    (LEE, 21, "Southridge archive", "Southridge Video", 71_000, "USD", "Contoso Data", LAKEHOUSE, ("accept", Q, D)),
    (LEE, 38, "Alpine route planner", "Wide World Importers", 64_000, "USD", "Contoso Data", FIELD, ("accept", Q, D, P, "won")),
    (BEA, 26, "Fourth Coffee roasting", "Fourth Coffee Ltda.", 88_000, "BRL", "Contoso Data", LAKEHOUSE, ("decline",)),
    (BEA, 35, "Andes mine telemetry", "Andes Minería Ltda.", 510_000, "USD", "Contoso Data", LAKEHOUSE, ("expire",)),
    (BEA, 5, "Boulder data room", "Boulder Innovations", 43_000, "USD", "Contoso Data", FRAUD, ("accept",)),
    (LEE, 10, "Tailspin migration", "Tailspin Toys (India) Private Limited", 3_100_000, "INR", "Northlake Services", FORECAST, ("accept", Q)),
    (LEE, 12, "Bosphorus warehouse moves", "Bosphorus Lojistik A.Ş.", 1_900_000, "TRY", "Northlake Services", FORECAST, ()),
    (LEE, 44, "Litware service desk", "Litware, Inc.", 4_400_000, "JPY", "Northlake Services", FORECAST, ("accept", Q, "lost")),
]  # fmt: skip

# on the deal (of Contoso), days ago, partner, share, the partner's answer
TO_PARTNERS = [
    ("Adatum lakehouse", 15, "Northlake Services", 60_000, ("accept", Q)),
    ("Proseware field app", 4, "Northlake Services", 25_000, ()),
    ("Woodgrove fraud signals", 50, "Northlake Services", 90_000, ("decline",)),
]

# customers that no list knew, entered by hand: who, days ago, deal, customer, city, country, domain, D-U-N-S, value, currency,
# location, help, what account matching made of it ("" waits, "ask", "answer", "refuse", "certain", else the account's name)
TYPED = [
    (RUI, 5.3, "Fabrikam policies archive", "Fabrikam Seguro SA", "São Paulo", "BR", "fabrikam.example", "", 135_000, "BRL", "100201", "show", ""),
    (ANA, 1.4, "Woodgrove card signals", "Woodgrove Bank, S.A.", "Lisboa", "PT", "woodgrovebank.example", "530000363", 98_000, "EUR", "100202", Help.POC, "certain"),
    (TOM, 8, "Trey sample tracking", "Trey Reserch", "Cambridge", "GB", "", "", 61_000, "GBP", "100202", "show", "Trey Research"),
    (ANA, 3.2, "Alpine season passes", "Alpin Ski Haus", "Zürich", "CH", "", "", 47_000, "CHF", "100202", "show", "ask"),
    (RUI, 4.1, "Coho cellar book", "Coho Wines", "Napa", "US", "", "", 39_000, "USD", "999999", "show", "answer"),
    (TOM, 0.7, "Northwind quay cameras", "Northwind Trader", "Leeds", "GB", "northwindtraders.example", "", 88_000, "GBP", "100202", Help.ARCHITECTURE, ""),
    (ANA, 12, "Bakery counters", "Padaria Três Irmãos", "Ouro Preto", "BR", "", "", 9_000, "BRL", "100201", "show", "refuse"),
]  # fmt: skip


Story = Iterator[float]  # yields the time of its next act, in days before now (negative), then does it


def load_deals() -> None:
    """Write the deals into tables that hold the people and the customers. No mail of the past is sent."""
    with transaction.atomic():
        tell_all(
            [
                *(outbound(*row) for row in OUTBOUND),
                *(_from_host(*row) for row in FROM_HOST),
                *(outbound(*row, **_services(*words)) for *row, words in SERVICES),
                *(_from_host(*row, **_services(*words)) for *row, words in SERVICES_FROM_HOST),
                *(_assessment(*row) for row in ASSESSMENTS),
                *(_typed(*row) for row in TYPED),
            ]
        )
        _favorites()
        tasks.match_due()
        Delivery.objects.filter(channel=Channel.MAIL).update(state=DeliveryState.SENT, sent_at=clock.now())
        old = clock.now() - timedelta(days=7)
        Delivery.objects.filter(channel=Channel.BELL, not_before__lt=old).update(read_at=clock.now())


def tell_all(stories: Iterable[Story]) -> None:
    """All stories at once, each act at its time: the register grows in the order of the clock, as in life."""
    waiting = [(next(story), number, story) for number, story in enumerate(stories)]
    heapify(waiting)
    while waiting:
        at, number, story = heappop(waiting)
        with clock.moved_by(timedelta(days=at)):
            following = next(story, None)
        if following is not None and following < 0:
            heappush(waiting, (following, number, story))


def _merge(*stories: Story) -> Story:
    """Several stories of one deal, in the order of their times."""
    waiting = [(at, number, story) for number, story in enumerate(stories) if (at := next(story, None)) is not None]
    heapify(waiting)
    while waiting:
        at, number, story = heappop(waiting)
        yield at
        following = next(story, None)
        if following is not None:
            heappush(waiting, (following, number, story))


def who(name: str) -> Who:
    organization = Organization.objects.get(name=ORGANIZATION[name])
    found = Who.of(User.objects.get(email__startswith=f"{name}@"), organization)
    assert found is not None
    return found


def _person(name: str) -> actions.Person:
    user = User.objects.get(email__startswith=f"{name}@")
    return actions.Person(user.full_name, user.phone, user.email)


def _new(creator: str, name: str, customer: str, value: int, currency: str, **more: object) -> Deal:
    account = CustomerAccount.objects.get(name=customer)
    new = actions.NewDeal(
        host=Organization.objects.host(),
        customer=account,
        name=name,
        value=Decimal(value),
        currency=currency,
        close_on=(clock.now() + timedelta(days=120)).date(),
        notes=f"Met {account.name} at the industry fair; their data team asked for a follow-up.",
        crm_id=f"OPP-{22000 + account.pk}",
        team=[_person(creator)],
        **{"kind": Kind.IP, "intent": "undecided", **more},
    )
    return actions.create_deal(who(creator), new)


def outbound(
    creator: str,
    days: float,
    name: str,
    customer: str,
    value: int,
    currency: str,
    solution: str,
    partner_id: str,
    asked: str,
    answer: tuple,
    stages: tuple,
    end: str,
    **of_its_kind: object,
) -> Story:
    yield -days
    shared: dict[str, object] = {"help": Help.NONE, "show_to_host": asked == "show"}
    if asked not in ("", "show"):
        shared = {
            "help": Help(asked),
            "customer_problem": PROBLEM.format(customer=customer),
            "help_needed": HELP,
            "contact": actions.Contact("Chris Gray", "+1 555 0199", f"chris.gray@{_domain(customer)}"),
        }
    deal = _new(
        creator, name, customer, value, currency,
        solutions=list(Solution.objects.filter(code__in=(solution, "SOL-00001-DBX"))),
        location=Location.objects.get(partner_id=partner_id),
        **shared, **of_its_kind,
    )  # fmt: skip
    stories = [_walk(days, 4, creator, deal, (*stages, *([end] if end else [])))]
    invited = deal.engagement.sides.filter(direction=Direction.INBOUND).first()
    if invited and (answer or days > 14):
        seller = BEA if invited.engagement.customer.country in ("BR", "PT", "MX") else LEE
        stories.append(_answer(days, 2.9, seller, invited, answer or ("expire",)))
    stories += [_to_partner(deal, *row[1:]) for row in TO_PARTNERS if row[0] == name]
    yield from _merge(*stories)


def _typed(
    creator: str, days: float, name: str, customer: str, city: str, country: str, domain: str, duns: str,
    value: int, currency: str, partner_id: str, help: str, then: str,
) -> Story:  # fmt: skip
    """A deal on a customer entered by hand, and what account matching makes of it."""
    yield -days
    if not CustomerAccount.objects.filter(name=customer).exists():
        enter_customer(who(creator), {
            "manual_name": customer, "manual_address": "", "manual_city": city, "manual_country": country,
            "manual_duns": duns, "manual_domain": domain,
        })  # fmt: skip
    shared: dict[str, object] = {"show_to_host": True}
    if help != "show":
        shared = {
            "help": Help(help), "customer_problem": PROBLEM.format(customer=customer), "help_needed": HELP,
            "contact": actions.Contact("Chris Gray", "+1 555 0199", "chris.gray@customer.example"),
        }  # fmt: skip
    deal = _new(
        creator, name, customer, value, currency,
        solutions=list(Solution.objects.filter(code=LAKEHOUSE)),
        location=Location.objects.get(partner_id=partner_id),
        **shared,
    )  # fmt: skip
    case = MatchCase.objects.get(engagement=deal.engagement)
    yield 0.001 - days
    actions.look_for_account(case.pk)
    if then not in ("", "certain"):
        yield 0.6 * days - days
        _decide(case, creator, then)


def _decide(case: MatchCase, creator: str, then: str) -> None:
    if then == "refuse":
        words = "No company of this name is in the register; tell us its tax number if there is one."
        actions.refuse_match(who(NOOR), case.pk, reason=NoMatchReason.UNKNOWN, note=words)
    elif then in ("ask", "answer"):
        actions.ask_partner(who(NOOR), case.pk, "Under which name does it send invoices, and from which domain?")
        if then == "answer":
            said = "They invoice as Coho Vineyard & Winery."
            actions.answer_question(who(creator), case.pk, said, domain="cohowinery.example")
    else:
        account = CustomerAccount.objects.get(name=then)
        actions.match_account(who(NOOR), case.pk, account.pk, note="Their web page names the lab in Cambridge.")


def _from_host(
    seller: str,
    days: float,
    name: str,
    customer: str,
    value: int,
    currency: str,
    partner: str,
    solution: str,
    answer: tuple,
    **of_its_kind: object,
) -> Story:
    yield -days
    organization = Organization.objects.get(name=partner)
    deal = _new(
        seller, name, customer, value, currency,
        location=Location.objects.get(organization__name="Microsoft"),
        invitations=[actions.Invitation(
            organization=organization, value=Decimal(value), currency=currency,
            close_on=(clock.now() + timedelta(days=110)).date(), help=Help.POC,
            notes=f"{customer} asks for a proof of concept before the quarter ends; your solution fits.",
            solutions=[Solution.objects.get(code=solution)], team=[_person(seller)],
        )],
        **of_its_kind,
    )  # fmt: skip
    invited = deal.engagement.sides.get(organization=organization)
    yield from _answer(days, 1.6, ANA if partner == "Contoso Data" else PRIYA, invited, answer)


def _services(role: PartnerRole, play: str, program: str = "") -> dict[str, object]:
    """What a services deal says of itself; the program only if the host sent it."""
    found = SolutionPlay.objects.select_related("area").get(name=play)
    return {
        "kind": Kind.SERVICES,
        "partner_role": role,
        "solution_area": found.area,
        "solution_play": found,
        "partner_program": PartnerProgram.objects.get(name=program) if program else None,
    }


def _assessment(
    creator: str, days: float, name: str, customer: str, value: int, currency: str, code: str,
    answer: tuple, steps: tuple,
) -> Story:  # fmt: skip
    yield -days
    location = Location.objects.get(partner_id="200100")
    deal = _new(
        creator, name, customer, value, currency,
        kind=Kind.ASSESSMENT,
        solutions=[Solution.objects.get(code=code)],
        location=location,
        payout_location=location,
        contact=actions.Contact("Chris Gray", "+1 555 0199", f"chris.gray@{_domain(customer)}"),
        help_needed=f"{customer} gave us read access to its inventory. Please confirm the scope of the assessment.",
    )  # fmt: skip
    invited = deal.engagement.sides.get(direction=Direction.INBOUND)
    yield from _merge(_walk(days, 4, creator, deal, steps), _answer(days, 2.1, LEE, invited, answer))


def _to_partner(deal: Deal, days: float, partner: str, share: int, answer: tuple) -> Story:
    yield -days
    organization = Organization.objects.get(name=partner)
    invited = actions.invite_partner(who(ANA), deal.pk, actions.Invitation(
        organization=organization, value=Decimal(share), currency=deal.currency, close_on=deal.close_on,
        help=Help.ARCHITECTURE, notes="We need your migration factory for the last two plants.",
        solutions=[Solution.objects.get(code="SOL-20110-NMG")], team=[_person(ANA)],
    ))  # fmt: skip
    yield from _answer(days, 1.2, PRIYA, invited, answer)


def invited_partner(name: str, days: float, partner: str, share: int, answer: tuple) -> Story:
    """A partner is invited to the deal called `name`, which stands by then."""
    yield -days
    yield from _to_partner(Deal.objects.get(name=name, direction=Direction.OUTBOUND), days, partner, share, answer)


def _answer(days: float, after: float, name: str, invited: Deal, answer: tuple) -> Story:
    """The receiver's answer, `after` days, then its own walk."""
    if not answer:
        return
    first, *rest = answer
    if first == "expire":
        yield 14.01 - days
        actions.expire_deal(invited.pk)
        return
    yield after - 0.4 - days
    actions.mark_seen(who(name), invited.pk)
    yield after - days
    if first == "decline":
        actions.decline_deal(
            who(name), invited.pk, reason=DeclineReason.TIMELINE, notes="Our team is booked until the next quarter."
        )
        return
    actions.accept_deal(
        who(name), invited.pk, name=invited.name, value=invited.value, currency=invited.currency,
        close_on=invited.close_on, notes="Happy to bring in an architect next week.", share_notes=True,
    )  # fmt: skip
    yield from _walk(days, after + 2, name, invited, tuple(rest))


def _walk(days: float, begin: float, name: str, deal: Deal, steps: tuple) -> Story:
    """One step every five days, squeezed into the days there are."""
    for index, step in enumerate(steps):
        yield min(begin + index * 5, days - 0.2 - 0.05 * (len(steps) - index)) - days
        _step(name, deal, step)


def _step(name: str, deal: Deal, step: str) -> None:
    if step == "won":
        actions.win_deal(who(name), deal.pk, note="Signed by both sides.", early_confirmed=True)
    elif step == "lost":
        actions.lose_deal(who(name), deal.pk, reason=DeclineReason.BUDGET, note="Frozen until the next budget.")
    elif step == "error":
        actions.close_as_error(who(name), deal.pk, reason=ErrorReason.DUPLICATE_PORTAL, note="Created twice.")
    else:
        note = "Workshop held, sizing sheet agreed." if step == D else ""
        actions.mark_stage(who(name), deal.pk, Action(step), note=note, share_note=True)


def _domain(customer: str) -> str:
    return CustomerAccount.objects.get(name=customer).domain


def _favorites() -> None:
    for name, deals in ((ANA, ("Adatum lakehouse", "Woodgrove fraud signals")), (LEE, ("Adatum lakehouse",))):
        for deal in Deal.objects.filter(name__in=deals, direction=Direction.OUTBOUND):
            actions.set_favorite(who(name), deal.engagement, on=True)
