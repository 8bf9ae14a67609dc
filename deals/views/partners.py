"""The step Partner collaboration: who is found, who is invited."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from accounts.models import Organization
from accounts.search import find_partners
from deals.forms.fields import typed
from deals.forms.invitation import InvitationForm
from deals.wizard import Wizard, invitation_form, partners


def typed_partners(
    request: HttpRequest, wizard: Wizard, data: dict[str, list[str]], go: str
) -> dict[str, object] | None:
    """Invitations by the partner's uid: one added or changed, or one removed."""
    stored = dict(wizard.answers("partners"))
    if go.startswith("remove:"):
        stored.pop(go.removeprefix("remove:"), None)
        return stored
    partner = Organization.objects.inviteable().with_uid(request.POST.get("partner", ""))
    if partner:
        return {**stored, str(partner.uid): {key: values for key, values in data.items() if key.startswith("invite-")}}
    return stored


def invited(request: HttpRequest, wizard: Wizard) -> tuple[Organization, InvitationForm]:
    """The partner that was just invited in the draft, with the form as it was typed."""
    partner = Organization.objects.inviteable().with_uid(request.POST.get("partner", ""))
    if partner is None:
        raise Http404
    return partner, invitation_form(wizard, partner, typed(wizard.answers("partners")[str(partner.uid)]))


def partners_context(
    request: HttpRequest, wizard: Wizard, data: object, partner: Organization | None
) -> dict[str, object]:
    partner = partner or Organization.objects.inviteable().with_uid(request.GET.get("add", ""))
    stored = wizard.answers("partners")
    form = None
    if partner:
        known = stored.get(str(partner.uid))
        form = invitation_form(wizard, partner, typed(known) if known else None)
    return {
        **found(request, wizard),
        "partner": partner,
        "form": form,
        "partners": partners(wizard),
    }


def found(request: HttpRequest, wizard: Wizard) -> dict[str, object]:
    query = request.GET.get("q", "").strip()[:120]
    return {"query": query, "found": find_partners(wizard.who, query, but=wizard.answers("partners"))}
