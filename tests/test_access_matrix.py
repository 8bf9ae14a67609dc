"""Who may open what: every URL of the project × the cast × method.

Complete by construction: the URLs are walked from the resolver, and one that has no row here fails the run.
A stranger's deal is a 404, a visible one without the right to change it a 403, a lost sign-in a way back to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Organization
from deals import lists
from deals.views.act import DIALOGS
from deals.views.wizard import _STEP_CONTEXT
from tests import access
from tests.access import sign_in, theirs
from tests.access.table import ADMIN_SIGN_IN, ANONYMOUS, REGISTERED, SIDES, SIGN_IN, Answer, Expected, Row, Side
from tests.access.world import World, build

pytestmark = pytest.mark.django_db  # each test in a transaction of its own, inside the one that holds the world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One set of rows for the whole matrix; each request is undone, and all of it at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


CONCERNED = {
    **SIDES,
    "case": Side("noor erik lee ana", ""),
    "typed": Side("ana vera noor", ""),
    **dict.fromkeys(("won", "registration", "file", "receipt", "exception"), REGISTERED),
}


def _few(rows: list[Row]) -> Iterator[Row]:
    """The whole cast asks for each page once, and for every side of a deal once; then, and for what is posted to a
    page that was asked for, those it concerns suffice."""
    full = set()
    for row in rows:
        about = CONCERNED.get(row.kwargs.get("uid", ""), Side("ana rui", "")).sees.split()
        concerned = {ANONYMOUS, "mia", "operator", *about}
        if row.name in full and row.name != "deals:detail" and "uid" in row.kwargs:
            row = replace(row, get=_only(concerned, row.get), post=_only(concerned, row.post))
        elif row.get and row.post:
            row = replace(row, post=_only(concerned, row.post))
        full.add(row.name)
        yield row


def _only(names: set[str], expected: Expected | None) -> Expected | None:
    return expected and {name: answer for name, answer in expected.items() if name in names}


KEEPING = {ANONYMOUS, "ana", "julia", "diego", "erik", "rui", "operator"}


def _keepers(rows: list[Row]) -> Iterator[Row]:
    """Everybody asks for the lists of the admin; for the rest those who have a room, and some who have none."""
    for row in rows:
        looks = row.get if row.name.endswith("_changelist") else _only(KEEPING, row.get)
        yield replace(row, get=looks, post=_only(KEEPING, row.post))


# Each module of tests/access with ROWS is a part of the table; allauth's and the admin's pages know more methods.
PARTS = [import_module(f"tests.access.{each.name}") for each in iter_modules(access.__path__)]
THEIRS = [*_keepers(theirs.ROWS), *sign_in.THEIRS]
FOREIGN = {row.name for row in THEIRS}
OURS = [row for part in PARTS if part is not theirs for row in getattr(part, "ROWS", ())]
ROWS = [*_few(OURS), *THEIRS]


# ---------------------------------------------------------------------------------------------------- the checks


def walk(resolver: URLResolver, names: tuple[str, ...] = (), route: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every URL of the project."""
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield ":".join((*names, pattern.name)) if pattern.name else "", here
        else:
            yield from walk(pattern, (*names, pattern.namespace) if pattern.namespace else names, here)


def test_every_url_has_a_row() -> None:
    urls = list(walk(get_resolver()))
    named = {name for name, _ in urls if name}
    listed = {row.name for row in ROWS}
    assert named - listed == set(), "say in this file who may open them"
    assert listed - named == set(), "these do not exist any more"
    nameless = {route for name, route in urls if not name}
    assert all(route.startswith("admin/") for route in nameless), nameless


def test_every_action_step_and_section_has_a_row() -> None:
    of = {name: {row.about.split(" ")[0] for row in ROWS if row.name == name} for name in ("deals:act", "deals:draft")}
    assert {action.value for action in DIALOGS} <= of["deals:act"]
    assert set(_STEP_CONTEXT) == of["deals:draft"]
    tabs = {row.kwargs["tab"] for row in ROWS if row.name == "deals:list"}
    assert {tab.slug for tab in (*lists.TABS, lists.FOUND)} <= tabs


def url_of(row: Row, world: World) -> str:
    return reverse(row.name, kwargs={name: _argument(row, name, value, world) for name, value in row.kwargs.items()})


def _argument(row: Row, name: str, value: str, world: World) -> object:
    """A word of the table as the row that it stands for."""
    if value == "typed":
        return world.typed.uid
    if value == "case":
        return world.typed.engagement.match_case.uid
    if value == "draft":
        return world.draft.uid
    if value in world.registered:
        return world.registered[value].uid
    if value == "told":
        return world.told.pk
    if value in world.sides:
        return world.sides[value].pk if name == "side" else world.sides[value].uid
    if name in ("object_id", "id") and "." in value:
        model = next(model for model in admin.site._registry if model._meta.label == value)
        return getattr(model.objects.order_by("pk").first(), "pk", 0)
    return value


def ask(world: World, name: str, method: str, url: str, data: dict[str, Any], *, htmx: bool = False) -> HttpResponse:
    """The answer; what it wrote is undone."""
    body = urlencode(data) if method == "POST" else ""
    with transaction.atomic():
        response = world.client(name, htmx=htmx).generic(method, url, body, "application/x-www-form-urlencoded")
        if response.streaming:
            b"".join(response.streaming_content)  # closes the file
        transaction.set_rollback(True)
    return response


def said(response: HttpResponse) -> Answer:
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?next="):
        return SIGN_IN
    if response.status_code == 302 and response["Location"].startswith(reverse("admin:login")):
        return ADMIN_SIGN_IN
    return response.status_code


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_answers(row: Row, world: World) -> None:
    wrong = []
    url, data = url_of(row, world), _data(row)
    not_there = {} if row.name in FOREIGN else {"ana": 405}
    for method, expected in (("GET", row.get), ("POST", row.post)):
        for name, wanted in (not_there if expected is None else expected).items():
            answer = said(ask(world, name, method, url, data))
            if answer != wanted:
                wrong.append(f"{method} {url} by {name}: {answer}, not {wanted}")
    assert not wrong, "\n" + "\n".join(wrong)


def _data(row: Row) -> dict[str, Any]:
    if row.name == "accounts:switch":
        return {"organization": str(Organization.objects.get(name=row.data["organization"]).uid)}
    return row.data


def once(rows: list[Row]) -> list[Row]:
    return list({row.name: row for row in rows}.values())


@pytest.mark.parametrize("row", once([row for row in ROWS if row.name not in FOREIGN]), ids=str)
def test_other_methods_are_not_allowed(row: Row, world: World) -> None:
    for method in ("PUT", "DELETE"):
        assert said(ask(world, "ana", method, url_of(row, world), {})) == 405


@pytest.mark.parametrize("row", once([row for row in ROWS if SIGN_IN in (row.get or row.post).values()]), ids=str)
def test_a_lost_sign_in_inside_a_page_leads_to_the_sign_in_page(row: Row, world: World) -> None:
    """Its page must not land inside a table; and after it one is back where one was."""
    method = "GET" if row.get else "POST"
    response = ask(world, ANONYMOUS, method, url_of(row, world), _data(row), htmx=True)
    assert response.status_code == 200
    assert response["HX-Redirect"].startswith(reverse("account_login"))
