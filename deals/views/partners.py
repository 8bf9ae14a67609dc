"""The step Partner collaboration: who is found, who is invited."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Organization
from deals.forms.fields import typed
from deals.forms.invitation import InvitationForm, add_person, only_invitation
from deals.responsiveness import suggest_partners
from deals.wizard import Wizard, invitation_form, partners
from deals.wizard.partners import inviteable


def typed_partners(
    request: HttpRequest, wizard: Wizard, data: dict[str, list[str]], go: str
) -> dict[str, object] | None:
    """Invitations by the partner's uid: one added or changed, or one removed."""
    stored = dict(wizard.answers("partners"))
    if go.startswith("remove:"):
        stored.pop(go.removeprefix("remove:"), None)
        return stored
    partner = inviteable(wizard, request.POST.get("partner", ""))
    if partner:
        given = add_person(data) if go == "add_person" else only_invitation(data)
        return {**stored, str(partner.uid): given}
    return stored


def invited(request: HttpRequest, wizard: Wizard) -> tuple[Organization, InvitationForm]:
    """The partner that was just invited in the draft, with the form as it was typed."""
    partner = inviteable(wizard, request.POST.get("partner", ""))
    if partner is None:
        raise Http404
    return partner, invitation_form(wizard, partner, typed(wizard.answers("partners")[str(partner.uid)]))


def partners_context(
    request: HttpRequest, wizard: Wizard, data: object, partner: Organization | None
) -> dict[str, object]:
    """The search, the invitation that is being written, and those that are kept."""
    asked_for = request.POST.get("partner") if request.POST.get("go") == "add_person" else request.GET.get("add")
    partner = partner or inviteable(wizard, asked_for or "")
    stored = wizard.answers("partners")
    form = None
    if partner:
        known = stored.get(str(partner.uid))
        form = invitation_form(wizard, partner, typed(known) if known else None)
    return {
        **found(request, wizard),
        "partner": partner,
        "form": form,
        "team": form.team if form else None,
        "partners": partners(wizard),
    }


def found(request: HttpRequest, wizard: Wizard) -> dict[str, object]:
    query = request.GET.get("q", "").strip()[:120]
    taken = dict.fromkeys(wizard.answers("partners"), _("in your invitations"))
    return {"query": query, "found": suggest_partners(wizard.who, query, taken=taken)}
