"""Actions that ask first: a dialog on the deal page, a page of its own without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Solution
from accounts.who import Who
from cosell import clock
from cosell.web.htmx import redirect_to
from cosell.web.reasons import Reason, Refused
from deals import actions, disclosure, editing, rules
from deals.editing import Field, Through
from deals.enums import Action, DeclineReason, ErrorReason, Help, Kind, Stage
from deals.forms.deal import AcceptForm, HandOverForm, MarkForm, ReasonForm, WinForm
from deals.forms.edit import ContactForm, EditForm, consent_text, contact_text
from deals.forms.fields import TeamFormSet, add_row, as_lists, team_data, typed
from deals.forms.share import ShareForm
from deals.forms.solutions import SolutionsStep
from deals.models import Deal
from deals.views.detail import visible_deal
from deals.workflow import TRANSITIONS, marks, sources

MARKS = frozenset(action for kind in Kind for action, _stage in marks(kind))


def _accept(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.accept_deal(who, deal.pk, **data)


def _decline(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.decline_deal(who, deal.pk, reason=DeclineReason(data["reason"]), notes=data["note"])


def _win(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.win_deal(who, deal.pk, **data)


def _lose(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.lose_deal(who, deal.pk, reason=DeclineReason(data["reason"]), note=data["note"])


def _close_as_error(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.close_as_error(who, deal.pk, reason=ErrorReason(data["reason"]), note=data["note"])


def _share(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.share_deal(
        who,
        deal.pk,
        help=Help(data["help"]),
        customer_problem=data["customer_problem"],
        help_needed=data["help_needed"],
        contact=data["contact"],
        drafted_by=data["drafted_by"],
    )


def _hand_over(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.hand_over(who, deal.pk, data["to"], data["note"])


def _mark(who: Who, deal: Deal, action: Action, data: dict) -> Deal:
    return actions.mark_stage(who, deal.pk, action, note=data["note"], share_note=data["share_note"])


Doer = Callable[[Who, Deal, Action, dict], Deal]
DIALOGS: dict[Action, tuple[type[forms.Form], Doer]] = {
    Action.ACCEPT: (AcceptForm, _accept),
    Action.DECLINE: (ReasonForm, _decline),
    Action.HAND_OVER: (HandOverForm, _hand_over),
    Action.WIN: (WinForm, _win),
    Action.LOSE: (ReasonForm, _lose),
    Action.CLOSE_AS_ERROR: (ReasonForm, _close_as_error),
    Action.SHARE: (ShareForm, _share),
    **dict.fromkeys(MARKS, (MarkForm, _mark)),
}


def form_for(
    who: Who, deal: Deal, action: Action, data: Mapping | None = None, prefix: str | None = None
) -> forms.Form:
    """What is asked of who wants to do `action`; filled in with `data`."""
    about = {"deal": deal}
    if action == Action.HAND_OVER:
        about["who"] = who
    elif action != Action.ACCEPT:
        about["action"] = action
    return DIALOGS[action][0](data, prefix=prefix, **about)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, uid: UUID, action: str) -> HttpResponse:
    """Ask (GET), then do it (POST). What was typed stays when it is refused, with who was faster."""
    deal = visible_deal(request, uid)
    if action not in Action.values or Action(action) not in DIALOGS:
        raise Http404
    chosen = Action(action)
    if not sources(chosen, deal.engagement.kind):
        raise Http404
    form = form_for(request.who, deal, chosen, request.POST if request.method == "POST" else None)
    reasons = rules.refusals(request.who, deal, chosen, clock.now())
    if request.method == "GET" or status_of(reasons) == 403:
        return _dialog(request, deal, chosen, form, reasons=reasons, status=status_of(reasons))
    if not form.is_valid():
        return _dialog(request, deal, chosen, form, status=422)
    try:
        DIALOGS[chosen][1](request.who, deal, chosen, form.cleaned_data)
    except Refused as refused:
        at_fields(form, refused.reasons)
        return _dialog(
            request, visible_deal(request, uid), chosen, form, reasons=refused.reasons, status=refused.status
        )
    if not TRANSITIONS[chosen].undoable:  # there the page says it, with the button to undo
        messages.success(request, _done(chosen, form.cleaned_data))
    return redirect_to(request, reverse("deals:detail", args=[deal.uid]))


def status_of(reasons: list[Reason]) -> int:
    """What a page that shows these refusals answers; the same as the action's own refusal."""
    return actions.refused(reasons).status if reasons else 200


