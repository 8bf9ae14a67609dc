"""The partner's pages, through the real door: nothing typed is lost, each "no" stands at its field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cosell import clock
from deals.enums import RegistrationState
from deals.models import Deal
from registrations import actions
from registrations.claim import as_facts
from registrations.enums import ChangeState, Field, Outcome
from registrations.forms.claim import typed_of
from registrations.models import Registration
from tests.cast import client_for, fresh, new_deal, who
from tests.registrations.files import PDF
from tests.registrations.world import DAY, a_claim, decide, in_review, nothing_drawn, won_deal

pytestmark = pytest.mark.usefixtures("cast")


def url(deal: Deal, name: str = "registration") -> str:
    return reverse(f"registrations:{name}", args=[deal.uid])


def filled(deal: Deal, go: str = "submit", **typed: Any) -> dict[str, Any]:
    """The form as a person fills it in, on the version that the page shows."""
    known = Registration.objects.filter(deal=deal).first()
    values = {name: each[0] for name, each in typed_of(as_facts(a_claim(fresh(deal)))).items() if each}
    usual = {**values, "attested": "on", "version": known.version if known else 1, "go": go}
    return {name: value for name, value in {**usual, **typed}.items() if value is not None}


def errors(page: Any) -> dict[str, Any]:
    return page.context["form"].errors


def test_register_from_the_form() -> None:
    nothing_drawn()
    deal, ana = won_deal(accepted=False), client_for("ana")
    page = ana.get(url(deal))
    assert page.status_code == 200
    assert b"Register</button>" in page.content
    assert not Registration.objects.exists()  # to look makes nothing
    assert ana.post(url(deal), filled(deal)).status_code == 302
    registration = Registration.objects.get()
    assert registration.state == RegistrationState.APPROVED
    shown = ana.get(url(deal))
    assert [line.field for line in shown.context["facts"]][:2] == [Field.PROGRAM, Field.MARKETPLACE]
    assert len(shown.context["receipts"]) == 2
    assert ana.post(url(deal), filled(deal)).status_code == 409


def test_a_draft_keeps_what_is_wrong_too() -> None:
    deal, ana = won_deal(accepted=False), client_for("ana")
    typed = filled(deal, "save", contract_value="many", signed_on="2026-02-31")
    assert ana.post(url(deal), typed).status_code == 302
    again = ana.get(url(deal))
    assert again.context["form"]["contract_value"].value() == "many"
    assert again.context["form"]["is_perpetual"].value() == "no"
    refused = ana.post(url(deal), {**typed, "version": again.context["version"], "go": "submit"})
    assert refused.status_code == 422
    assert set(errors(refused)) == {"contract_value", "signed_on"}
    assert Registration.objects.get().number == 0


def test_a_rule_stands_at_its_field_and_the_draft_is_saved() -> None:
    deal, ana = won_deal(accepted=False), client_for("ana")
    old = str((clock.now() - timedelta(days=70)).date())
    refused = ana.post(url(deal), filled(deal, signed_on=old, attested=None, **{"solution_SOL-10471-CLH": ""}))
    assert refused.status_code == 422
    assert set(errors(refused)) == {"signed_on", "attested", "solution_SOL-10471-CLH"}
    assert "60 days" in errors(refused)["signed_on"][0]
    assert Registration.objects.get().typed["signed_on"] == [old]
    # the page that says so can be sent again as it is
    corrected = filled(deal, version=refused.context["version"])
    assert ana.post(url(deal), corrected).status_code == 302


def test_two_people_save_at_once_and_nobody_loses_a_word() -> None:
    deal, ana, rui = won_deal(accepted=False, team=["rui"]), client_for("ana"), client_for("rui")
    ana.post(url(deal), filled(deal, "save"))
    typed = filled(deal, "save", contract_value="123000")
    rui.post(url(deal), filled(deal, "save", contract_value="99000"))
    lost = ana.post(url(deal), typed)
    assert lost.status_code == 409
    assert ("Total contract value", "99000", "123000") in lost.context["there"]
    assert lost.context["form"]["contract_value"].value() == "123000"
    assert ana.post(url(deal), {**typed, "version": lost.context["version"]}).status_code == 302
    assert Registration.objects.get().typed["contract_value"] == ["123000"]


def test_elsewhere_offers_to_close_without_registration() -> None:
    deal, ana = won_deal(accepted=False), client_for("ana")
    refused = ana.post(url(deal), filled(deal, deployed_on="other"))
    assert refused.status_code == 422
    assert url(deal, "waive").encode() in refused.content
    assert ana.get(url(deal, "waive")).status_code == 200
    assert ana.post(url(deal, "waive"), {"note": "It runs at the customer's."}).status_code == 302
    assert Registration.objects.get().state == RegistrationState.WAIVED
    assert ana.get(url(deal, "waive")).status_code == 409
    assert ana.get(url(deal)).context["form"] is None


def test_the_annual_value_while_one_types() -> None:
    deal, ana = won_deal(accepted=False), client_for("ana")
    typed = {"contract_value": "75000", "currency": "USD", "is_perpetual": "no", "starts_on": "2026-01-01"}
    assert "is shown here" in ana.get(url(deal, "annual"), typed).content.decode()
    told = ana.get(url(deal, "annual"), {**typed, "ends_on": "2028-12-31"}).content.decode()
    assert "75,000 USD over 3 years = 25,000 USD a year" in told
    assert "not more than" in told
    missing = ana.get(url(deal, "annual"), {**typed, "currency": "BRL", "ends_on": "2028-12-31"}).content.decode()
    assert "exchange rate of the month is missing" in missing


def test_what_a_reviewer_asks_stands_at_its_field() -> None:
    registration, ana = in_review(), client_for("ana")
    asked = {Field.ENDS_ON: "The order form ends a year later."}
    decide("noor", registration, Outcome.ASK, comments=asked, words="Two things.")
    page = ana.get(url(registration.deal)).content.decode()
    assert "The order form ends a year later." in page
    assert "Noor" not in page  # a reviewer is the host's name
    form = ana.get(url(registration.deal)).context["form"]
    assert form["contract_value"].value() == "100000.00"
    assert not form["attested"].value()
    typed = filled(registration.deal, pricing="payg", contract_value="110000", ends_on=str(clock.now().date()))
    assert ana.post(url(registration.deal), typed).status_code == 302
    assert registration.submissions.count() == 2


def test_under_review_a_change_waits_beside_it() -> None:
    registration, ana = in_review(), client_for("ana")
    deal = registration.deal
    page = ana.get(url(deal))
    assert page.context["form"] is None
    assert b"data-countdown" in page.content
    same = ana.post(url(deal, "change"), filled(deal, pricing="payg"))
    assert same.status_code == 422
    assert ana.post(url(deal, "change"), filled(deal, pricing="payg", contract_value="104000")).status_code == 302
    [line] = ana.get(url(deal)).context["change_diff"]
    assert (line.old, line.text) == ("100,000 USD", "104,000 USD")
    assert ana.post(url(deal, "withdraw_change")).status_code == 302
    assert registration.changes.get().state == ChangeState.WITHDRAWN
    assert ana.post(url(deal, "withdraw_change")).status_code == 409


def test_failed_says_why_and_an_exception_unlocks_what_it_names() -> None:
    registration, ana = in_review(), client_for("ana")
    deal = registration.deal
    decide("noor", registration, Outcome.FAIL, words="Another date.")
    assert "The dates differ from the contract" in ana.get(url(deal)).content.decode()
    wanted = {"text": "The reseller signed for us.", "wanted": ["signed_on"]}
    assert ana.post(url(deal, "exception"), {"text": ""}).status_code == 422
    assert ana.post(url(deal, "exception"), wanted).status_code == 302
    assert ana.post(url(deal, "exception"), wanted).status_code == 409
    exception = fresh(deal).exception_request
    actions.decide_exception(who("noor"), exception.pk, approve=True, answer="Yes.", unlocked=[Field.SIGNED_ON])
    form = ana.get(url(deal)).context["form"]
    assert {name for name, field in form.fields.items() if not field.disabled} == {"signed_on", "attested"}
    early = str((clock.now() - 100 * DAY).date())
    sent = ana.post(url(deal), {"signed_on": early, "attested": "on", "version": _version(deal), "go": "submit"})
    assert sent.status_code == 302
    assert str(Registration.objects.get().signed_on) == early


def _version(deal: Deal) -> int:
    return Registration.objects.get(deal=deal).version


def test_who_may_only_read_sees_the_reason_and_no_button() -> None:
    deal = won_deal(accepted=False)
    vera = client_for("vera")
    page = vera.get(url(deal))
    assert page.status_code == 200
    assert b"lets you read this deal" in page.content
    assert b'<form class="card"' not in page.content
    assert vera.post(url(deal), filled(deal)).status_code == 403
    assert vera.get(url(deal, "exception")).status_code == 403


def test_what_is_not_won_says_what_lacks() -> None:
    deal, ana = new_deal(shown=True), client_for("ana")
    page = ana.get(url(deal))
    assert page.context["form"] is None
    assert "The deal is not won yet." in page.content.decode()
    assert ana.post(url(deal), filled(deal)).status_code == 409


def test_the_minute_of_undo_holds_the_button_back() -> None:
    deal = won_deal(accepted=False, won=timedelta(seconds=10))
    page = client_for("ana").get(url(deal))
    assert b"can still be undone" in page.content
    assert b'value="submit" disabled' in page.content
    assert client_for("ana").post(url(deal), filled(deal)).status_code == 409


def test_files_come_with_the_form_and_what_was_typed_stays() -> None:
    deal, ana = won_deal(accepted=False), client_for("ana")
    good, bad = SimpleUploadedFile("order.pdf", PDF), SimpleUploadedFile("order.pdf.exe", b"MZ" + bytes(600))
    typed = filled(deal, "add_files", contract_value="123456")
    assert ana.post(url(deal), {**typed, "evidence": good}).status_code == 302
    refused = ana.post(url(deal), {**typed, "version": _version(deal), "evidence": bad})
    assert refused.status_code == 422
    assert refused.context["form"]["contract_value"].value() == "123456"
    assert Registration.objects.get().evidence.filter(removed_at=None).exclude(sha256="").count() == 1
