"""Nothing is cut off: no page scrolls sideways at 320 px, which is also 1280 px at 400 % zoom."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import places
from tests.browser.test_axe import PLACES

WIDER = """() => [...document.querySelectorAll("main *, header *, nav *, dialog[open] *")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width && box.right > 321 && each.checkVisibility() && !each.closest(".tabs, .visually-hidden, .gone");
}).slice(0, 3).map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`)"""


EACH_TIME = ("lists", "registrations")  # in the longer words; the rest with `make browser`
GROUPS = [pytest.param(group, "pt-br", marks=() if group in EACH_TIME else pytest.mark.again) for group in PLACES]
AGAIN = [pytest.param(group, "en", marks=pytest.mark.again) for group in PLACES]


@pytest.mark.parametrize(("group", "language"), [*GROUPS, *AGAIN])
def test_no_page_scrolls_sideways(deals: None, person: Callable[..., Page], group: str, language: str) -> None:
    browsers: dict[str, Page] = {}
    wrong: list[str] = []
    for place in getattr(places, group)():
        name = place.person or places.ANA
        if place.person == places.NOBODY:
            continue
        if name not in browsers:
            browsers[name] = person(name, language, width=320)
        page = browsers[name]
        page.goto(place.url)
        place.then(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wrong.append(f"{place.name}: {width} px, by {page.evaluate(WIDER)}")
    assert not wrong, "\n" + "\n".join(wrong)