def _done(action: Action, data: dict) -> str:
    if action == Action.HAND_OVER:
        return _("Handed over: %(name)s is being told.") % {"name": data["to"].full_name}
    return {
        Action.ACCEPT: _("Accepted. The sender's team is being told."),
        Action.SHARE: _("The deal is shared."),
    }.get(action, _("The stage is marked."))


def at_fields(form: forms.Form, reasons: list[Reason]) -> None:
    """A reason that names a field of the form stands at it."""
    for reason in reasons:
        if reason.field in form.fields:
            form.add_error(reason.field, reason.text)


def _dialog(
    request: HttpRequest,
    deal: Deal,
    action: Action,
    form: forms.Form,
    *,
    reasons: list[Reason] = (),
    status: int = 200,
) -> HttpResponse:
    transition = TRANSITIONS[action]
    blocked = bool(reasons) and (request.method == "GET" or status == 403)
    unanswered = (
        [side.organization.name for side in disclosure.other_sides(request.who, deal) if side.stage == Stage.RECEIVED]
        if action in (Action.WIN, Action.LOSE, Action.CLOSE_AS_ERROR)
        else []
    )
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        "host": deal.engagement.host,
        "title": getattr(form, "button", "") or action.label,
        "button": _BUTTONS.get(action, action.label),
        "back_url": reverse("deals:detail", args=[deal.uid]),
        "form": None if blocked else form,  # it holds what is not for everybody who may open the deal
        "reasons": [reason for reason in reasons if reason.field not in form.fields],
        "blocked": blocked,
        "is_end": transition.undoable,
        "unanswered": unanswered,
        "ends_invitations": action in (Action.LOSE, Action.CLOSE_AS_ERROR),
        "is_danger": action in (Action.DECLINE, Action.LOSE, Action.CLOSE_AS_ERROR),
    }
    return render(request, "deals/act.html", context, status=status)


