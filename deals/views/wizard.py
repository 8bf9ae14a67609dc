"""New deal: the steps, and Create."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import F, Model
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import CustomerSearchForm
from accounts.models import Organization
from cosell import clock
from cosell.web.dates import said
from cosell.web.reasons import Reason, Refused
from deals import actions
from deals.forms.details import OF_A_KIND
from deals.forms.fields import add_row, as_lists
from deals.models import Draft
from deals.views.customers import customer_list, near_context, remembered
from deals.views.drafts import own_draft
from deals.views.partners import found, invited, partners_context, typed_partners
from deals.wizard import Step, Wizard, partners


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, uid: UUID, slug: str) -> HttpResponse:
    """One step. A POST always keeps what was typed, then judges it."""
    wizard = Wizard(own_draft(request, uid), request.who, Organization.objects.host())
    step = wizard.step(slug)
    if step is None:
        raise Http404
    if request.method == "GET":
        if step.slug == "partners" and request.htmx.target == "partners-found":  # what fits the name being typed
            return render(request, "deals/_partners_found.html", found(request, wizard))
        if step.slug == "details" and request.htmx.target == "plays":  # the plays of the area just chosen
            form = wizard.details_form(request.GET)
            form.errors.clear()  # nothing is judged yet
            return render(request, "deals/wizard/_plays.html", {"form": form})
        return _page(request, wizard, step)
    if stale := _keep(request, wizard, step):
        return _page(request, wizard, step, data=request.POST, stale=stale, status=409)
    return _go(request, wizard, step)


def _keep(request: HttpRequest, wizard: Wizard, step: Step) -> str:
    """Store what was typed. Another tab may have been faster: then its time is told, and nothing is overwritten."""
    with transaction.atomic():
        draft = get_object_or_404(Draft.objects.select_for_update(), pk=wizard.draft.pk)
        wizard.draft = draft
        if str(draft.version) != request.POST.get("version"):
            return said(draft.updated_at)
        answers = _typed(request, wizard, step)
        if answers is not None:
            draft.answers = {**draft.answers, step.slug: answers}
            draft.updated_at = clock.now()
            draft.version = F("version") + 1
            draft.save(update_fields=["answers", "updated_at", "version"])
            draft.refresh_from_db(fields=["version"])
    return ""


def _typed(request: HttpRequest, wizard: Wizard, step: Step) -> dict[str, object] | None:
    data = as_lists(request.POST)
    go = request.POST.get("go", "")
    if step.slug == "review":
        return None
    if step.slug == "partners":
        return typed_partners(request, wizard, data, go)
    if step.slug == "customer":
        return {**data, "customer": [remembered(wizard.who, request.POST.get("customer", ""))]}
    if step.slug == "details" and go == "add_person":
        return add_row(data)
    return data


def _go(request: HttpRequest, wizard: Wizard, step: Step) -> HttpResponse:
    """Where the button leads. "Next" only from a step that is complete; the others never lose anything."""
    go = request.POST.get("go", "next")
    if go == "back":
        return redirect("deals:draft", wizard.draft.uid, wizard.neighbour(step, -1).slug)
    if go == "later":
        messages.success(request, _("Your draft is saved. You find it under Drafts."))
        return redirect("deals:drafts")
    if go in ("search", "add_person", "area") or go.startswith("remove:"):
        return _page(request, wizard, step, asked=False)
    if step.slug == "partners" and go == "invite":
        partner, form = invited(request, wizard)
        if not form.is_valid():
            return _page(request, wizard, step, status=422, open_partner=partner)
        return redirect("deals:draft", wizard.draft.uid, "partners")
    if step.slug == "review":
        return _create(request, wizard, step)
    if not step.is_complete(wizard):
        return _page(request, wizard, step, status=422)
    return redirect("deals:draft", wizard.draft.uid, wizard.neighbour(step, 1).slug)


def _create(request: HttpRequest, wizard: Wizard, step: Step) -> HttpResponse:
    """Judge every step again, then create; the draft goes with it."""
    if wizard.unfinished():
        return _page(request, wizard, step, status=422)
    try:
        with transaction.atomic():
            draft = get_object_or_404(Draft.objects.select_for_update(), pk=wizard.draft.pk)
            deal = actions.create_deal(request.who, wizard.new_deal())
            draft.delete()
    except Refused as refused:
        return _page(request, wizard, step, reasons=refused.reasons, status=refused.status)
    messages.success(request, _("%(reference)s is created.") % {"reference": deal.engagement.reference})
    return redirect("deals:detail", deal.uid)


def _page(
    request: HttpRequest,
    wizard: Wizard,
    step: Step,
    *,
    data: object = None,
    asked: bool = True,
    stale: str = "",
    reasons: list[Reason] = (),
    open_partner: Organization | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "wizard": wizard,
        "draft": wizard.draft,
        "host": wizard.host,
        "step": step,
        "steps": [
            (each, each.title(wizard.host), each.slug in wizard.draft.answers and each.is_complete(wizard))
            for each in wizard.steps
        ],
        "title": step.title(wizard.host),
        "is_first": step == wizard.steps[0],
        "stale": stale,
        "reasons": reasons,
        "show_errors": status in (409, 422),
        **_STEP_CONTEXT[step.slug](request, wizard, data, open_partner),
    }
    if not asked or (status == 200 and request.method == "GET"):
        _hide_errors(context)
    return render(request, f"deals/wizard/{step.slug}.html", context, status=status)


def _hide_errors(context: dict[str, object]) -> None:
    """A step that is only being looked at does not scold for what is not filled in yet."""
    for form in (context.get("form"), *(getattr(context.get("team"), "forms", None) or ())):
        if form is not None and form.is_bound:
            form.errors.clear()


def _customer_context(request: HttpRequest, wizard: Wizard, data: object, partner: object) -> dict[str, object]:
    form = wizard.customer_form(data)
    form.is_valid()
    asked = {name: form.data.get(name, "") for name in (*CustomerSearchForm.base_fields, "customer")}
    asked |= {key: request.GET.get(key) or request.POST.get(key, "") for key in ("tab", "more", "directory")}
    return customer_list(wizard, asked) | near_context(wizard, form)


def _details_context(request: HttpRequest, wizard: Wizard, data: object, partner: object) -> dict[str, object]:
    form, team = wizard.details_form(data), wizard.team_formset(data)
    form.is_valid()
    team.is_valid()
    return {"form": form, "team": team}


def _solutions_context(request: HttpRequest, wizard: Wizard, data: object, partner: object) -> dict[str, object]:
    form = wizard.solutions_form(data)
    form.is_valid()
    return {"form": form}


def _help_context(request: HttpRequest, wizard: Wizard, data: object, partner: object) -> dict[str, object]:
    form = wizard.help_form(data)
    form.is_valid()
    return {"form": form}


def _review_context(request: HttpRequest, wizard: Wizard, data: object, partner: object) -> dict[str, object]:
    forms = {
        "customer_form": wizard.customer_form(),
        "details_form": wizard.details_form(),
        "solutions_form": wizard.solutions_form(),
        "help_form": wizard.help_form(),
    }
    for form in forms.values():
        form.is_valid()
    return {
        "kind_facts": list(_of_the_kind(forms["details_form"], forms["solutions_form"])),
        **{name: getattr(form, "cleaned_data", {}) for name, form in forms.items()},
        "team": wizard.team(),
        "partners": partners(wizard),
        "unfinished": [(step, step.title(wizard.host)) for step in wizard.unfinished()],
        "visibility": wizard.visibility_label(),
    }


def _of_the_kind(*forms: Form) -> Iterator[tuple[str, str]]:
    """What only some kinds of deal ask, as it was answered: label and words."""
    for form in forms:
        for name in (*OF_A_KIND, "assessment_type", "payout_location"):
            if value := getattr(form, "cleaned_data", {}).get(name):
                field = form.fields[name]
                words = value if isinstance(value, Model) else dict(field.choices)[value]
                yield str(field.label), str(words)


_STEP_CONTEXT = {
    "customer": _customer_context,
    "details": _details_context,
    "solutions": _solutions_context,
    "help": _help_context,
    "partners": partners_context,
    "review": _review_context,
}
