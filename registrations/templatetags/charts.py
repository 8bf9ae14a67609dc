"""Charts as SVG, drawn here: attributes and classes, no style, no script. Each stands beside the numbers it draws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cosell.web.templatetags.cosell import span
from registrations.numbers import Week

register = template.Library()
CLASSES = {"plain": "", "ok": "text-ok", "bad": "text-bad", "warn": "text-warn"}
HIGH = 100  # of a chart, in its own units
COLUMN, GAP = 4, 4  # a week is two columns and a gap


@register.filter
def most(rows: Iterable[object], name: str) -> object:
    """The greatest attribute of that name, or item at that number."""
    at = int(name) if name.isdecimal() else None
    values = (row[at] if at is not None else getattr(row, name) for row in rows)  # type: ignore[index]
    return max((value for value in values if value is not None), default=0)


@register.filter
def duration(value: timedelta | None) -> str:
    return "–" if value is None else span(value)


@register.simple_tag
def bar(most: int | timedelta, **parts: int | timedelta | None) -> SafeString:
    """A bar as long as the sum of its parts is of `most`; parts are named by their colour (CLASSES)."""
    rects, start = [], Decimal(0)
    for name, part in parts.items():
        wide = _share(part, most)
        if wide:
            rects.append((start, wide, CLASSES[name]))
            start += wide
    drawn = format_html_join("", '<rect x="{}" width="{}" height="8" class="{}"/>', rects)
    return _svg(100, 8, 8, drawn)


@register.simple_tag
def weeks_chart(weeks: list[Week]) -> SafeString:
    """For each week what came in, and beside it what was approved and decided, one upon the other."""
    most = max((max(week.submitted, week.approved + week.decided) for week in weeks), default=0)
    rects: list[tuple[int, Decimal, int, Decimal, str]] = []
    for number, week in enumerate(weeks):
        x = number * (2 * COLUMN + GAP)
        approved, decided = _share(week.approved, most), _share(week.decided, most)
        submitted = _share(week.submitted, most)
        rects += [
            (x, HIGH - submitted, COLUMN, submitted, "muted"),
            (x + COLUMN, HIGH - approved, COLUMN, approved, "text-ok"),
            (x + COLUMN, HIGH - approved - decided, COLUMN, decided, ""),
        ]
    shown = [rect for rect in rects if rect[3]]
    drawn = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>', shown)
    return _svg(len(weeks) * (2 * COLUMN + GAP), HIGH, 140, drawn)


def _share(part: int | timedelta | None, most: int | timedelta) -> Decimal:
    """In hundredths of `most`."""
    if not part or not most:
        return Decimal(0)
    return round(Decimal(100 * (part / most)), 2)  # type: ignore[operator]  # both are numbers, or both are spans


def _svg(width: int, height: int, pixels: int, drawn: SafeString) -> SafeString:
    """As wide as there is room. Its words stand beside it, so it says nothing to who listens."""
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" width="100%" height="{}" preserveAspectRatio="none"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        max(width, 1),
        height,
        pixels,
        drawn,
    )