_BUTTONS = {
    Action.DECLINE: gettext_lazy("Close deal"),
    Action.WIN: gettext_lazy("Mark as won"),
    Action.LOSE: gettext_lazy("Mark as lost"),
    Action.SHARE: gettext_lazy("Share"),
}


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, uid: UUID, section: str) -> HttpResponse:
    """Edit a section of the own side; a save in between is told, and nothing typed is lost."""
    deal = visible_deal(request, uid)
    if section not in SECTIONS:
        raise Http404
    reasons = rules.refusals(request.who, deal, Action.EDIT, clock.now())
    data = typed(as_lists(request.POST)) if request.method == "POST" else None
    if data is not None and status_of(reasons) == 403:
        return _edit_page(request, deal, section, data, reasons=reasons, status=403)
    if request.method == "GET" or request.POST.get("go") == "add_person":
        if section == "team" and data is not None:
            data = typed(add_row(as_lists(request.POST)))
        return _edit_page(request, deal, section, data, reasons=reasons, status=status_of(reasons))
    if not reasons and (fixed := _fixed_section(request.who, deal, section)):
        return _edit_page(request, deal, section, data, reasons=[fixed.reason], status=422)
    form = SECTIONS[section][0](request, deal, data)
    if not form.is_valid():
        return _edit_page(request, deal, section, data, reasons=reasons, status=422)
    try:
        SECTIONS[section][1](request.who, deal, _version(request), form)
    except Refused as refused:
        fresh = visible_deal(request, uid)
        return _edit_page(request, fresh, section, data, reasons=refused.reasons, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("deals:detail", deal.uid)


def _version(request: HttpRequest) -> int:
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def _details_form(request: HttpRequest, deal: Deal, data: object) -> EditForm:
    return EditForm(data, who=request.who, deal=deal)


def _contact_form(request: HttpRequest, deal: Deal, data: object) -> ContactForm:
    return ContactForm(data, deal=deal)


def people_on(deal: Deal) -> list[actions.Person]:
    """The team of a side, in the order in which it was put together."""
    members = sorted(deal.team.all(), key=lambda member: member.pk)
    return [actions.Person(member.name, member.phone, member.email) for member in members]


def _team_form(request: HttpRequest, deal: Deal, data: object) -> object:
    return TeamFormSet(data if data is not None else typed(team_data(people_on(deal))))


def _solutions_form(request: HttpRequest, deal: Deal, data: object) -> SolutionsStep:
    chosen = list(deal.solutions.all())
    who, host = request.who, deal.engagement.host
    initial = {
        "own": [s.code for s in chosen if s.organization_id == who.organization.pk],
        "first_party": [s.code for s in chosen if s.organization_id == host.pk],
        "third_party": [s.code for s in chosen if s.organization_id not in (who.organization.pk, host.pk)],
    }
    return SolutionsStep(data, who=who, host=host, required=editing.needs_solutions(deal), initial=initial)


def _save_details(who: Who, deal: Deal, version: int, form: EditForm) -> None:
    actions.edit_details(who, deal.pk, version, form.changes())


def _save_contact(who: Who, deal: Deal, version: int, form: ContactForm) -> None:
    actions.edit_contact(who, deal.pk, version, form.cleaned_data["contact"])


def _save_team(who: Who, deal: Deal, version: int, form: object) -> None:
    actions.edit_team(who, deal.pk, version, form.people())


def _save_solutions(who: Who, deal: Deal, version: int, form: SolutionsStep) -> None:
    chosen: list[Solution] = form.cleaned_data["solutions"]
    actions.edit_solutions(who, deal.pk, version, chosen)


SECTIONS = {
    "details": (_details_form, _save_details),
    "contact": (_contact_form, _save_contact),
    "team": (_team_form, _save_team),
    "solutions": (_solutions_form, _save_solutions),
}


class FixedSection(NamedTuple):
    """A section whose one field is fixed on this side: why, and what stands there."""

    reason: Reason
    facts: list[tuple[str, str]]


def _fixed_section(who: Who, deal: Deal, section: str) -> FixedSection | None:
    about = {"contact": Field.CONTACT, "team": Field.TEAM, "solutions": editing.solutions_field(deal)}.get(section)
    reason = editing.locked(who, deal, Through(section)).get(about) if about else None
    if about is None or reason is None:
        return None
    if about == Field.CONTACT:
        contact = disclosure.contact(who, deal)
        texts = [(Field.CONTACT, contact_text(contact)), (Field.CONSENT, consent_text(contact))]
    else:
        texts = [(about, ", ".join(solution.name for solution in deal.solutions.all()))]
    return FixedSection(reason, [(str(field.label), text or "–") for field, text in texts])


def _edit_page(
    request: HttpRequest, deal: Deal, section: str, data: object, *, reasons: list[Reason] = (), status: int = 200
) -> HttpResponse:
    fixed = _fixed_section(request.who, deal, section)
    form = SECTIONS[section][0](request, deal, None if fixed else data)
    if status != 200 and form.is_bound:
        form.is_valid()
    elif section == "team":
        for row in form.forms:
            row.errors.clear()
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        "host": deal.engagement.host,
        "section": section,
        "form": form,
        "fixed": fixed,
        "reasons": reasons,
        "blocked": bool(reasons) and data is None,
    }
    return render(request, f"deals/edit/{section}.html", context, status=status)
