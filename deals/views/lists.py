"""The opportunities page: tabs with counts, filters, sort and search, paged by key."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Organization
from cosell.web import filtering
from cosell.web.htmx import render_page
from cosell.web.paging import page
from cosell.web.redirects import back, came_from
from deals import lists, perms
from deals.columns import COLUMNS, NAME, Column, ColumnsForm, Shown, choose


@require_GET
def deal_list(request: HttpRequest, tab: str) -> HttpResponse:
    who = request.who
    if who is None:
        raise PermissionDenied
    host, chosen = lists.host_and_choice(who)
    shown = Shown(who, host, chosen)
    tabs = lists.tabs_for(who, host)
    here = next((each for each in (*tabs, lists.FOUND) if each.slug == tab), None)
    if here is None:
        raise Http404
    found = lists.found_set(who, tab, request.GET)
    current = page(lists.with_columns(found.rows, shown), found.order, request.GET.dict())
    context = {
        "tab": here,
        "tabs": tabs,
        "counts": lists.counts(who, tabs),
        "found": found,
        "filter": found.filter,
        "chips": [
            (label, words, f"?{filtering.without(request.GET, name)}")
            for name, label, words in filtering.chips(found.filter)
        ],
        "page": current,
        "rows": [(deal, shown.cells(deal)) for deal in current.rows],
        "before_url": f"?{filtering.with_changes(request.GET, before=current.before)}" if current.before else "",
        "after_url": f"?{filtering.with_changes(request.GET, after=current.after)}" if current.after else "",
        "heads": [_head(column, host, request.GET, found.sort) for column in (NAME, *shown.columns)],
        "in_list": f"?{filtering.with_changes(request.GET, tab=tab)}",
        "can_create": perms.can_start_draft(who),
    }
    return render_page(request, "deals/list.html", context, partial="found")


def _head(column: Column, host: Organization, params: QueryDict, sort: str) -> dict[str, object]:
    """The head of a column: a click sorts by it, a second one turns it round."""
    direction = ""
    if column.sort and sort.removeprefix("-") == column.sort:
        direction = "descending" if sort.startswith("-") else "ascending"
    turned = f"-{column.sort}" if direction == "ascending" else column.sort
    return {
        "label": column.heading(host),
        "number": column.number,
        "url": f"?{filtering.with_changes(params, sort=turned)}" if column.sort else "",
        "direction": direction,
    }


@require_http_methods(["GET", "POST"])
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Which columns this person's lists have."""
    who = request.who
    if who is None:
        raise PermissionDenied
    host, chosen = lists.host_and_choice(who)
    shown = Shown(who, host, chosen)
    if request.method == "POST" and request.POST.get("go") == "usual":
        choose(who.user, None)
        return back(request)
    initial = {"columns": [column.slug for column in shown.columns]}
    form = ColumnsForm(request.POST if request.method == "POST" else None, who=who, host=host, initial=initial)
    if form.is_valid():
        choose(who.user, form.cleaned_data["columns"])
        return back(request)
    context = {
        "form": form,
        "locked": [column.heading(host) for column in COLUMNS if column.locked],
        "next": came_from(request) if request.method == "GET" else reverse("deals:home"),
    }
    return render(request, "deals/columns.html", context, status=422 if form.errors else 200)
