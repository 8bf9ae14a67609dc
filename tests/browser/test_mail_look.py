"""A mail on a phone, in both schemes: nothing is cut off, the button is large enough for a thumb, all can be read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from cosell.events import catalogue, letters
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Fill
from tests.browser.test_axe import violations

LOOK = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag22aa"]}}
SOME = ("opportunity_received", "registration_possible")  # all that any mail has
MEASURE = """() => {
  const button = document.querySelector(".button a")?.getBoundingClientRect() ?? { height: 44, right: 0 };
  return [document.documentElement.scrollWidth, button.height, button.right, document.images.length];
}"""


def drawn(page: Page, folder: Path, message: Message, fill: Fill) -> str:
    reader = Recipient(None, "rui.prado@contoso.example", "Rui Prado", "pt-br", "America/Sao_Paulo")
    file = folder / f"{message.name}.html"
    file.write_text(letters.sample(message, reader, fill).html)
    page.goto(file.as_uri())
    return message.name


def test_nothing_is_cut_off_on_a_phone(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    for message in catalogue.all_messages():
        name = drawn(page, tmp_path, message, Fill.LONG)
        width, height, right, images = page.evaluate(MEASURE)
        assert width <= 360, f"{name} is {width} px wide"
        assert height >= 44, f"the button of {name} is {height} px high"
        assert right <= 360, f"the button of {name} ends at {right} px"
        assert images == 0


@pytest.mark.parametrize("name", SOME)
def test_a_mail_can_be_read_in_both_schemes(page: Page, tmp_path: Path, name: str) -> None:
    message = catalogue.get(name)
    assert message
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        drawn(page, tmp_path, message, Fill.USUAL)
        assert list(violations(page, f"{name} {scheme}", LOOK)) == []
