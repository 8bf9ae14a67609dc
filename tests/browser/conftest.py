"""A real browser at a real server. Without Chromium these tests are skipped, loudly; where CI is set they fail."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from accounts.models import User
from cosell.local.cast.deals import load_deals
from cosell.local.cast.registrations import load_registrations
from tests import snapshot
from tests.browser import chromium
from tests.cast import load_cast

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
def faults() -> Iterator[list[str]]:
    """Errors of scripts, breaches of the content policy and answers above 499 on any page: they fail the test."""
    faults: list[str] = []
    yield faults
    assert not faults


@pytest.fixture
def page(page: Page, faults: list[str]) -> Page:
    return watch(page, faults)


def watch(page: Page, faults: list[str]) -> Page:
    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            faults.append(message.text)

    def answered(response: Response) -> None:
        if response.status >= 500:
            faults.append(f"{response.status} {response.request.method} {response.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", answered)
    return page


@pytest.fixture
def sign_in(page: Page, live_server: Any) -> Callable[[Any], Page]:
    """`sign_in(user)`: this browser is now that person."""

    def sign_in(user: Any) -> Page:
        admit(page.context, user, live_server.url)
        return page

    return sign_in


def admit(context: BrowserContext, user: Any, url: str) -> None:
    """By session cookie: the door itself is tested in test_sign_in.py."""
    client = Client()
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


@pytest.fixture
def cast(live_server: Any) -> None:
    """The people and the customers of the demo, and no deal."""
    snapshot.restore("cast", load_cast)


@pytest.fixture
def deals(live_server: Any) -> None:
    """The whole demo: its deals, too."""
    snapshot.restore("demo", _load_demo)


def _load_demo() -> None:
    load_cast()
    load_deals()
    load_registrations()


@pytest.fixture
def person(
    request: pytest.FixtureRequest,
    browser: Browser,
    browser_context_args: dict[str, Any],
    live_server: Any,
    faults: list[str],
) -> Iterator[Callable[..., Page]]:
    """`person("ana.souza", "pt-br", width=360)`: her own browser, signed in. More options: of the context."""
    request.getfixturevalue("deals" if "deals" in request.fixturenames else "cast")
    contexts: list[BrowserContext] = []

    def person(name: str, language: str = "en", *, width: int = 0, **options: Any) -> Page:
        user = User.objects.get(email__startswith=f"{name}@")
        user.language = language
        user.save(update_fields=["language"])
        if width:
            options["viewport"] = {"width": width, "height": 800}
        context = browser.new_context(**{**browser_context_args, **options})
        contexts.append(context)
        context.set_default_timeout(10_000)
        admit(context, user, live_server.url)
        return watch(context.new_page(), faults)

    yield person
    for context in contexts:
        context.close()


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
