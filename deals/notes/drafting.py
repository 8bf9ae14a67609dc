"""A draft of the notes for sellers, from asking to what the page is offered (product.md §5)."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _

from deals.enums import DraftOutcome
from deals.notes import budget, client
from deals.notes.answer import Answer, Garbage
from deals.notes.inputs import Input
from deals.notes.offer import Offer
from deals.notes.template import VERSION, structured

if TYPE_CHECKING:
    from accounts.who import Who

PROMPT_VERSION = "1"
PROMPT = (Path(__file__).parent / f"prompt-{PROMPT_VERSION}.txt").read_text(encoding="utf-8")
Piece = tuple[str, str]  # "problem" or "help", and text that follows what came before
Draft = Generator[Piece | Offer | None, None, None]

WHY = {
    DraftOutcome.SLOW: gettext_lazy("The language model took too long."),
    DraftOutcome.CUT_OFF: gettext_lazy("The language model did not finish."),
    DraftOutcome.REFUSED: gettext_lazy("The language model refused."),
    DraftOutcome.GARBAGE: gettext_lazy("The language model's answer cannot be used."),
    DraftOutcome.BUSY: gettext_lazy("The language model is busy; try again in a minute."),
    DraftOutcome.UNREACHABLE: gettext_lazy("The language model cannot be reached."),
}


def draft_notes(who: Who, about: UUID, inputs: Sequence[Input]) -> Draft:
    """Pieces as they come, None while nothing comes, and last the offer: it holds whatever happened.

    Who closes the iterator stops the model. No transaction may be open: it waits for a network.
    """
    language = get_language() or settings.LANGUAGE_CODE
    plain = _plain(about, inputs)
    if not client.is_configured():
        yield plain
        return
    messages = _messages(inputs, language)
    asked = budget.estimated(*(message["content"] for message in messages))
    row = budget.begin(who, asked + client.MOST_TOKENS, PROMPT_VERSION)
    if row is None:
        yield replace(plain, message=_("Your company has used up this month's drafts by the language model."))
        return
    answer, outcome, started = Answer(), DraftOutcome.CANCELLED, time.monotonic()
    question = client.Question(messages)
    try:
        yield from _pieces(question, answer)
        outcome = question.outcome
    except Garbage:
        outcome = DraftOutcome.GARBAGE
    finally:
        question.stop()
        spent = question.tokens if question.tokens is not None else asked + budget.estimated(*answer.texts.values())
        budget.finish(row, outcome, spent, time.monotonic() - started)
    if outcome == DraftOutcome.DONE:
        problem, help_needed = (text.strip() for text in answer.texts.values())
        yield replace(plain, by=f"{row.model}/{PROMPT_VERSION}", problem=problem, help=help_needed, message="")
        return
    with override(language):  # the reader's, whatever this thread has served meanwhile
        yield replace(plain, message=str(WHY[outcome]))


def _pieces(question: client.Question, answer: Answer) -> Iterator[Piece | None]:
    for text in question.pieces():
        if text:
            yield from answer.feed(text)
        else:
            yield None
    if question.outcome == DraftOutcome.DONE:
        yield from answer.end()


def _plain(about: UUID, inputs: Sequence[Input]) -> Offer:
    problem, help_needed = structured(inputs)
    return Offer(
        about=str(about),
        by=VERSION,
        problem=problem,
        help=help_needed,
        inputs=[(each.label, each.value) for each in inputs],
    )


def _messages(inputs: Sequence[Input], language: str) -> client.Messages:
    """What people typed goes as JSON, in a message of its own: it cannot end its own quotation."""
    data = {
        "language": get_language_info(language)["name"],
        "inputs": {each.name: each.value for each in inputs},
    }
    return [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
    ]
