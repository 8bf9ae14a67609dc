"""A real browser at a real server. Without Chromium these tests are skipped, loudly; where CI is set they fail."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page

from tests.browser import chromium

HERE = Path(__file__).parent
SHOTS = HERE.parents[1] / "shots"
WHY = "no Chromium found: make chromium, or CHROMIUM=/path/to/one"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright runs a loop in this thread, beside the tests' own queries
)


@cache
def browser_path() -> str | None:
    return chromium.find()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = sum(WHY in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    if skipped:
        terminalreporter.section("BROWSER TESTS SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.line(f"{skipped} tests: {WHY}", red=True, bold=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = browser_path()
    if not path:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(WHY)
    return {**browser_type_launch_args, "executable_path": path, "args": ARGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "en-US",
        "timezone_id": "UTC",
        "viewport": {"width": 1280, "height": 800},
    }


@pytest.fixture(scope="session")
def base_url(live_server: Any) -> str:
    """So that `page.goto("/")` goes to the server of the test."""
    return str(live_server.url)


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which a script's error or a breach of the content policy fails the test."""
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            faults.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert not faults


@pytest.fixture
def sign_in(page: Page, live_server: Any) -> Callable[[Any], Page]:
    """`sign_in(user)`: this browser is now that person."""

    def sign_in(user: Any) -> Page:
        client = Client()
        client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def shot() -> Callable[..., None]:
    """`shot(page, "list")`: a picture of the whole page, both themes, desk and phone, in shots/ (git ignores it)."""

    def shot(page: Page, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        before = page.viewport_size
        for size, viewport in (("desk", {"width": 1280, "height": 800}), ("phone", {"width": 390, "height": 844})):
            page.set_viewport_size(viewport)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=SHOTS / f"{name}-{size}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)

    return shot
