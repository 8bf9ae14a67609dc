"""Chat hooks of a company: who is told by one, and where (docs/mail.md).

The address is a secret: it stands in no event. Each action locks the organization, checks, writes, and records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.door import lock_organization, tell
from accounts.actions.organizations import By, is_operator
from accounts.enums import HEADS, EventKind
from accounts.models import Location, Organization
from accounts.who import Who
from cosell import clock
from cosell.events.enums import ChatService
from cosell.events.models import ChatHook
from cosell.web import outside
from cosell.web.reasons import Reason, Refused


@dataclass(frozen=True)
class Hook:
    """What is to stand. An empty `url` keeps the one that is there; `location` None is all of them."""

    name: str
    service: ChatService
    url: str = ""
    location: Location | None = None
    is_active: bool = True


def keeps_all(by: By, organization: Organization) -> bool:
    """May `by` keep every hook of the company? The operator, its account admin, a referrals admin of all of it."""
    if is_operator(by):
        return True
    who = _at_home(by, organization)
    return who is not None and (who.has_role(*HEADS) or who.admin_reach.everything)


def may_keep(by: By, organization: Organization, location_id: int | None) -> bool:
    """Also a referrals admin of some locations, for these."""
    if keeps_all(by, organization):
        return True
    who = _at_home(by, organization)
    return who is not None and location_id is not None and location_id in who.admin_reach.location_ids


def _at_home(by: By, organization: Organization) -> Who | None:
    return by if isinstance(by, Who) and by.organization == organization and by.user.is_active else None


def save_hook(by: By, organization_id: int, hook_id: int | None, given: Hook) -> ChatHook:
    """Add a hook (None), or change one. Refused (422) with each reason at its field, else 403 or 404.

    An address that is new has not failed yet. What stays as it is leaves no trace.
    """
    if given.url and (refusal := outside.refusal(given.url)):  # asks the net: before anything is locked
        raise Refused([Reason("hook_address", refusal, field="address")], 422)
    with transaction.atomic():
        organization = lock_organization(organization_id)
        hook = _hook(by, organization, hook_id) if hook_id else ChatHook(organization=organization)
        if reasons := _refusals(by, organization, hook, given):
            raise Refused(reasons, 422)
        old = {} if hook.pk is None else _shown(hook)
        moved = bool(given.url) and (given.url, given.service) != (hook.url, hook.service)
        hook.name, hook.service, hook.is_active = given.name, given.service, given.is_active
        hook.location, hook.url = given.location, given.url or hook.url
        if moved:
            hook.failing_since, hook.last_error, hook.last_ok_at = None, "", None
        changes = {name: [old.get(name, ""), value] for name, value in _shown(hook).items() if old.get(name) != value}
        if changes or moved:
            hook.save()
            _tell(by, organization, hook.pk, changes | ({"url": ["", masked(hook.url)]} if moved else {}))
        return hook


def delete_hook(by: By, organization_id: int, hook_id: int) -> None:
    """What was still to be said there is not said any more."""
    with transaction.atomic():
        organization = lock_organization(organization_id)
        hook = _hook(by, organization, hook_id)
        changes = {name: [value, ""] for name, value in _shown(hook).items()}
        hook.delete()
        _tell(by, organization, hook_id, changes)


def masked(url: str) -> str:
    """Enough to know it again, too little to write there: "https://hooks.example/…4f2a"."""
    scheme, _sep, rest = url.partition("://")
    host, _slash, path = rest.partition("/")
    return f"{scheme}://{host}/…{path[-4:] if len(path) > 12 else ''}"


def _hook(by: By, organization: Organization, hook_id: int) -> ChatHook:
    hook = ChatHook.objects.select_for_update(of=("self",)).filter(organization=organization, pk=hook_id).first()
    if hook is None:
        raise Refused([Reason("no_hook", _("This chat hook does not exist any more."))], 404)
    if not may_keep(by, organization, hook.location_id):
        raise Refused([_not_yours()], 403)
    return hook


def _refusals(by: By, organization: Organization, hook: ChatHook, given: Hook) -> list[Reason]:
    found = []
    if given.location and given.location.organization_id != organization.pk:
        found.append(Reason("foreign_location", _("Choose a location of the company."), field="location"))
    elif not may_keep(by, organization, given.location.pk if given.location else None):
        found.append(Reason("not_your_location", _("Choose one of your locations."), field="location"))
    if not (given.url or hook.url):
        found.append(Reason("no_address", _("Enter the address that the chat gave you."), field="address"))
    return found


def _not_yours() -> Reason:
    return Reason("not_yours", _("Your roles do not let you change this."))


def _shown(hook: ChatHook) -> dict[str, Any]:
    location = str(hook.location) if hook.location else ""
    return {"name": hook.name, "service": str(hook.service), "location": location, "is_active": hook.is_active}


def _tell(by: By, organization: Organization, hook_id: int, changes: dict[str, Any]) -> None:
    data = {"hook": hook_id, "fields": sorted(changes)}
    tell(EventKind.HOOK_CHANGED, organization, clock.now(), by, data=data, details={"changes": changes})
