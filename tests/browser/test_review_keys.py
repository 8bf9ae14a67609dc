"""Mixed registrations decided by keyboard alone, with all that can come between (product.md §7).

Six of them in every run; thirty by `make browser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, Request, expect

from accounts.models import CustomerAccount
from cosell import clock
from registrations import actions
from registrations.claim import claim_of
from registrations.enums import IN_REVIEW, Level, Outcome
from registrations.models import Registration, Verdict
from tests.cast import who
from tests.registrations.world import again, decide, in_review, make_reviewer, nothing_drawn, over_million

CHECKS = "1234567"
SHORT = "Please send page 2."


@transaction.atomic
def _make(many: int) -> None:
    nothing_drawn()
    make_reviewer("beatriz")
    known = CustomerAccount.objects.filter(category="managed", federal=False).order_by("name")
    customers = [account.name for account in known[: many - 1]]
    over_million(deal={"name": "Case 1"})
    for number in range(2, many + 1):
        in_review(deal={"name": f"Case {number}", "of": customers[number % len(customers)]})
    registration = of("Case 2")
    decide("noor", registration, Outcome.ASK, comments={"contract_value": "Without hardware, please."})
    claim = replace(claim_of(registration.submissions.get().facts), contract_value=Decimal(98_000))
    actions.submit(who("ana"), registration.deal_id, again(registration).version, claim)
    waits = Registration.objects.filter(state__in=IN_REVIEW)
    for each in waits.select_related("deal"):  # in the order of their numbers
        waits.filter(pk=each.pk).update(due_at=each.due_at + timedelta(minutes=int(each.deal.name[5:])))


def of(name: str) -> Registration:
    return Registration.objects.select_related("deal").get(deal__name=name)


class Reviewer:
    """A person at the keyboard; counts keys and requests of pages and scripts from one decision to the next."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys, self.requests = page, 0, 0
        self.spent: list[tuple[str, int, int]] = []
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        self.requests += request.resource_type in ("document", "fetch", "xhr") and "/static/" not in request.url

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.ready()
        self.keys = self.requests = 0

    def ready(self) -> None:
        """The script of the page listens."""
        expect(self.page.locator("[data-review][data-listens]").first).to_be_attached()

    def moves(self, *keys: str) -> None:
        """The last of these keys leads to another page."""
        with self.page.expect_navigation():
            self.press(*keys)
        self.ready()

    def name(self) -> str:
        """Of the registration that is open; empty in the queue."""
        return self.page.locator("main h1").inner_text() if re.search("/review/[0-9a-f-]{36}/", self.page.url) else ""

    # --- the decisions

    def passes(self) -> None:
        self.moves(*CHECKS, "p")
        self._decided("pass")

    def fails(self) -> None:
        self.press("f")
        expect(self.page.locator("dialog[open] [name=reasons]").first).to_be_focused()
        self.moves("Space", "Enter")
        self._decided("fail")

    def asks(self) -> None:
        self.press("a")
        expect(self.page.locator("dialog[open] [name=words]")).to_be_focused()
        self.type(SHORT)
        self.moves("Control+Enter")
        self._decided("ask")

    def _decided(self, outcome: str) -> None:
        self.spent.append((outcome, self.keys, self.requests))
        self.keys = self.requests = 0


@pytest.mark.parametrize("many", [6, pytest.param(30, marks=pytest.mark.again)])
def test_by_keyboard_alone(many: int, cast: None, person: Callable[..., Page]) -> None:
    _make(many)
    noor, beatriz = Reviewer(person("noor.haddad")), Reviewer(person("beatriz.lima"))
    queue = reverse("registrations:review", args=["waiting"])
    noor.open(queue)
    noor.moves("n")
    assert noor.name() == "Case 1"
    noor.passes()  # above a million: another person decides, too
    resubmission(noor)
    undo(noor)
    expired_claim(noor)
    second_person(beatriz, queue)
    lost_race(noor, of(f"Case {many}"))
    acts = [noor.passes, noor.passes, noor.fails, noor.asks, noor.passes]
    while noor.name():
        acts[len(noor.spent) % len(acts)]()
    while beatriz.name():
        beatriz.passes()
    erik = Reviewer(person("erik.holm"))
    erik.open(queue)
    erik.moves("n")
    the_admin_decides(erik)
    assert not Registration.objects.filter(state__in=IN_REVIEW).exists()
    report([*noor.spent, *beatriz.spent, *erik.spent])


def resubmission(noor: Reviewer) -> None:
    """What changed since the last review stands there, and the words of then."""
    assert noor.name() == "Case 2"
    expect(noor.page.locator("ins").first).to_have_text("98,000 USD")
    expect(noor.page.locator("main")).to_contain_text("Without hardware, please.")
    noor.press("c")  # the checklist with Space, as in any form
    for _check in CHECKS[:-1]:
        noor.press("Space", "Tab")
    noor.moves("Space", "p")
    noor._decided("pass")


def undo(noor: Reviewer) -> None:
    name = noor.name()
    noor.passes()
    assert noor.name() != name
    noor.moves("u")
    assert noor.name() == name
    noor.fails()


def expired_claim(noor: Reviewer) -> None:
    """Half an hour without a key, and somebody else has it; the ticks stay, and one goes on."""
    name = noor.name()
    held = of(name)
    Registration.objects.filter(pk=held.pk).update(claimed_until=clock.now() - timedelta(seconds=1))
    actions.take(who("beatriz"), held.pk)
    noor.moves(*CHECKS, "p")
    expect(noor.page.locator("[role=alert]").first).to_contain_text("Beatriz Lima has this registration in hand.")
    assert noor.name() == name
    noor.moves("n")
    assert noor.name() != name


def second_person(beatriz: Reviewer, queue: str) -> None:
    """The second one does not read what the first decided, and differs."""
    beatriz.open(queue)
    beatriz.moves("n")
    assert beatriz.name() == "Case 1"
    expect(beatriz.page.locator("main")).to_contain_text("What was decided stays hidden")
    beatriz.fails()
    assert of("Case 1").level == Level.ADMIN


def lost_race(noor: Reviewer, last: Registration) -> None:
    """Another person decides while the page is open; who was first is said."""
    here = noor.page.url
    noor.open(reverse("registrations:case", args=[last.uid]))
    decide("beatriz", last)
    noor.moves(*CHECKS, "p")
    expect(noor.page.locator("[role=alert]").first).to_contain_text("Beatriz Lima set the registration to")
    noor.open(here)


def the_admin_decides(erik: Reviewer) -> None:
    assert erik.name() == "Case 1"
    expect(erik.page.locator("main")).to_contain_text("Two reviewers differ")
    erik.passes()
    assert Verdict.objects.filter(registration=of("Case 1"), overturned_at__isnull=False).count() == 1


def report(spent: list[tuple[str, int, int]]) -> None:
    print(f"\n{len(spent)} decisions by keyboard")
    for outcome in ("pass", "fail", "ask"):
        keys = sorted(keys for each, keys, _requests in spent if each == outcome)
        requests = sorted(requests for each, _keys, requests in spent if each == outcome)
        if keys:
            middle = len(keys) // 2
            print(f"{outcome}: {len(keys)}; in the middle {keys[middle]} keys and {requests[middle]} requests")
    assert min(requests for outcome, _keys, requests in spent if outcome == "pass") == 2  # decide, and see the next
