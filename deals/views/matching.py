"""Account matching: the queue, the page of a case, its decisions, and two accounts that are one (docs/matching.md)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import matching as scoring
from accounts.enums import category_label
from accounts.forms import CustomerSearchForm
from accounts.models import CustomerAccount
from accounts.search import CustomerRow, Described, in_common, known_accounts, search_customers
from accounts.who import Who
from cosell import clock
from cosell.web.htmx import redirect_to
from cosell.web.paging import page
from cosell.web.reasons import Reason, Refused
from deals import actions, disclosure, matching, perms, rules
from deals.enums import Decision, NoMatchReason
from deals.forms.matching import FORMS, PairForm
from deals.models import Deal, MatchCase

FOUND = 10


def _reviewer(request: HttpRequest) -> Who:
    """The person at the queue; nobody else learns what stands in it."""
    who: Who | None = request.who
    if who is None or not perms.can_match(who):
        raise PermissionDenied
    return who


def _case(request: HttpRequest, uid: UUID) -> MatchCase:
    if request.who is None:
        raise PermissionDenied
    cases = MatchCase.objects.visible_to(request.who).with_list_data()
    return get_object_or_404(cases.select_related("engagement__customer", "engagement__shared_by"), uid=uid)


@require_GET
def queue(request: HttpRequest, tab: str) -> HttpResponse:
    who = _reviewer(request)
    chosen = next((each for each in matching.TABS if each.slug == tab), None)
    if chosen is None:
        raise Http404
    found = page(matching.rows_of(who, tab).with_list_data(), chosen.order, request.GET)
    here = reverse("deals:matching", args=[tab])
    context = {
        "tab": chosen,
        "tabs": matching.TABS,
        "counts": matching.counts(who),
        "rows": matching.as_rows(found.rows, clock.now()),
        "before_url": f"{here}?{_query(before=found.before)}" if found.before else "",
        "after_url": f"{here}?{_query(after=found.after)}" if found.after else "",
        "now": clock.now(),
    }
    return render(request, "deals/matching/queue.html", context)


def _query(**params: str) -> str:
    query = QueryDict(mutable=True)
    query.update(params)
    return query.urlencode()


@require_GET
def case(request: HttpRequest, uid: UUID) -> HttpResponse:
    return render(request, "deals/matching/case.html", _case_context(request, _case(request, uid)))


def _case_context(request: HttpRequest, found: MatchCase) -> dict[str, object]:
    """All that a reviewer may see of the engagement: what its creator's side shows to the host, never its notes."""
    who, engagement, now = request.who, found.engagement, clock.now()
    corrected = _corrected(found)
    described = Described.of(found.typed, **corrected)
    search = CustomerSearchForm(request.GET or None)
    search.mark_optional = False
    outbound = engagement.outbound[0]
    outbound.engagement, engagement.match_case = engagement, found
    no_right = perms.matching_refusals(who, engagement, Decision.MATCH, outbound)
    return {
        "case": found,
        "engagement": engagement,
        "deal": outbound,
        "team": [member.name for member in outbound.team.all()],
        "solutions": sorted(solution.name for solution in outbound.solutions.all()),
        "typed": found.typed,
        "described": described,
        "corrected": corrected,
        "categories": {"typed": category_label(engagement.customer_category, engagement.host.name)},
        "candidates": [] if found.is_decided else _explained(scoring.candidates(described, but=found.typed_id)),
        "search": search,
        "found": _searched(who, search, found, described),
        "can_decide": not no_right and not found.is_decided,
        "can_undo": not no_right and found.is_decided,
        "no_right": no_right,
        "history": disclosure.matching_history(who, found),
        "others": _others(who, found),
        "visible_deal": Deal.objects.visible_to(who).filter(engagement=engagement).order_by("-pk").first(),
        "working_days": matching.working_days(found.opened_at, now, engagement.host.country),
        "following": matching.following(who, found),
        "now": now,
    }


def _explained(rows: list[CustomerRow]) -> list[dict[str, object]]:
    return [
        {"account": row.account, "why": row.why, "strength": label, "tone": tone}
        for row in rows
        for label, tone in [matching.STRENGTHS[scoring.strength(row.score)]]
    ]


def _corrected(found: MatchCase) -> dict[str, str]:
    return matching.corrections([found]).get(found.engagement.stream, {})


def _searched(
    who: Who, search: CustomerSearchForm, found: MatchCase, described: Described
) -> list[dict[str, object]] | None:
    """Accounts that the reviewer looks for; None when nothing is asked."""
    if not search.is_bound or not search.is_valid() or not any(search.cleaned_data.values()):
        return None
    results = search_customers(who, **CustomerSearchForm.terms(search.cleaned_data), wide=True)
    rows = [row for row in results.best_first if not row.account.entered_by_id and row.account.pk != found.typed_id]
    return [
        {"account": row.account, "why": ", ".join(in_common(described, row.account)) or row.why}
        for row in rows[:FOUND]
    ]


