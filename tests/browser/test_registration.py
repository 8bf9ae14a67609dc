"""A partner registers what was won, is asked for a change, and sends it again, without a mouse (product.md §7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page, expect

from cosell import clock
from deals.enums import RegistrationState
from registrations import actions
from registrations.enums import Field, Outcome
from registrations.models import Registration
from tests.browser.keys import Keys
from tests.cast import LAKEHOUSE
from tests.registrations.files import PDF
from tests.registrations.world import DAY, again, decide, nothing_drawn, won_deal

REGISTER = "button[value=submit]:not([aria-hidden])"


def test_a_partner_registers_and_sends_again_by_keyboard_alone(cast: None, person: Callable[..., Page]) -> None:
    nothing_drawn()
    deal = won_deal(created=20 * DAY, won=10 * DAY, name="Keyboard lakehouse")
    page = person("ana.souza")
    keys = Keys(page)
    page.goto(reverse("deals:detail", args=[deal.uid]))
    keys.push(f"a[href='{reverse('registrations:why', args=[deal.uid])}']")
    expect(page.get_by_text("Marking Won was safe after").first).to_be_visible()
    page.goto(reverse("deals:detail", args=[deal.uid]))
    keys.push(f"a[href='{reverse('registrations:registration', args=[deal.uid])}']")
    expect(page.locator("[name=contract_value]")).to_be_visible()

    fill(keys)
    file = {"name": "order form.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.locator("#id_evidence").set_input_files(file)
    expect(page.get_by_role("link", name="order form.pdf", exact=True)).to_be_visible()
    keys.push(REGISTER)  # without the attestation
    expect(page.locator(".errorlist, [role=alert]").first).to_be_visible()
    expect(page.locator("[name=contract_value]")).to_have_value(re.compile("90[,.]?000"))
    keys.tick("[name=attested]")
    keys.push(REGISTER)
    expect(page.get_by_text("Review (Pending)").first).to_be_visible()

    registration = Registration.objects.get(deal=deal)
    decide("noor", registration, Outcome.ASK, comments={Field.CONTRACT_VALUE: "Without hardware, please."})
    page.reload()
    expect(page.get_by_text("Without hardware, please.").first).to_be_visible()
    keys.type("[name=contract_value]", "80000")
    keys.type(f"[name=solution_{LAKEHOUSE}]", "70000")
    keys.tick("[name=attested]")
    keys.push(REGISTER)
    expect(page.get_by_text("Review (Pending)").first).to_be_visible()
    sent = again(registration)
    assert (sent.number, sent.state) == (2, RegistrationState.REVIEW_PENDING)

    decide("noor", sent)
    with clock.moved_by(timedelta(minutes=2)):
        actions.close_registration(sent.pk)
    page.goto(reverse("deals:detail", args=[deal.uid]))
    expect(page.locator(".steps")).to_contain_text("Review (Passed)")
    expect(page.locator(".steps [aria-current]")).to_contain_text("Closed")


def fill(keys: Keys) -> None:
    """Everything but the attestation; pay-as-you-go, so that a person looks at it."""
    today = clock.now().date()
    keys.choose("is_marketplace", "no")
    keys.choose("deployed_on", "azure")
    keys.choose("is_perpetual", "no")
    keys.type("[name=contract_value]", "90000")
    keys.type(f"[name=solution_{LAKEHOUSE}]", "80000")
    for name, day in (("signed_on", today), ("starts_on", today), ("ends_on", today + timedelta(days=364))):
        keys.date(f"[name={name}]", f"{day:%m%d%Y}")
    expect(keys.page.get_by_text("90,000 USD a year").first).to_be_visible()
    keys.choose("tenant", "customer")
    keys.choose("pricing", "payg")
