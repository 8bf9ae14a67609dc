"""The draft without a language model: the inputs in order. The same inputs give the same draft."""

from __future__ import annotations

from collections.abc import Sequence

from deals.notes.inputs import Input

VERSION = "template/1"
LIMIT = 3500  # characters of one note; the fields take 4000, and a line break may count twice on its way
_ABOUT_THE_PROBLEM = ("customer", "country", "deal_name", "kind", "value", "close_on", "solutions")
_ABOUT_THE_HELP = ("help", "partner_role", "solution_area", "solution_play", "close_on")


def structured(inputs: Sequence[Input]) -> tuple[str, str]:
    """Problem and help: the person's own words first, then the facts, a line each."""
    return (
        _note(inputs, "customer_problem", _ABOUT_THE_PROBLEM),
        _note(inputs, "help_needed", _ABOUT_THE_HELP),
    )


def _note(inputs: Sequence[Input], own: str, facts: Sequence[str]) -> str:
    given = {each.name: each for each in inputs}
    words = given[own].value if own in given else ""
    lines = "\n".join(f"{given[name].label.rstrip('?')}: {given[name].value}" for name in facts if name in given)
    whole = f"{words}\n\n{lines}".strip()
    return whole if len(whole) <= LIMIT else words or whole[:LIMIT]
