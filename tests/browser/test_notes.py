"""A draft of the notes for sellers beside the fields: it streams in while one types, and a person's word wins."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from deals.models import Draft
from tests.browser import places, steps
from tests.deals import llm_server as llm
from tests.deals.llm_server import PROBLEM, WANTED, LlmServer

OWN = "Their own licence ends."


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    import_module("openai")  # the first draft of a process waits a second for it
    with LlmServer().opened() as server:
        settings.COSELL_LLM_URL, settings.COSELL_LLM_MODEL = server.url, "some/model"
        yield server


def at_help(page: Page) -> tuple[Page, Draft]:
    given = places.answers()
    draft = places.draft_of(places.ANA, {slug: given[slug] for slug in ("customer", "details", "solutions")})
    page.goto(reverse("deals:draft", args=[draft.uid, "help"]))
    page.locator("[name=help][value=architecture]").check()
    page.locator("[name=customer_problem]").fill(OWN)
    return page, draft


def press(page: Page, go: str) -> None:
    page.locator(f".drafting [data-go={go}]").click()


def field(page: Page, name: str) -> Any:
    return expect(page.locator(f"[name={name}]"))


@pytest.mark.parametrize("language", ["en", pytest.param("pt-br", marks=pytest.mark.again)])
def test_it_streams_in_while_one_types(person: Callable[..., Page], server: LlmServer, language: str) -> None:
    page, draft = at_help(person("ana.souza", language))
    server.behave = llm.waits_in_between
    press(page, "draft")
    expect(page.locator("[data-part=problem]")).to_contain_text(PROBLEM)
    expect(page.locator("[data-go=use]")).to_be_hidden()
    page.locator("[name=help_needed]").fill("Somebody who knows them.")
    server.go_on.set()
    expect(page.locator("[data-go=use]")).to_be_visible()
    expect(page.locator("[data-label]")).to_contain_text("some/model")
    field(page, "customer_problem").to_have_value(OWN)
    field(page, "help_needed").to_have_value("Somebody who knows them.")

    press(page, "use")
    field(page, "customer_problem").to_have_value(PROBLEM)
    field(page, "help_needed").to_have_value(WANTED)
    page.locator(".drafting [data-originals] summary").click()
    expect(page.locator("[data-original=problem]")).to_have_text(OWN)
    page.locator("[name=help_needed]").fill(WANTED + " In May.")
    press(page, "put_back")
    field(page, "customer_problem").to_have_value(OWN)
    field(page, "help_needed").to_have_value("Somebody who knows them.")
    expect(page.locator("[data-original=help]")).to_have_text(WANTED + " In May.")  # it was changed, so it is kept
    press(page, "use")
    steps.go(page, "next")
    steps.at_step(page, "partners")
    draft.refresh_from_db()
    kept = draft.answers["help"]
    assert kept["customer_problem"] == [PROBLEM]
    assert kept["original_problem"] == [OWN]
    assert kept["drafted_by"] != [""]


def test_stop_ends_it_and_what_is_not_text_stays_text(person: Callable[..., Page], server: LlmServer) -> None:
    page, _draft = at_help(person("ana.souza"))
    server.behave = llm.drips
    press(page, "draft")
    expect(page.locator("[data-part=problem]")).to_contain_text("The licence")
    press(page, "stop")
    expect(page.locator("[data-label]")).to_have_text("Stopped.")
    assert server.hung_up.wait(10), "the endpoint goes on writing for nobody"
    field(page, "customer_problem").to_have_value(OWN)

    html = "<img src=x onerror=alert(1)>"
    server.behave = llm.says(f"{html}\n=====\n<b>{WANTED}</b>")
    press(page, "draft")
    expect(page.locator("[data-part=help]")).to_have_text(f"<b>{WANTED}</b>")
    assert page.locator(".draft :is(img, b)").count() == 0
    press(page, "discard")
    expect(page.locator(".draft")).to_be_hidden()


def test_without_javascript(person: Callable[..., Page], server: LlmServer) -> None:
    page, draft = at_help(person("ana.souza", java_script_enabled=False))
    press(page, "draft")
    expect(page.locator("[data-part=help]")).to_have_text(WANTED)
    field(page, "customer_problem").to_have_value(OWN)
    press(page, "use")
    field(page, "customer_problem").to_have_value(PROBLEM)
    page.locator(".drafting [data-originals] summary").click()
    press(page, "put_back")
    field(page, "customer_problem").to_have_value(OWN)
    press(page, "use")
    steps.go(page, "next")
    steps.at_step(page, "partners")
    draft.refresh_from_db()
    assert draft.answers["help"]["help_needed"] == [WANTED]
