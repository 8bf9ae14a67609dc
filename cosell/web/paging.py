"""Pages by key, never by OFFSET: page 400 costs what page 1 costs, and no row is seen twice or missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Expression, F, IntegerField, Model, Q, QuerySet, Subquery

PAGE_SIZE = 25
COUNT_LIMIT = 1000


@dataclass(frozen=True)
class Order:
    """A sort that pages by key: `expression` is never null, the primary key breaks ties."""

    expression: Expression | F
    descending: bool = False

    def apply(self, rows: QuerySet) -> QuerySet:
        sign = "-" if self.descending else ""
        return rows.annotate(sort_key=self.expression).order_by(f"{sign}sort_key", f"{sign}pk")

    def beyond(self, key: Any, pk: int, *, backwards: bool = False) -> Q:
        """Rows after (key, pk) in this order, or before when `backwards`."""
        side = "lt" if self.descending != backwards else "gt"
        return Q(**{f"sort_key__{side}": key}) | Q(sort_key=key, **{f"pk__{side}": pk})


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    before: str = ""
    after: str = ""


def page(rows: QuerySet, order: Order, params: Mapping[str, str], size: int = PAGE_SIZE) -> Page:
    """The page after `?after=` or before `?before=`; a cursor that makes no sense gives the first."""
    ordered = order.apply(rows)
    signer = _signer(ordered)
    backwards = "before" in params
    cursor = _read(signer, params.get("before" if backwards else "after", ""))
    if cursor is None:
        found = list(ordered[: size + 1])
        return Page(found[:size], after=_write(signer, found[size - 1]) if len(found) > size else "")
    beyond = ordered.filter(order.beyond(*cursor, backwards=backwards))
    found = list((beyond.reverse() if backwards else beyond)[: size + 1])
    more = len(found) > size
    shown = found[:size][:: -1 if backwards else 1]
    if not shown:
        return page(rows, order, {}, size)
    return Page(
        shown,
        before=_write(signer, shown[0]) if more or not backwards else "",
        after=_write(signer, shown[-1]) if more or backwards else "",
    )


def neighbours(rows: QuerySet, order: Order, here: Model) -> tuple[Any, Any]:
    """The rows before and after `here` in a found set; None where there is none or `here` is not in it."""
    ordered = order.apply(rows)
    row = ordered.filter(pk=here.pk).first()
    if row is None:
        return None, None
    before = ordered.filter(order.beyond(row.sort_key, row.pk, backwards=True)).reverse().first()
    return before, ordered.filter(order.beyond(row.sort_key, row.pk)).first()


class _Count(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) _counted)"
    output_field = IntegerField()


def count_some(found: Mapping[str, QuerySet]) -> dict[str, int]:
    """How many rows each found set has, in one query; exact up to COUNT_LIMIT, else one more than that."""
    some = {f"n{index}": rows.order_by().values("pk")[: COUNT_LIMIT + 1] for index, rows in enumerate(found.values())}
    anything = next(iter(found.values())).model.objects.order_by().values("pk")[:1]
    counted = anything.annotate(**{name: _Count(rows) for name, rows in some.items()}).values_list(*some)
    return dict(zip(found, next(iter(counted), [0] * len(found)), strict=True))


def _signer(ordered: QuerySet) -> Signer:
    """Cursors are signed, each for one type of key: none but our own ever reaches the database."""
    key = ordered.query.annotations["sort_key"].output_field
    return Signer(salt=f"cursor.{key.get_internal_type()}")


def _write(signer: Signer, row: Any) -> str:
    key = row.sort_key if isinstance(row.sort_key, int) else str(row.sort_key)
    return signer.sign_object([key, row.pk])


def _read(signer: Signer, cursor: str) -> tuple[Any, int] | None:
    try:
        key, pk = signer.unsign_object(cursor)
    except BadSignature:
        return None
    return key, pk
