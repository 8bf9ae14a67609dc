"""Filters of a list as its address says them: what narrows it, in words, and the address with one thing changed."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.http import QueryDict

CURSORS = ("after", "before")  # of cosell.web.paging: another list begins at its first page


def chips(found: filters.FilterSet) -> list[tuple[str, str, str]]:
    """What narrows the list now: (parameter, label, value in words). The search `q` stands in its own field."""
    if not found.form.is_valid():
        return []
    return [
        (name, str(found.form.fields[name].label), _words(found, name, value))
        for name, value in found.form.cleaned_data.items()
        if name != "q" and value not in (None, "", [], False)
    ]


def _words(found: filters.FilterSet, name: str, value: Any) -> str:
    choices = dict(getattr(found.form.fields[name], "choices", ()))
    if isinstance(value, list):
        return ", ".join(str(choices.get(item, item)) for item in value)
    return "" if value is True else str(choices.get(value, value))


def with_changes(params: QueryDict, **changes: str) -> str:
    """The query with something changed, from the first page on."""
    query = _from_the_start(params)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()


def without(params: QueryDict, *names: str) -> str:
    """The query without these parameters, from the first page on."""
    query = _from_the_start(params)
    for name in names:
        query.pop(name, None)
    return query.urlencode()


def _from_the_start(params: QueryDict) -> QueryDict:
    query = params.copy()
    for name in CURSORS:
        query.pop(name, None)
    return query
