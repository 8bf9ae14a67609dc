"""The deal page, and what is done on it without leaving it: note, heart, seen, undo."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import category_label
from accounts.who import Who
from cosell import clock
from cosell.events.models import Event
from cosell.web.paging import neighbours
from cosell.web.reasons import MayNotOpen, Reason, Refused
from cosell.web.redirects import back
from deals import actions, disclosure, editing, lists, perms, privacy, registry, rules, undelivered
from deals.enums import Action, Decision, Direction, Help, Stage
from deals.forms.deal import NoteForm
from deals.forms.matching import AnswerForm
from deals.models import Deal
from deals.why import explain
from deals.workflow import STAGES

TIMELINE = 200


def visible_deal(request: HttpRequest, uid: UUID) -> Deal:
    """The side, if the person may open it; a stranger's is a 404, a colleague's a 403 with why (product.md §3)."""
    if request.who is None:
        raise PermissionDenied
    deals = lists.with_hearts(Deal.objects.visible_to(request.who), request.who).select_related(
        "engagement__customer",
        "engagement__host",
        "engagement__creator",
        "engagement__shared_by",
        "engagement__contact",
        "engagement__match_case__typed",
        "organization",
        "location",
        "invited_from__organization",
        "invited_by",
        *registry.joined,
    )
    # Most deals have none of these; and a join of more than a dozen tables takes longer to plan than to run.
    of_a_kind = ("partner_program", "solution_area", "solution_play", "payout_location")
    deals = undelivered.with_marks(deals).prefetch_related(*(f"engagement__{name}" for name in of_a_kind))
    try:
        return deals.get(uid=uid)  # not first(): to plan this join in an order takes four times as long
    except Deal.DoesNotExist:
        _turned_away(request.who, uid)


def _turned_away(who: Who, uid: UUID) -> NoReturn:
    """Nothing of the deal is told, not even to a colleague: only what lacks."""
    own = get_object_or_404(Deal, uid=uid, organization=who.organization)
    raise MayNotOpen(explain(who, own).lacks)


@require_GET
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    deal = visible_deal(request, uid)
    return render(request, "deals/detail.html", page_context(request, deal))


def page_context(request: HttpRequest, deal: Deal, **more: object) -> dict[str, object]:
    """All that the deal page shows, already disclosed."""
    who, now, engagement = request.who, clock.now(), deal.engagement
    own = disclosure.is_own(who, deal)
    events = list(disclosure.timeline(who, deal)[:TIMELINE])
    sides = _sides(who, deal)
    rules.remember(deal, events)
    available = rules.available_actions(who, deal, now) if own else {}
    before, after = _neighbours(request, deal)
    return {
        "deal": deal,
        "engagement": engagement,
        "own": own,
        **_mails(who, deal),
        **sides,
        **_customer(request, deal),
        **_rights(who, deal, available),
        "contact": disclosure.contact(who, deal),
        "contact_removed": privacy.contact_removed(who, deal, events),
        "solutions": sorted(deal.solutions.all(), key=lambda solution: solution.name),
        "steps": disclosure.steps(deal, events, {action for action, reasons in available.items() if not reasons}),
        "stage_facts": STAGES[Stage(deal.stage)],
        "entries": disclosure.entries(who, deal, events),
        "helps": engagement.help != Help.NONE,
        "undo_seconds": _undo_seconds(deal, available, events, now),
        "overdue": deal.is_overdue(now),
        "now": now,
        "is_favorite": deal.is_favorite,
        "note_form": NoteForm(),
        "before": before,
        "after": after,
        "found_in": request.GET.urlencode(),
        **more,
    }


def _mails(who: Who, deal: Deal) -> dict[str, object]:
    """What did not arrive, of the mails about the invitation and its answer; who of the own team gets none."""
    failed = undelivered.seen_by(who, deal)
    return {
        "undelivered": failed,
        "may_repair": bool(failed) and perms.is_editor(who, deal),
        "unreached_team": deal.unreached if disclosure.is_own(who, deal) else (),
    }


def _sides(who: Who, deal: Deal) -> dict[str, object]:
    """The other sides, the host's apart from the rest."""
    sides, engagement = disclosure.other_sides(who, deal), deal.engagement
    host_side = next((side for side in sides if side.organization.pk == engagement.host_id), None)
    return {
        "sides": [side for side in sides if side is not host_side],
        "host_side": host_side,
        "host": engagement.host,
        "host_is_us": engagement.host_id == who.organization.pk,
        "waits_for_matching": engagement.host_invited_by is not None,
    }


