"""axe finds nothing (WCAG 2.2 A and AA) on any page or dialog, in light and dark."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import places
from tests.browser.places import Place

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
COLORS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
PLACES = ("doors", "lists", "deal_pages", "dialogs", "edits", "wizard", "matching", "registrations", "rest")
EACH_TIME = ("doors", "deal_pages", "registrations")  # the rest with `make browser`: axe is slow
GROUPS = [pytest.param(group, "en", marks=() if group in EACH_TIME else pytest.mark.again) for group in PLACES]
AGAIN = [pytest.param(group, "pt-br", marks=pytest.mark.again) for group in PLACES]
DARK_EACH_TIME = ("doors",)


@pytest.mark.parametrize(("group", "language"), [*GROUPS, *AGAIN])
def test_nothing_bars_anybody(deals: None, person: Callable[..., Page], page: Page, group: str, language: str) -> None:
    browsers = {places.NOBODY: page}
    wrong: list[str] = []
    some = getattr(places, group)()[:: 1 if language != "en" else 3]  # every third one; the other language reads all
    for place in some:
        if place.person not in browsers:
            browsers[place.person] = person(place.person, language)
        dark = language != "en" or group in DARK_EACH_TIME
        wrong += found_at(browsers[place.person], place, dark=dark)
    assert not wrong, "\n" + "\n".join(wrong)


def found_at(page: Page, place: Place, *, dark: bool) -> Iterable[str]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(place.url)
    place.then(page)
    yield from violations(page, f"{place.name} light", ALL)
    if dark:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        yield from violations(page, f"{place.name} dark", COLORS)  # nothing else differs


def violations(page: Page, where: str, options: dict[str, Any]) -> Iterable[str]:
    for violation in Axe().run(page, options=options).response["violations"]:
        for node in violation["nodes"][:3]:
            [why, *_rest] = [check["message"] for check in (*node["any"], *node["all"], *node["none"])] or [""]
            yield f"{where}: {violation['id']}: {node['target']} {node['html'][:140]!r} {why}"
