"""What apps above this one add to a deal: the one named place, filled when they start (house.md).

`registrations` says here how its events are called, which of their fields and reasons have which words, and what it
looks at whenever a side has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.functional import Promise

if TYPE_CHECKING:
    from deals.models import Deal

Words = Mapping[str, str | Promise]
FreeText = tuple[type[Model], tuple[str, ...]]  # a model, its fields
Sayer = Callable[[str, Any], str | None]
Watcher = Callable[["Deal", datetime], None]

titles: dict[str, str | Promise] = {}  # of kinds of events, as they head an entry of the timeline
fields: dict[str, str | Promise] = {}  # of what was changed
reasons: dict[str, str | Promise] = {}  # of a "no"
joined: list[str] = []  # relations of a deal that its page needs at once
free_text: list[FreeText] = []  # where people write freely, for export and erase of a person
_sayers: list[Sayer] = []
_watchers: list[Watcher] = []


def add(
    *,
    of_events: Words,
    of_fields: Words,
    of_reasons: Words,
    sayer: Sayer,
    watcher: Watcher,
    texts: tuple[FreeText, ...],
    relations: tuple[str, ...] = (),
) -> None:
    """Called once by each app above, at start-up."""
    titles.update(of_events)
    fields.update(of_fields)
    reasons.update(of_reasons)
    joined.extend(name for name in relations if name not in joined)
    free_text.extend(each for each in texts if each not in free_text)
    if watcher not in _watchers:
        _sayers.append(sayer)
        _watchers.append(watcher)


def said(field: str, value: Any) -> str | None:
    """An old or new value of a field of an app above, as people read it; None for a field of our own."""
    return next((words for sayer in _sayers if (words := sayer(field, value)) is not None), None)


def changed(deal: Deal, now: datetime) -> None:
    """A side, or what it shares with others, has changed. Called in that transaction, with the engagement locked."""
    for watcher in _watchers:
        watcher(deal, now)
