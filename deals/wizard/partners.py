"""The step Partner collaboration: the invitations of a draft."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import QueryDict

from accounts.models import Organization
from cosell import clock
from deals.actions import Invitation
from deals.enums import Help
from deals.forms.fields import typed
from deals.forms.invitation import InvitationForm

if TYPE_CHECKING:
    from deals.wizard.draft import Wizard


def inviteable(wizard: Wizard, uid: str) -> Organization | None:
    """The partner that a form or an address names, if this draft can invite it."""
    return Organization.objects.inviteable().exclude(pk=wizard.who.organization.pk).with_uid(uid)


def partners(wizard: Wizard) -> list[tuple[Organization, InvitationForm]]:
    """The invitations in the draft, each with its form as it was typed.

    One of a partner that has left the ecosystem since stays: Create refuses it by name, it is not lost in silence.
    """
    stored = wizard.answers("partners")
    known = {str(o.uid): o for o in Organization.objects.filter(uid__in=stored)}
    return [
        (known[uid], invitation_form(wizard, known[uid], typed(data))) for uid, data in stored.items() if uid in known
    ]


def invitation_form(wizard: Wizard, partner: Organization, data: QueryDict | None = None) -> InvitationForm:
    details = wizard.details_form()
    given = details.cleaned_data if details.is_bound and details.is_valid() else {}
    return InvitationForm(
        data,
        partner=partner,
        people=wizard.team(),
        initial={
            "currency": given.get("currency", "USD"),
            "close_on": given.get("close_on") or clock.now().date() + timedelta(days=90),
            "value": given.get("value"),
        },
    )


def partners_are_complete(wizard: Wizard) -> bool:
    given = partners(wizard)
    return bool(given or not wizard.by_host) and all(form.is_valid() for _partner, form in given)


def as_invitation(partner: Organization, form: InvitationForm) -> Invitation:
    data = form.cleaned_data
    return Invitation(
        organization=partner,
        value=data["value"],
        currency=data["currency"],
        close_on=data["close_on"],
        help=Help(data["help"]),
        notes=data["notes"],
        solutions=list(data["solutions"]),
        team=form.team.people(),
    )
