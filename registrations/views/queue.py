"""The review queue: its tabs, the next one, who takes what, saved filters, and passing many at once."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.enums import OrganizationKind
from accounts.who import Who
from cosell import clock
from cosell.web.filtering import chips, with_changes, without
from cosell.web.htmx import redirect_to, render_page
from cosell.web.paging import COUNT_LIMIT, page
from cosell.web.reasons import MayNotOpen, Reason, Refused
from deals.enums import RegistrationState
from registrations import actions, perms, queue
from registrations.actions.review import alike_by, not_alike
from registrations.forms.queue import AssignForm, BulkForm, FilterForm
from registrations.models import Registration, SavedFilter
from registrations.path import over_million
from registrations.programs import PROGRAMS
from registrations.workflow import MAX_BULK, UNDO_WITHIN


def reviewer(request: HttpRequest) -> Who:
    """The person at the queue. Partners do not learn that there is one; the host's people are told who may open it."""
    who: Who | None = request.who
    if who is None:
        raise PermissionDenied
    if who.organization.kind != OrganizationKind.VENDOR:
        raise Http404
    if not perms.can_review(who):
        words = _("Only reviewers and vendor admins of %(host)s open the review queue.")
        raise MayNotOpen([Reason("not_reviewer", words % {"host": who.organization.name})])
    return who


def reviewed(request: HttpRequest, uid: UUID) -> Registration:
    """A registration that the person at the queue may open."""
    found = Registration.objects.reviewable_by(reviewer(request)).with_page_data()
    registration: Registration = get_object_or_404(found, uid=uid)
    return registration


def address(query: str) -> str:
    """The queue as `?f=` says it."""
    params = QueryDict(query)
    slug = params.get("tab", queue.WAITING)
    here = reverse("registrations:review", args=[slug if slug in queue.BY_SLUG else queue.WAITING])
    rest = without(params, "tab")
    return f"{here}?{rest}" if rest else here


def case_address(registration: Registration, query: str) -> str:
    here = reverse("registrations:case", args=[registration.uid])
    return f"{here}?{urlencode({'f': query})}"


# --------------------------------------------------------------------------------------------------------- the page


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    reviewer(request)
    return redirect("registrations:review", queue.WAITING)


@require_GET
def review(request: HttpRequest, tab: str) -> HttpResponse:
    who, now = reviewer(request), clock.now()
    if tab not in queue.BY_SLUG:
        raise Http404
    found = queue.found_set(who, tab, request.GET, now)
    current = page(found.shown, found.order, request.GET.dict(), queue.PAGE_SIZE)
    here, counts = reverse("registrations:review", args=[tab]), queue.counts(who, now)

    def to(query: str) -> str:
        return f"{here}?{query}"

    context = {
        "tab": found.tab,
        "tabs": [(each, _said(counts[each.slug])) for each in queue.TABS],
        "counts": {name: _said(count) for name, count in counts.items()},
        "found": found,
        "filter": found.filter,
        "chips": [(label, words, to(without(request.GET, name))) for name, label, words in chips(found.filter)],
        "rows": queue.as_rows(who, current.rows, now),
        "heads": [_head(column, request.GET, found.sort, to) for column in _columns(tab)],
        "can_take": tab in queue.IN_HAND,
        "can_choose": tab in queue.IN_HAND and tab != queue.SECOND,
        "saved": [(each, address(each.query)) for each in SavedFilter.objects.filter(user=who.user)],
        "before_url": to(with_changes(request.GET, before=current.before)) if current.before else "",
        "after_url": to(with_changes(request.GET, after=current.after)) if current.after else "",
        "now": now,
    }
    return render_page(request, "registrations/review/queue.html", context, partial="found")


def _said(count: int) -> str:
    return f"{COUNT_LIMIT}+" if count > COUNT_LIMIT else str(count)


Column = tuple[str | Promise, str, bool]  # heading, what it sorts by (empty: nothing), a number
_FIRST: tuple[Column, ...] = (
    (gettext_lazy("Registration"), "", False),
    (gettext_lazy("Partner"), "partner", False),
    (gettext_lazy("Customer"), "", False),
    (gettext_lazy("Annual value"), "value", True),
    (gettext_lazy("Why reviewed"), "", False),
)
_LAST: dict[str, tuple[Column, ...]] = {
    queue.EXCEPTIONS: ((gettext_lazy("Asked"), "", False), (gettext_lazy("Due"), "due", False)),
    queue.ASKED: ((gettext_lazy("Last change"), "due", False),),
    queue.APPROVED: ((gettext_lazy("Approved"), "due", False), (gettext_lazy("Can be picked until"), "", False)),
    queue.DECIDED: ((gettext_lazy("Decision"), "", False), (gettext_lazy("Decided"), "due", False)),
}
_IN_HAND: tuple[Column, ...] = (
    (gettext_lazy("Waits"), "waiting", False),
    (gettext_lazy("Due"), "due", False),
    (gettext_lazy("In hand"), "", False),
)


def _columns(tab: str) -> tuple[Column, ...]:
    return (*_FIRST, *_LAST.get(tab, _IN_HAND))


def _head(column: Column, params: QueryDict, sort: str, to: Callable[[str], str]) -> dict[str, object]:
    """The head of a column: a click sorts by it, a second one turns it round."""
    label, key, number = column
    direction = ""
    if key and sort.removeprefix("-") == key:
        direction = "descending" if sort.startswith("-") else "ascending"
    turned = f"-{key}" if direction == "ascending" else key
    return {
        "label": label,
        "number": number,
        "url": to(with_changes(params, sort=turned)) if key else "",
        "direction": direction,
    }


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """What the keyboard does, in the queue and on the page of a case."""
    reviewer(request)
    return render(request, "registrations/review/keys.html", {"back_url": address(request.GET.get("f", ""))})


