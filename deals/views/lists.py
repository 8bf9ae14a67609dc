"""The opportunities page: tabs with counts, filters, sort and search, paged by key."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.models import Organization
from cosell.web.htmx import render_page
from cosell.web.paging import page
from deals import lists, perms


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return redirect("deals:list", "inbound")


@require_GET
def deal_list(request: HttpRequest, tab: str) -> HttpResponse:
    who = request.who
    if who is None:
        raise PermissionDenied
    host = Organization.objects.host()
    tabs = lists.tabs_for(who, host)
    here = next((each for each in (*tabs, lists.FOUND) if each.slug == tab), None)
    if here is None:
        raise Http404
    found = lists.found_set(who, tab, request.GET)
    current = page(lists.with_columns(found.rows, who), found.order, request.GET.dict())
    context = {
        "tab": here,
        "tabs": tabs,
        "counts": lists.counts(who, tabs),
        "found": found,
        "filter": found.filter,
        "chips": [(label, words, _without(request.GET, name)) for name, label, words in found.filter.chips()],
        "page": current,
        "before_url": _with(request.GET, before=current.before) if current.before else "",
        "after_url": _with(request.GET, after=current.after) if current.after else "",
        "columns": _columns(request.GET, found.sort),
        "in_list": _with(request.GET, tab=tab),
        "host": host,
        "can_create": perms.can_start_draft(who),
    }
    return render_page(request, "deals/list.html", context, partial="found")


def _columns(params: QueryDict, sort: str) -> list[dict[str, str]]:
    """The heads of the table: a click sorts by a column, a second one turns it round."""
    columns = []
    for slug, (label, _expression) in lists.SORTS.items():
        is_sorted = sort.removeprefix("-") == slug
        turned = slug if not is_sorted or sort.startswith("-") else f"-{slug}"
        direction = ("descending" if sort.startswith("-") else "ascending") if is_sorted else ""
        columns.append({"slug": slug, "label": label, "url": _with(params, sort=turned), "direction": direction})
    return columns


def _with(params: QueryDict, **changes: str) -> str:
    """The same URL with something changed, from its first page on."""
    query = params.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _without(params: QueryDict, name: str) -> str:
    query = params.copy()
    for each in (name, "after", "before"):
        query.pop(each, None)
    return f"?{query.urlencode()}"