def _rights(who: Who, deal: Deal, available: dict[Action, list[Reason]]) -> dict[str, object]:
    """What the reader may do here, and why not."""
    own = disclosure.is_own(who, deal)
    inbound_unseen = deal.direction == Direction.INBOUND and not deal.first_seen_at and deal.stage == Stage.RECEIVED
    return {
        "can": {action.value: not reasons for action, reasons in available.items()},
        "why_not": _why_not(available),
        "can_edit_contact": own and not editing.fixed(who, deal, editing.Field.CONTACT),
        "may_ask_about_others": perms.can_ask_about_others(who, deal),
        "unseen": own and inbound_unseen,
    }


def _customer(request: HttpRequest, deal: Deal) -> dict[str, object]:
    """Who buys: as chosen and, where it differs, as it is now; what the host asks about it; what it means."""
    engagement = deal.engagement
    customer, host = engagement.customer, engagement.host.name
    case, question = rules.case_of(engagement), disclosure.open_question(request.who, deal)
    may_answer = question is not None and case is not None and perms.is_editor(request.who, deal)
    changed = customer.category != engagement.customer_category
    return {
        "customer": customer,
        "category": category_label(engagement.customer_category, host),
        "present_category": category_label(customer.category, host) if changed else "",
        "chosen_as": case.typed if case is not None and case.typed_id != customer.pk else None,
        "question": question,
        "answer_form": AnswerForm(typed=case.typed) if may_answer and case is not None else None,
    }


def _why_not(available: dict[Action, list[Reason]]) -> Reason | None:
    """One sentence for a page without buttons: the person's right, or the state."""
    if any(not reasons for reasons in available.values()):
        return None
    first = available.get(Action.EDIT) or []
    return first[0] if first else None


def _undo_seconds(deal: Deal, available: dict[Action, list[Reason]], events: list[Event], now: datetime) -> int:
    """What is left of the minute, for who may still undo; else 0."""
    if available.get(Action.UNDO, True):
        return 0
    ended = next(event for event in events if event.deal_id == deal.pk and event.to_state == deal.stage)
    return max(1, int((ended.at + rules.UNDO_WITHIN - now).total_seconds()))


def _neighbours(request: HttpRequest, deal: Deal) -> tuple[Deal | None, Deal | None]:
    """Previous and next in the found set that the person came from."""
    tab = request.GET.get("tab")
    if not tab:
        return None, None
    found = lists.found_set(request.who, tab, request.GET)
    return neighbours(found.rows, found.order, deal)


@require_POST
def note(request: HttpRequest, uid: UUID) -> HttpResponse:
    deal = visible_deal(request, uid)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return render(request, "deals/detail.html", page_context(request, deal, note_form=form), status=422)
    try:
        actions.add_note(request.who, deal.pk, form.cleaned_data["text"], share=form.cleaned_data["share"])
    except Refused as refused:
        context = page_context(request, deal, note_form=form, reasons=refused.reasons)
        return render(request, "deals/detail.html", context, status=refused.status)
    return redirect("deals:detail", uid)


@require_POST
def favorite(request: HttpRequest, uid: UUID) -> HttpResponse:
    deal = visible_deal(request, uid)
    on = request.POST.get("on") == "1"
    actions.set_favorite(request.who, deal.engagement, on=on)
    if request.htmx:
        return render(request, "deals/_heart.html", {"deal": deal, "is_favorite": on})
    return back(request)


@require_POST
def seen(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The page says that a receiver opened the invitation; a GET writes nothing."""
    actions.mark_seen(request.who, visible_deal(request, uid).pk)
    return HttpResponse(status=204)


@require_POST
def undo(request: HttpRequest, uid: UUID) -> HttpResponse:
    deal = visible_deal(request, uid)
    try:
        actions.undo(request.who, deal.pk)
    except Refused as refused:
        context = page_context(request, visible_deal(request, uid), reasons=refused.reasons)
        return render(request, "deals/detail.html", context, status=refused.status)
    messages.success(request, _("Undone. Nobody was told."))
    return redirect("deals:detail", uid)


@require_POST
def answer_about_customer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The creator's side says who the customer is that the host asked about."""
    deal = visible_deal(request, uid)
    case = rules.case_of(deal.engagement)
    if case is None:
        raise Http404
    form = AnswerForm(request.POST, typed=case.typed)
    reasons = rules.matching_refusals(request.who, case, deal, Decision.ANSWER)
    try:
        if reasons:
            raise actions.refused(reasons)
        if form.is_valid():
            actions.answer_question(request.who, case.pk, form.cleaned_data["answer"], **form.corrected())
            messages.success(request, _("Your answer is with the reviewers."))
            return redirect("deals:detail", uid)
    except Refused as refused:
        context = page_context(request, visible_deal(request, uid), reasons=refused.reasons, answer_form=form)
        return render(request, "deals/detail.html", context, status=refused.status)
    return render(request, "deals/detail.html", page_context(request, deal, answer_form=form), status=422)
