"""The customer step's own parts: accounts found, the business directory, what a typed customer looks like.

Each is a fragment for htmx and a part of the step's page; addresses carry what is searched for and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.directory import (
    DirectoryEntry,
    DirectoryQuery,
    LocalDirectory,
    entry_of,
    remember,
    token,
)
from accounts.directory import directory as outside
from accounts.directory.keep import account_id_of
from accounts.enums import CustomerCategory
from accounts.forms import CustomerSearchForm
from accounts.models import CustomerAccount, Organization
from accounts.search import (
    CustomerResults,
    choosable_by,
    chosen_elsewhere,
    count_label,
    find_choosable,
    search_customers,
)
from accounts.who import Who
from deals.wizard import Wizard, drafts_of

LETTERS = 3  # while a name is typed, it is searched for from here on
TAB = CustomerCategory.OTHER  # where entries of the directory stand


@require_GET
def customers(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The list of accounts for what is typed; without `go` it is still being typed."""
    context = customer_list(_wizard(request, uid), request.GET, typing="go" not in request.GET)
    return render(request, "accounts/_customer_results.html", context)


@require_GET
def directory(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the business directory knows, on its own: a slow or dead one holds nothing else."""
    wizard = _wizard(request, uid)
    results = search_customers(wizard.who, **_terms(request.GET), wide=True)
    context = _list_context(wizard, request.GET, results, wide=True)
    context |= _directory(wizard.who, request.GET, results)
    return render(request, "accounts/_directory.html", {**context, "is_part": True})


@require_GET
def near(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Known accounts that the customer being typed by hand looks like."""
    wizard = _wizard(request, uid)
    form = wizard.customer_form(request.GET)
    form.errors.clear()  # nobody pressed Next yet
    return render(request, "accounts/_customer_near.html", near_context(wizard, form))


def _wizard(request: HttpRequest, uid: UUID) -> Wizard:
    return Wizard(get_object_or_404(drafts_of(request.who), uid=uid), request.who, Organization.objects.host())


def customer_list(wizard: Wizard, data: Mapping[str, Any], *, typing: bool = False) -> dict[str, object]:
    """Context of the list of accounts: what was searched, found, and chosen."""
    terms, wide = _terms(data), bool(data.get("more"))
    too_short = typing and "name" in terms and letters(terms["name"]) < LETTERS
    results = search_customers(wizard.who, **({} if too_short else terms), wide=wide)
    context = _list_context(wizard, data, results, wide=wide)
    context |= {"too_short": too_short, "typing": typing}
    if context["asks_directory"] and data.get("directory"):
        context |= _directory(wizard.who, data, results)
    return context


def near_context(wizard: Wizard, form: Any) -> dict[str, object]:
    return {"form": form, "near": form.near(), "selected": form.chosen, "draft": wizard.draft, "host": wizard.host}


def letters(name: str) -> int:
    """How much is typed. A character that stands for a word or a syllable says as much as two letters."""
    return sum(2 if char >= "\u2e80" else 1 for char in name if char.isalnum())


def _terms(data: Mapping[str, Any]) -> dict[str, Any]:
    terms: dict[str, Any] = CustomerSearchForm.terms(data)
    if terms.pop("here", ""):
        terms["here"] = True
    return terms


def _list_context(
    wizard: Wizard, data: Mapping[str, Any], results: CustomerResults, *, wide: bool
) -> dict[str, object]:
    terms, picked, chosen = _terms(data), data.get("tab", ""), data.get("customer", "")
    has_directory = not isinstance(outside(), LocalDirectory)
    asks_directory = has_directory and wide and bool(terms)
    tab = results.tab(picked)
    if asks_directory and (picked == TAB or not results.total):
        tab = next(each for each in results.tabs if each.category == TAB)
    return {
        "results": results,
        "tab": tab,
        "picked": picked if picked in CustomerCategory else "",
        "by_id": CustomerSearchForm.mode(data) == CustomerSearchForm.BY_ID,
        "searched": terms.get("name", ""),
        "terms": urlencode(terms | {"tab": tab.category}),
        "wide": wide,
        "has_directory": has_directory,
        "asks_directory": asks_directory,
        "in_directory": tab.category == TAB,
        "selected": chosen,
        "kept": chosen_elsewhere(wizard.who, chosen, tab) or entry_of(chosen),
        "draft": wizard.draft,
        "host": wizard.host,
    }


# the business directory


@dataclass
class DirectoryRow:
    """A company of the directory: an entry to be remembered when it is chosen, or the account that we have of it."""

    company: DirectoryEntry | CustomerAccount
    value: str
    key: str
    is_new: bool


def remembered(who: Who, value: str) -> str:
    """The uid of the account for an entry chosen from the directory; any other value as it is. Writes: POST only."""
    entry = entry_of(value)
    if entry is None:
        return value
    account = remember(entry)
    return str(account.uid) if find_choosable(who, str(account.uid)) else value


def _directory(who: Who, data: Mapping[str, Any], results: CustomerResults) -> dict[str, object]:
    """Ask, and put our own accounts in the place of entries that are the same company."""
    answer = outside().find(_question(CustomerSearchForm.terms(data)))
    rows = list(_rows(who, answer.entries, results))
    own = next(tab for tab in results.tabs if tab.category == TAB)
    with_directory = count_label(own.count + len(rows)) if rows else ""
    return {
        "asked_directory": True,
        "entries": rows,
        "problem": answer.problem_text(),
        "with_directory": with_directory,
    }


def _question(terms: Mapping[str, str]) -> DirectoryQuery:
    """A domain may stand in an address of the web or of mail; what is neither number nor domain is no question."""
    given = terms.get("account_id", "")
    host = given.rpartition("://")[2].partition("/")[0].rpartition("@")[2].removeprefix("www.")
    place = {name: terms[name] for name in ("name", "country", "state", "city") if name in terms}
    return DirectoryQuery(**place, duns=given, domain=host)


def _rows(who: Who, entries: Iterable[DirectoryEntry], results: CustomerResults) -> Iterable[DirectoryRow]:
    """What the lists above show already is left out."""
    entries = list(entries)
    accounts = choosable_by(who).exclude(category=CustomerCategory.MANUAL)
    by_duns = {each.duns: each for each in accounts.filter(duns__in=[e.duns for e in entries if e.duns])}
    by_id = {each.account_id: each for each in accounts.filter(account_id__in=map(account_id_of, entries))}
    shown = {account.pk for tab in results.tabs for row in tab.rows for account in (row.account, *row.linked)}
    for entry in entries:
        account = by_duns.get(entry.duns) or by_id.get(account_id_of(entry))
        if account is None:
            yield DirectoryRow(entry, token(entry), account_id_of(entry), is_new=True)
        elif account.pk not in shown:
            shown.add(account.pk)
            yield DirectoryRow(account, str(account.uid), str(account.uid), is_new=False)
