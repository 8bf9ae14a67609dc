"""Pictures of every page into shots/, for people to look at: `make shots`. They prove nothing by themselves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cosell.events import catalogue, letters
from cosell.events.catalogue import Recipient
from cosell.events.enums import Fill
from tests.browser import places
from tests.browser.conftest import SHOTS
from tests.browser.test_axe import PLACES

pytestmark = pytest.mark.shots
SIZES = {"desk": 1360, "phone": 360}
IN_PORTUGUESE = ("list-", "deal-")


@pytest.mark.parametrize("group", PLACES)
@pytest.mark.parametrize("size", SIZES)
def test_shots(deals: None, person: Callable[..., Page], page: Page, base_url: str, group: str, size: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    browsers = {(places.NOBODY, "en"): page}
    page.set_viewport_size({"width": SIZES[size], "height": 800})
    for language in ("en", "pt-br"):
        for place in getattr(places, group)():
            if language != "en" and not place.name.startswith(IN_PORTUGUESE):
                continue
            key = (place.person, language)
            if key not in browsers:
                browsers[key] = person(place.person, language, width=SIZES[size])
            shoot(browsers[key], place, f"{place.name}-{size}-{language}")
            assert (SHOTS / f"{place.name}-{size}-{language}-dark.png").stat().st_size


@pytest.mark.parametrize("size", SIZES)
def test_shots_of_mails(page: Page, tmp_path: Path, size: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.set_viewport_size({"width": SIZES[size], "height": 800})
    for message in catalogue.all_messages():
        for language in ("en", "pt-br"):
            reader = Recipient(None, "rui.prado@contoso.example", "Rui Prado", language, "America/Sao_Paulo")
            file = tmp_path / f"{message.name}.html"
            file.write_text(letters.sample(message, reader, Fill.USUAL).html)
            shoot(
                page,
                places.Place(message.name, places.NOBODY, file.as_uri()),
                f"mail-{message.name}-{size}-{language}",
            )


def shoot(page: Page, place: places.Place, name: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(place.url)
    place.then(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        full = page.locator("dialog[open]").count() == 0
        page.screenshot(path=SHOTS / f"{name}-{scheme}.png", full_page=full)
