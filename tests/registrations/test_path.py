"""Approved at once, or looked at by a person, and why: each reason at its bound (product.md §7, fact sheet 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.enums import CustomerCategory
from cosell import clock
from cosell.events.models import Event
from cosell.local.cast.deals import FRAUD
from cosell.web.reasons import Refused
from deals import actions as deal_actions
from deals.enums import RegistrationState
from deals.models import Deal, Engagement
from registrations import actions, path
from registrations.enums import EventKind, Level, Outcome, Pricing, ProgramCode, ReceiptKind, ReviewReason
from registrations.models import Program, Registration
from tests.cast import FORECAST, fresh, side_of, solutions, who
from tests.registrations.world import (
    DAY,
    a_claim,
    again,
    codes,
    decide,
    in_review,
    kinds,
    last_event,
    nothing_drawn,
    registered,
    submit,
    won_deal,
)

S, R = RegistrationState, ReviewReason


@pytest.fixture(autouse=True)
def undrawn(cast: None) -> None:
    nothing_drawn()


Given = Callable[[Deal], Any]
BEFORE = (clock.now() - 4 * DAY).date()
HOURS_72 = timedelta(hours=72)


def _nothing(deal: Deal) -> None: ...


def _won(after: timedelta) -> Given:
    def given(deal: Deal) -> None:
        Deal.objects.filter(pk=deal.pk).update(closed_at=deal.engagement.created_at + after)

    return given


def _customer(deal: Deal) -> None:
    Engagement.objects.filter(pk=deal.engagement_id).update(customer_category=CustomerCategory.MANUAL)


def _other(value: int = 100_000, **claimed: Any) -> Given:
    """Another registration by Contoso, fields of its deal in `deal`."""

    def given(deal: Deal) -> None:
        of_deal = dict(claimed.pop("deal", {}))
        if "solutions" in of_deal:
            of_deal["solutions"] = solutions(of_deal["solutions"])
        registered(deal={"name": "Another", "value": value, **of_deal}, **claimed)

    return given


@dataclass(frozen=True)
class Row:
    name: str
    reasons: tuple[str, ...] = ()
    claimed: dict[str, Any] = field(default_factory=dict)
    deal: dict[str, Any] = field(default_factory=dict)
    given: Given = _nothing


ROWS = [
    Row("nothing speaks against it"),
    Row("a million", claimed={"contract_value": Decimal("1000000.00")}),
    Row("a cent above", (R.OVER_MILLION,), {"contract_value": Decimal("1000000.01")}),
    Row("pay-as-you-go", (R.PAYG,), {"pricing": Pricing.PAYG}),
    Row("a second before 72 hours", (R.EARLY,), given=_won(HOURS_72 - timedelta(seconds=1))),
    Row("at 72 hours", given=_won(HOURS_72)),
    Row("entered by hand", (R.MANUAL_CUSTOMER,), given=_customer),
    Row("the same again", (R.DUPLICATE,), given=_other()),
    Row("the same customer and solution", (R.DUPLICATE,), given=_other(70_000, signed_on=BEFORE)),
    Row("the same customer alone", given=_other(70_000, signed_on=BEFORE, deal={"solutions": FRAUD})),
    Row("a linked account, else the same", (R.DUPLICATE,), given=_other(deal={"of": "A. Datum Corp. West"})),
    Row("another customer, else the same", given=_other(deal={"of": "Adventure Works Cycles"})),
    Row("several", (R.OVER_MILLION, R.PAYG), {"contract_value": Decimal(2_000_000), "pricing": Pricing.PAYG}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_why_a_person_looks_at_it(row: Row) -> None:
    deal = won_deal(accepted=False, **row.deal)
    row.given(deal)
    registration = submit(deal, **row.claimed)
    kept = again(registration)
    assert kept.state == (S.REVIEW_PENDING if row.reasons else S.APPROVED)
    assert tuple(kept.review_reasons) == row.reasons
    assert kept.deal.registration_state == kept.state, "the side says the same"
    assert kinds(kept) == ["submitted", "review_started" if row.reasons else "approved"]
    receipts = [receipt.kind for receipt in kept.receipts.order_by("pk")]
    assert receipts == [ReceiptKind.SUBMISSION] + [ReceiptKind.DECISION] * (not row.reasons)
    assert (kept.due_at is not None) == bool(row.reasons), "only what is reviewed has a clock"
    assert (kept.decided_at is not None) == (not row.reasons)


def test_a_second_partner_that_is_in_leads_to_a_review() -> None:
    deal = won_deal(accepted=False, invites=["Northlake Services"])
    assert not path.several_partners(deal.engagement), "asked, and has not answered"
    side = side_of(deal, "Northlake Services")
    given = {"name": side.name, "value": side.value, "currency": side.currency, "close_on": side.close_on}
    deal_actions.accept_deal(who("priya"), side.pk, **given)
    registration = submit(deal)
    assert (registration.state, registration.review_reasons) == (S.REVIEW_PENDING, [R.SEVERAL_PARTNERS])


def test_the_draw_can_be_checked_and_obeys_its_rate() -> None:
    never = registered()
    assert never.state == S.APPROVED
    Program.objects.update(draw_percent=100)
    always = registered(deal={"of": "Adventure Works Cycles"})
    assert (always.state, always.review_reasons) == (S.REVIEW_PENDING, [R.DRAWN])
    submitted = last_event(always, EventKind.SUBMITTED)
    assert last_event(always, EventKind.REVIEW_STARTED).data["draw"] == str(path.draw(submitted))
    drawn = path.draw(Event(hash="b" * 64))
    assert drawn == path.draw(Event(hash="b" * 64)) != path.draw(Event(hash="c" * 64))
    many = [path.draw(Event(hash=str(number))) for number in range(4000)]
    assert min(many) >= 0
    assert max(many) < 100, "a rate of 100 takes everyone"
    assert 0.04 < sum(each < 5 for each in many) / len(many) < 0.06


def test_a_marketplace_transaction_is_validated_after_the_approval() -> None:
    given = {"is_marketplace": True, "marketplace_on": (clock.now() + 20 * DAY).date()}
    plain = registered(**given)
    assert (plain.state, plain.review_reasons) == (S.MARKETPLACE_PENDING, [])
    assert plain.due_at is not None
    assert decide("noor", plain, checked=()).state == S.MARKETPLACE_PASSED, (
        "no checklist: nothing of a contract is read"
    )
    reviewed = in_review(deal={"of": "Adventure Works Cycles"}, **given)
    assert decide("noor", reviewed).state == S.MARKETPLACE_PENDING
    first = reviewed.verdicts.get()
    failed = decide("noor", reviewed, Outcome.FAIL, reasons=["no_transaction"])
    assert (failed.state, failed.deal.registration_state) == (S.MARKETPLACE_FAILED, S.MARKETPLACE_FAILED)
    first.refresh_from_db()
    assert first.overturned_at is None, "another question was decided"


def test_sent_again_it_is_reviewed_again_with_what_changed() -> None:
    registration = in_review()
    decide("noor", registration, Outcome.ASK)
    assert again(registration).state == S.ACTION_REQUIRED
    with pytest.raises(Refused) as refused:
        submit(registration.deal, program=ProgramCode.BIZAPPS_STANDARD)
    assert "fixed_program" in codes(refused.value)
    before = again(registration)
    sent = submit(registration.deal, pricing=Pricing.OTHER, contract_value=Decimal(90_000))
    assert (sent.state, sent.number, sent.round, sent.level) == (S.REVIEW_PENDING, 2, before.round + 1, Level.FIRST)
    assert sent.review_reasons == [R.RESUBMITTED], "never approved without the person who asked"
    details = last_event(sent, EventKind.RESUBMITTED).details.get(key="changes").value
    assert details["contract_value"] == ["100000.00 USD", "90000 USD"]
    assert details["pricing"] == ["payg", "other"]
    assert [each.number for each in sent.submissions.all()] == [1, 2]
    assert sent.receipts.count() == 2


def test_the_second_claim_is_refused_and_can_be_put_to_the_reviewer() -> None:
    deal = won_deal(accepted=False, invites=["Northlake Services"])
    side = side_of(deal, "Northlake Services")
    given = {"name": side.name, "value": 60_000, "currency": "USD", "close_on": side.close_on}
    with clock.moved_by(-4 * DAY):
        deal_actions.accept_deal(who("priya"), side.pk, **given)
        deal_actions.win_deal(who("priya"), side.pk, early_confirmed=True)
    first = submit(deal)
    with pytest.raises(Refused) as refused:
        submit(fresh(side), "priya")
    assert codes(refused.value) == ["second_claim"]
    assert not Registration.objects.filter(deal=side).exists(), "nothing is left of what was refused"
    second = submit(fresh(side), "priya", contest=True)
    assert R.CONTESTED in second.review_reasons
    assert (second.contests, again(first).contests) == (True, False)
    decide("noor", first, Outcome.ASK)
    assert submit(deal).state == S.REVIEW_PENDING, "the first one is not asked whether it contests"
    decide("noor", second, Outcome.ASK)
    assert submit(fresh(side), "priya").contests, "it stays the second one"


def test_what_is_refused_before_anything_is_typed_wrong() -> None:
    private = won_deal(accepted=False, shown=False)
    small = won_deal(accepted=False, value=Decimal("24999.99"))
    other = won_deal(accepted=False, solutions=solutions(FORECAST), by="priya")
    for deal, by, code in ((private, "ana", "shared"), (small, "ana", "value"), (other, "tom", "not_your_side")):
        with pytest.raises(Refused) as refused:
            submit(deal, by)
        assert code in codes(refused.value)
    assert not Registration.objects.exists()
    host_side = side_of(won_deal(), "Microsoft")
    with pytest.raises(Refused) as refused:
        actions.save_form(who("lee"), host_side.pk, 1, ProgramCode.AZURE_IP, {})
    assert (codes(refused.value), refused.value.status) == (["host_side"], 403)


def test_the_minute_of_winning_has_to_be_over() -> None:
    deal = won_deal(accepted=False, won=timedelta(seconds=30))
    with pytest.raises(Refused) as refused:
        submit(deal)
    assert codes(refused.value) == ["undo_runs"]
    with clock.moved_by(timedelta(seconds=31)):
        assert submit(deal).state == S.APPROVED


def test_a_draft_is_kept_as_typed_and_two_people_do_not_overwrite_each_other() -> None:
    deal = won_deal(accepted=False, team=["rui"])
    saved = actions.save_form(who("ana"), deal.pk, 1, ProgramCode.AZURE_IP, {"contract_value": ["about 100"]})
    assert again(saved).typed == {"contract_value": ["about 100"]}
    with pytest.raises(Refused) as refused:
        actions.save_form(who("rui"), deal.pk, 1, ProgramCode.AZURE_IP, {})
    assert codes(refused.value) == ["stale"]
    assert kinds(saved) == [], "nobody is told of a draft"
    with pytest.raises(Refused):
        actions.submit(who("rui"), deal.pk, 1, a_claim(deal))


def test_closed_without_registration() -> None:
    deal = won_deal(accepted=False)
    waived = actions.waive(who("ana"), deal.pk, ProgramCode.AZURE_IP, "It runs elsewhere.")
    side = fresh(deal)
    assert (waived.state, side.registration_state, side.registration_closed_at) == (
        S.WAIVED,
        S.WAIVED,
        waived.closed_at,
    )
    with pytest.raises(Refused) as refused:
        submit(deal)
    assert "Ana Souza" in refused.value.reasons[0].text, "who did it"