# --------------------------------------------------------------------------------------------------- who takes what


@require_POST
def next_one(request: HttpRequest) -> HttpResponse:
    """Take the next free one of the filter (`f`), after `here` where one is open, and open it."""
    who, query = reviewer(request), request.POST.get("f", "")
    here = _here(who, request.POST.get("here", ""))
    taken = queue.take_following(who, query, here)
    if taken is None:
        messages.info(request, _("Nothing is free here: all of it is in hand, or needs another person."))
        return redirect_to(request, address(query))
    return redirect_to(request, case_address(taken, query))


def _here(who: Who, uid: str) -> Registration | None:
    try:
        return Registration.objects.reviewable_by(who).filter(uid=UUID(uid)).first()
    except ValueError:
        return None


@require_POST
def release(request: HttpRequest, uid: UUID) -> HttpResponse:
    registration = reviewed(request, uid)
    actions.release(request.who, registration.pk)
    messages.success(request, _("“%(deal)s” is free for everybody again.") % {"deal": registration.deal.name})
    return redirect_to(request, address(request.POST.get("f", "")))


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who shall look at it?"""
    registration = reviewed(request, uid)
    query, reasons, status = request.GET.get("f", ""), [], 200
    posted = request.POST if request.method == "POST" else None
    form = AssignForm(posted, who=request.who, initial={"user": registration.assigned_to_id or ""})
    if denied := perms.reviewing_refusals(request.who, registration.engagement):
        reasons, status = denied, 403
    elif posted is not None and not form.is_valid():
        status = 422
    elif posted is not None:
        try:
            actions.assign(request.who, registration.pk, form.cleaned_data["user"])
        except Refused as refused:
            reasons, status = refused.reasons, refused.status
        else:
            return redirect_to(request, address(query))
    context = {
        "title": _("Who shall review it?"),
        "button": _("Assign"),
        "registration": registration,
        "form": form,
        "reasons": reasons,
        "back_url": address(query),
    }
    return render(request, "registrations/review/assign.html", context, status=status)


# ---------------------------------------------------------------------------------------------------- saved filters


@require_http_methods(["GET", "POST"])
def filters(request: HttpRequest) -> HttpResponse:
    """Keep the filter of the address (`f`) under a name, or delete one of one's own."""
    who, query = reviewer(request), request.GET.get("f", "")
    kept = SavedFilter.objects.filter(user=who.user)
    if request.method == "POST" and "delete" in request.POST:
        return _delete(request, kept, query)
    form = FilterForm(request.POST if request.method == "POST" else None, who=who, query=query)
    if form.is_valid():
        saved = form.save()
        messages.success(request, _("The filter “%(name)s” is kept.") % {"name": saved.name})
        return redirect_to(request, address(saved.query))
    context = {
        "title": _("Keep this filter"),
        "button": _("Keep"),
        "form": form,
        "kept": kept,
        "back_url": address(query),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "registrations/review/filters.html", context, status=status)


def _delete(request: HttpRequest, kept: QuerySet[SavedFilter], query: str) -> HttpResponse:
    if not request.POST["delete"].isdecimal():
        raise Http404
    old = get_object_or_404(kept, pk=request.POST["delete"])
    old.delete()
    messages.success(request, _("The filter “%(name)s” is deleted.") % {"name": old.name})
    return redirect_to(request, address(query))


# -------------------------------------------------------------------------------------------------- passing several


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Ask the checklist once for the chosen ones, then pass each; every row has its own result."""
    who, query = reviewer(request), request.POST.get("f", "")
    chosen = _chosen(who, request.POST.getlist("pick"))
    if not 0 < len(chosen) <= MAX_BULK:
        messages.error(request, _("Choose between 1 and %(most)d registrations.") % {"most": MAX_BULK})
        return redirect_to(request, address(query))
    first = chosen[0]
    checks = PROGRAMS[first.program.code].checks if first.state == RegistrationState.REVIEW_PENDING else ()
    asked = "go" in request.POST
    form = BulkForm(request.POST if asked else None, checks=checks)
    if asked and form.is_valid():
        results = actions.pass_alike(who, [each.pk for each in chosen], form.cleaned_data.get("checked", []))
        context = {
            "results": results,
            "passed": sum(not reasons for _each, reasons in results),
            "seconds": int(UNDO_WITHIN.total_seconds()),
            "query": query,
            "back_url": address(query),
        }
        return render(request, "registrations/review/bulk_done.html", context)
    shown = [(each, _unlike(each, first)) for each in chosen]
    context = {
        "title": _("Pass these together?"),
        "chosen": shown,
        "alike": sum(unlike is None for _each, unlike in shown),
        "first": queue.as_row(who, first, clock.now()),
        "form": form,
        "query": query,
        "back_url": address(query),
    }
    return render(request, "registrations/review/bulk.html", context, status=422 if asked else 200)


def _chosen(who: Who, uids: list[str]) -> list[Registration]:
    """In the order of the queue. What the person may not open is left out, as if it did not exist."""
    wanted = set()
    for uid in uids[: MAX_BULK + 1]:
        try:
            wanted.add(UUID(uid))
        except ValueError:
            raise Http404 from None
    found = Registration.objects.reviewable_by(who).filter(uid__in=wanted).with_page_data()
    return list(found.order_by("due_at", "pk"))


def _unlike(registration: Registration, first: Registration) -> Reason | None:
    """Why it will not pass together with the first one."""
    return not_alike() if over_million(registration) or alike_by(registration) != alike_by(first) else None
