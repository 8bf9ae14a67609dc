"""The catalogue: every row is whole, and every message can be written and read, by people and mail programs."""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.template.loader import get_template

from cosell.events import catalogue, letters
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Cadence, Channel, Fill
from deals.samples import LONG
from tests.events.mail_lint import Lint, style_faults

MESSAGES = {message.name: message for message in catalogue.all_messages()}
PARTS = ("subject.txt", "body.txt", "body.html")
ASK_FOR_AN_ANSWER = {"opportunity_received", "opportunity_expiring"}
EXPIRE = {*ASK_FOR_AN_ANSWER, "opportunity_expired", "draft_warned", "review_due", "review_escalated"}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_a_row_is_whole(message: Message) -> None:
    assert message.title
    assert message.told
    assert message.group
    assert message.has_sample, "the preview needs a made-up case"
    for part in PARTS:
        get_template(f"{message.template}_{part}")
    if message.place:
        assert message.place.__doc__, "docs/messages.md says whose chats are told"
    assert not str(message.told).endswith("."), "the footer ends the sentence"


def test_what_runs_out_cannot_be_turned_off_and_what_asks_can_be_answered() -> None:
    assert {name for name, message in MESSAGES.items() if message.can_turn_off} & EXPIRE == set()
    assert {name for name, message in MESSAGES.items() if message.act} >= ASK_FOR_AN_ANSWER
    moved = MESSAGES["stage_marked"]
    assert (moved.default, Channel.MAIL in moved.channels) == (Cadence.DAILY, True)


def written(message: Message) -> Iterator[tuple[str, Fill, letters.Letter]]:
    for language in ("en", "pt-br"):
        for fill in Fill:
            name = "" if fill == Fill.MISSING else LONG if fill == Fill.LONG else "Ana Souza"
            reader = Recipient(None, "ana.souza@contoso.example", name, language, "America/Sao_Paulo")
            yield language, fill, letters.sample(message, reader, fill)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_a_message_can_be_written_and_read(message: Message) -> None:
    """In both languages, with everything as long as it may be, and with everything empty that may be."""
    for language, fill, letter in written(message):
        here = f"{language}, {fill}"
        for words in (letter.subject, letter.text, letter.html):
            for rest in ("{{", "{%", "None", "%(", "&amp;amp;", ", ,", "()"):
                assert rest not in words, f"{rest!r}: {here}"
        assert Lint(letter.html).faults == [], here
        assert "<b>bold" not in letter.html, f"not escaped: {here}"
        assert f'<html lang="{language}">' in letter.html
        assert letter.subject
        assert "\n" not in letter.subject
        assert [line for line in letter.text.splitlines() if line.endswith(": ")] == [], f"nothing after it: {here}"
        assert "\n\n\n" not in letter.text
        for button in re.findall(r'class="button".*?href="([^"]+)"', letter.html):
            assert f"\n{button}\n" in letter.text, "the same page in text and HTML"
        assert 'class="button"' in letter.html or not message.template.startswith(("deals/", "registrations/"))


SORTABLE = re.compile(r"[A-Z][^:]+: .+ · CS-\d+")


def test_subjects_begin_with_what_is_wanted_and_end_with_the_reference() -> None:
    reader = Recipient(None, "ana.souza@contoso.example", "Ana Souza", "en", "America/Sao_Paulo")
    subjects = {name: letters.sample(message, reader, Fill.USUAL).subject for name, message in MESSAGES.items()}
    of_engagements = [name for name in subjects if MESSAGES[name].template.startswith(("deals/", "registrations/"))]
    odd = [subjects[name] for name in of_engagements if not SORTABLE.fullmatch(subjects[name])]
    assert [subject for subject in odd if not subject.startswith("Your draft")] == []
    assert len(set(subjects.values())) == len({each.template for each in MESSAGES.values()}), "called the same"


def test_what_is_needed_to_decide_stands_in_the_mail() -> None:
    """Customer, value, help, notes, who, until when in the reader's zone, one page to go to."""
    reader = Recipient(None, "ana.souza@contoso.example", "Ana Souza", "en", "America/Sao_Paulo")
    letter = letters.sample(MESSAGES["opportunity_received"], reader, Fill.USUAL)
    for words in (
        "Customer: A. Datum Corporation, Seattle, United States",
        "Value: 310,000 USD",
        "Help asked: Proof of concept / Demo",
        "The licence of their appliance ends in March.",
        "A reviewed target architecture for two plants.",
        "We need your people for the last two plants.",
        "Sent by: Ana Souza, Contoso Data",
        "Brasilia Standard Time",
        "Answer without signing in",
    ):
        assert words in letter.text
    assert re.search(r"^Answer by: \d+ \w+ (\d+ )?\d\d:\d\d \(Brasilia Standard Time\)$", letter.text, re.M)


def test_the_lint_sees_what_mail_programs_leave_out() -> None:
    for css in (
        "p { display: grid; position: fixed }",
        "p { background: url(x.png) }",
        "p { color: var(--ink) }",
        "p > b { color: #000000 }",
        "@import 'x.css';",
        "p { color: #000000 !important }",
    ):
        assert list(style_faults(css)), css
    button = '<table class="button"><tr><td>1</td></tr></table>'
    good = f"<title>1</title><style>p {{ margin: 0 }}</style><h1>1</h1>{button}"
    assert Lint(good).faults == []
    for html in ("<img src=x>", "<script>1</script>", "<form></form>", "<p style='x'>1</p>", "<p></p>", button):
        assert Lint(good + html).faults, html


def test_the_page_of_messages_is_up_to_date() -> None:
    call_command("message_docs", "--check", stdout=StringIO())
