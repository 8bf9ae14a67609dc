"""Files go up beside a form that keeps what is typed; a fault in between is made good from where the server stands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from cosell import clock
from deals.enums import Stage
from deals.models import Deal
from registrations.models import Evidence
from tests.cast import new_deal
from tests.registrations.files import MIB, PDF, PNG


@pytest.fixture
def at_evidence(cast: None, settings: Any, tmp_path: Path) -> str:
    settings.COSELL_EVIDENCE_DIR = tmp_path / "evidence"
    deal = new_deal("ana")
    Deal.objects.filter(pk=deal.pk).update(stage=Stage.WON, closed_at=clock.now())
    return reverse("registrations:evidence", args=[deal.uid])


def named(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def test_several_at_once_with_a_fault_and_a_refusal(person: Callable[..., Page], at_evidence: str) -> None:
    page = person("ana.souza", width=360)
    page.goto(at_evidence)
    expect(page.locator("[data-plain]")).to_be_hidden()
    cut = [1]  # once, at the second part

    def disturb(route: Route) -> None:
        if cut and "offset=1048576" in route.request.url:
            cut.pop()
            route.abort()
        else:
            route.continue_()

    page.route("**/part/**", disturb)
    large = PDF[:9] + b"%" * MIB + PDF[9:]
    page.locator("[name=evidence]").set_input_files(
        [named("contract.pdf", large), named("lie.pdf", b"MZ" + bytes(200)), named("stamp.png", PNG)]
    )
    files = page.locator("[data-files] ul > li")
    expect(files).to_have_count(2)
    assert cut == []
    expect(page.locator("[data-uploads] > li")).to_have_count(1)  # the refused one says why, and stays
    expect(page.locator("[data-uploads] .errorlist")).to_contain_text("not a PDF")
    expect(page.locator("[data-said]")).to_contain_text("stamp.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [each.name for each in Evidence.objects.all()] == ["contract.pdf", "stamp.png"]

    # Seen in place, in a frame of our own pages; nobody else's.
    address = files.first.locator("a").first.get_attribute("href")
    shown = page.evaluate(
        """(src) => new Promise((done) => {
          const image = new Image();
          image.onload = () => done(image.naturalWidth);
          image.onerror = () => done(0);
          image.src = src;
        })""",
        files.last.locator("a").first.get_attribute("href"),
    )
    assert shown == 1
    assert page.request.get(address).body() == large

    files.first.locator("a[data-dialog]").click()
    page.locator("dialog button.danger").click()
    expect(page.locator("dialog")).to_be_hidden()
    expect(files).to_have_count(1)
    expect(page.locator("[data-said]")).to_have_text("The file is removed.")
    expect(page.locator("[name=evidence]")).to_be_focused()
    expect(page.locator("[data-uploads] > li")).to_have_count(1)  # the page was not drawn anew
