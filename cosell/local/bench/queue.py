"""How the review queue answers when much waits: its page and the next one, at 100 registrations and at 10,000.

On the database of DATABASE_URL, `python -m cosell.local.bench.queue fill 100` makes so many that wait in an empty one;
`... measure 60` prints the times in milliseconds as JSON.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from cosell.local.bench import loading
from cosell.local.bench.search import percentile

if TYPE_CHECKING:
    from accounts.who import Who
    from registrations.models import Registration

SMALL, BIG = 100, 10_000
ROUNDS, WARM_UP = 5, 5  # both sizes in turns, so that whatever else the machine does meets both
GOAL = 1.3  # how many times as long it may take with the big number


@dataclass(frozen=True)
class Figures:
    """Milliseconds of one thing with so many registrations that wait."""

    what: str
    waiting: int
    times: list[float]

    @property
    def p50(self) -> float:
        return percentile(self.times, 50)

    @property
    def p95(self) -> float:
        return percentile(self.times, 95)


def measure(url: str, times: int) -> list[Figures]:
    """In databases of their own, which go away again, and in processes that know only one of them."""
    databases = {waiting: f"cosell_bench_queue_{loading.short(waiting)}" for waiting in (SMALL, BIG)}
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    try:
        for waiting, name in databases.items():
            _run(loading.make_database(url, name), "fill", waiting)
        for _round in range(ROUNDS):
            for waiting, name in databases.items():
                answer = _run(loading.address(url, name), "measure", max(1, times // ROUNDS))
                for what, took in json.loads(answer).items():
                    found[what, waiting] += took
    finally:
        for name in databases.values():
            loading.drop_database(url, name)
    return [Figures(what, waiting, took) for (what, waiting), took in found.items()]


def _run(url: str, do: str, number: int) -> str:
    return loading.run(url, "-m", "cosell.local.bench.queue", do, str(number), stdout=-1)


# in that process


def crowd(pattern: "Registration", count: int) -> None:
    """`count` more like `pattern`, each on a deal of its own; they differ in value, reason, due date and customer."""
    from accounts.models import CustomerAccount  # noqa: PLC0415  once Django is set up
    from deals.models import Deal, Engagement  # noqa: PLC0415
    from registrations.models import Registration  # noqa: PLC0415

    def copied(row, **changes):  # type: ignore[no-untyped-def]
        fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        return type(row)(**{**fields, row._meta.pk.attname: None, "uid": uuid4(), **changes})

    assert pattern.due_at is not None
    assert pattern.waits_since is not None
    customers = list(CustomerAccount.objects.values_list("pk", flat=True)[:50])
    reasons = (["payg"], ["duplicate"], ["drawn"], ["early", "payg"])
    engagements = Engagement.objects.bulk_create(
        [copied(pattern.engagement, customer_id=customers[number % len(customers)]) for number in range(count)], 2000
    )
    deals = Deal.objects.bulk_create(
        [
            copied(pattern.deal, engagement_id=engagement.pk, name=f"Deal {number}")
            for number, engagement in enumerate(engagements)
        ],
        2000,
    )
    Registration.objects.bulk_create(
        [
            copied(
                pattern,
                deal_id=deal.pk,
                engagement_id=deal.engagement_id,
                annual_usd=Decimal(25_001 + 97 * number % 900_000),
                review_reasons=reasons[number % len(reasons)],
                due_at=pattern.due_at + timedelta(minutes=7 * number % 20_000),
                waits_since=pattern.waits_since - timedelta(minutes=number % 5000),
            )
            for number, deal in enumerate(deals)
        ],
        2000,
    )


def _pattern() -> "Registration":
    """One that waits, made by the same actions as people use."""
    from accounts.models import CustomerAccount, Location, Organization, Solution  # noqa: PLC0415
    from cosell import clock  # noqa: PLC0415
    from cosell.local.cast import load_people  # noqa: PLC0415
    from cosell.local.cast.customers import load_customers  # noqa: PLC0415
    from cosell.local.cast.deals import ANA, who  # noqa: PLC0415
    from cosell.local.cast.registrations import a_claim  # noqa: PLC0415
    from deals import actions as deals  # noqa: PLC0415
    from deals.enums import Kind  # noqa: PLC0415
    from registrations import actions  # noqa: PLC0415
    from registrations.enums import Pricing  # noqa: PLC0415
    from registrations.rates.importing import load_packaged  # noqa: PLC0415

    load_people()
    load_customers()
    now = clock.now()
    load_packaged((now + timedelta(days=31)).date())
    ana = who(ANA)
    new = deals.NewDeal(
        kind=Kind.IP,
        host=Organization.objects.host(),
        customer=CustomerAccount.objects.filter(category="managed", federal=False)[0],
        location=Location.objects.get(organization=ana.organization, is_global=True),
        name="Deal",
        value=Decimal(100_000),
        currency="USD",
        close_on=(now + timedelta(days=90)).date(),
        notes="Met at the fair.",
        intent="undecided",
        team=[deals.Person(ana.user.full_name, ana.user.phone, ana.user.email)],
        solutions=list(Solution.objects.filter(organization=ana.organization, status="azure_ip_eligible")[:1]),
        show_to_host=True,
    )
    with clock.moved_by(-timedelta(days=12)):
        deal = deals.create_deal(ana, new)
    with clock.moved_by(-timedelta(days=5)):
        deal = deals.win_deal(ana, deal.pk)
    with clock.moved_by(-timedelta(days=4)):
        return actions.submit(ana, deal.pk, 1, a_claim(deal, pricing=Pricing.PAYG))


def _managed():  # type: ignore[no-untyped-def]
    from accounts.models import CustomerAccount  # noqa: PLC0415

    return CustomerAccount.objects.filter(category="managed", federal=False).order_by("pk").first()


def _reviewer() -> "Who":
    from cosell.local.cast.deals import who  # noqa: PLC0415
    from cosell.local.cast.registrations import NOOR  # noqa: PLC0415

    return who(NOOR)


def _fill(waiting: int) -> None:
    from django.db import connection  # noqa: PLC0415

    crowd(_pattern(), waiting - 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _measure(times: int) -> dict[str, list[float]]:
    acts = {"queue page": _page(), "next item": _next(_reviewer())}
    return {what: [act() for _time in range(WARM_UP + times)][WARM_UP:] for what, act in acts.items()}


def _page() -> Callable[[], float]:
    """The whole page, as the web process makes it: queries and template."""
    from django.http import HttpRequest  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from accounts import mfa  # noqa: PLC0415

    client, url = Client(SERVER_NAME="localhost"), reverse("registrations:review", args=["waiting"])
    reviewer = _reviewer().user
    client.force_login(reviewer)
    request = HttpRequest()
    request.session = client.session
    mfa.note_proof(request, reviewer)  # as who came through the door
    request.session.save()

    def ask() -> float:
        started = time.perf_counter()
        response = client.get(url)
        took = time.perf_counter() - started
        assert response.status_code == 200, response.status_code
        return took * 1000

    return ask


def _next(who: "Who") -> Callable[[], float]:
    """Taking the next one; given back at once, so that each time is like the first."""
    from django.db import transaction  # noqa: PLC0415

    from registrations import queue  # noqa: PLC0415

    def ask() -> float:
        with transaction.atomic():
            started = time.perf_counter()
            taken = queue.take_following(who, "tab=waiting")
            took = time.perf_counter() - started
            assert taken is not None
            transaction.set_rollback(True)
        return took * 1000

    return ask


if __name__ == "__main__":
    import django
    from django.utils import translation

    django.setup()
    with translation.override("en"):
        if sys.argv[1] == "fill":
            _fill(int(sys.argv[2]))
        else:
            print(json.dumps(_measure(int(sys.argv[2]))))