def _others(who: Who, found: MatchCase) -> list[MatchCase]:
    """Further shared deals on the same typed account, which a match takes along where it was typed by hand."""
    cases = MatchCase.objects.visible_to(who).filter(typed=found.typed_id).exclude(pk=found.pk)
    return list(cases.with_list_data().order_by("pk")[:20])


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, uid: UUID, decision: str) -> HttpResponse:
    """Ask first, then do it. Who comes second is told who was faster, and keeps what was typed."""
    found = _case(request, uid)
    if decision not in FORMS:
        raise Http404
    chosen = Decision(decision)
    account = _account(request) if chosen == Decision.MATCH else None
    form = FORMS[chosen](request.POST if request.method == "POST" else None)
    deal = found.engagement.outbound[0]
    deal.engagement = found.engagement
    reasons = rules.matching_refusals(request.who, found, deal, chosen)
    if account and not reasons:
        reasons = rules.account_refusals(found, account)
    if request.method == "GET" or reasons:
        status = actions.refused(reasons).status if reasons else 200
        return _question(request, found, chosen, form, account, reasons=reasons, status=status)
    if not form.is_valid():
        return _question(request, found, chosen, form, account, status=422)
    following = matching.following(request.who, found)
    try:
        _DO[chosen](request.who, found, account, form.cleaned_data)
    except Refused as refused:
        return _question(
            request, _case(request, uid), chosen, form, account, reasons=refused.reasons, status=refused.status
        )
    messages.success(request, _DONE[chosen] % {"customer": found.typed.name})
    if chosen == Decision.UNDO:
        return redirect_to(request, reverse("deals:match_case", args=[uid]))
    if following is None:
        return redirect_to(request, reverse("deals:matching", args=[matching.WAITING]))
    return redirect_to(request, reverse("deals:match_case", args=[following.uid]))


def _account(request: HttpRequest) -> CustomerAccount:
    """The known account that the address names."""
    try:
        return get_object_or_404(known_accounts(), uid=UUID(request.GET.get("account", "")))
    except ValueError:
        raise Http404 from None


_DO = {
    Decision.MATCH: lambda who, found, account, data: actions.match_account(
        who, found.pk, account.pk, note=data["note"]
    ),
    Decision.NO_MATCH: lambda who, found, _account, data: actions.refuse_match(
        who, found.pk, reason=NoMatchReason(data["reason"]), note=data["note"]
    ),
    Decision.ASK: lambda who, found, _account, data: actions.ask_partner(who, found.pk, data["note"]),
    Decision.UNDO: lambda who, found, _account, data: actions.undo_match(who, found.pk, note=data["note"]),
}
_DONE = {
    Decision.MATCH: gettext_lazy("“%(customer)s” is matched. Everyone on the deal is being told."),
    Decision.NO_MATCH: gettext_lazy("“%(customer)s” has no match. Everyone on the deal is being told."),
    Decision.ASK: gettext_lazy("The partner is being asked about “%(customer)s”."),
    Decision.UNDO: gettext_lazy("“%(customer)s” waits again. Everyone on the deal is being told."),
}
_TITLES = {
    Decision.MATCH: gettext_lazy("The same customer?"),
    Decision.NO_MATCH: gettext_lazy("No match"),
    Decision.ASK: gettext_lazy("Ask the partner"),
    Decision.UNDO: gettext_lazy("Undo the decision"),
}


def _question(
    request: HttpRequest,
    found: MatchCase,
    decision: Decision,
    form: forms.Form,
    account: CustomerAccount | None,
    *,
    reasons: list[Reason] = (),
    status: int = 200,
) -> HttpResponse:
    host = found.engagement.host.name
    described = Described.of(found.typed, **_corrected(found))
    context = {
        "case": found,
        "typed": found.typed,
        "account": account,
        "account_category": category_label(account.category, host) if account else "",
        "in_common": ", ".join(in_common(described, account)) if account else "",
        "decision": decision.value,
        "title": _TITLES[decision],
        "button": decision.label,
        "form": form,
        "reasons": reasons,
        "blocked": bool(reasons) and request.method == "GET",
        "held": found.engagement.host_invited_by is not None,
        "takes_along": decision == Decision.MATCH and found.typed.entered_by_id is not None,
        "back_url": reverse("deals:match_case", args=[found.uid]),
    }
    return render(request, "deals/matching/decide.html", context, status=status)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """Two known accounts are the same customer: which of them stays?"""
    who = _reviewer(request)
    form = PairForm({**_pair_data(request)})
    back_url = _back_to_case(request)
    if not form.is_valid():
        messages.error(request, _("Choose exactly two accounts that are the same customer."))
        return redirect(back_url)
    pair = sorted(form.cleaned_data["same"], key=lambda each: (rules.BEST_KNOWN.index(each.category), each.pk))
    stays = next((each for each in pair if str(each.uid) == form.cleaned_data["stays"]), pair[0])
    goes = next(each for each in pair if each is not stays)
    reasons = rules.merge_refusals(goes, stays)
    if request.method == "POST" and not reasons:
        try:
            actions.merge_accounts(who, goes.pk, stays.pk, note=form.cleaned_data["note"])
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, _("“%(goes)s” is now “%(stays)s”.") % {"goes": goes.name, "stays": stays.name})
            return redirect_to(request, back_url)
    status = actions.refused(reasons, 422).status if reasons else 200
    context = {
        "pair": [(each, category_label(each.category, who.organization.name)) for each in pair],
        "stays": stays,
        "form": form,
        "reasons": reasons,
        "blocked": False,
        "title": _("These two are the same customer"),
        "back_url": back_url,
    }
    return render(request, "deals/matching/merge.html", context, status=status)


def _pair_data(request: HttpRequest) -> dict[str, object]:
    asked = QueryDict(mutable=True)
    asked.update(request.GET)
    asked.update(request.POST)
    return {"same": asked.getlist("same"), "stays": asked.get("stays", ""), "note": asked.get("note", "")}


def _back_to_case(request: HttpRequest) -> str:
    try:
        uid = UUID(request.GET.get("case", ""))
    except ValueError:
        return reverse("deals:matching", args=[matching.WAITING])
    return reverse("deals:match_case", args=[uid])
