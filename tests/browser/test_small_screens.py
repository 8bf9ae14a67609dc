"""Nothing is cut off: no page scrolls sideways at 320 px, which is also 1280 px at 400 % zoom."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import places

WIDER = """() => [...document.querySelectorAll("main *, header *, nav *, dialog[open] *")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width && box.right > 321 && each.checkVisibility() && !each.closest(".tabs, .visually-hidden, .gone");
}).slice(0, 3).map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`)"""


@pytest.mark.parametrize("language", ["pt-br", pytest.param("en", marks=pytest.mark.again)])  # the longer words
def test_no_page_scrolls_sideways(deals: None, person: Callable[..., Page], language: str) -> None:
    browsers: dict[str, Page] = {}
    wrong: list[str] = []
    for place in places.everywhere():
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
