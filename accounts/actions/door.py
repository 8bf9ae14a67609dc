"""The door of every change of an organization and its people: lock, check on the locked row, write, record.

Locks stand in the order organization, person, engagement, deals (docs/locking.md). They leave the key free: every
event names its organization and who did it, and must not wait for who changes these while holding what they wait for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.enums import EventKind
from accounts.models import Organization, User
from accounts.who import Who
from cosell.events.enums import Visibility
from cosell.events.models import Event
from cosell.events.record import record


def lock_organization(pk: int) -> Organization:
    """The organization, for the caller alone. Only inside a transaction."""
    return Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_person(pk: int) -> User:
    """The person, for the caller alone. Only inside a transaction."""
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def tell(
    kind: EventKind,
    organization: Organization,
    now: datetime,
    who: Who | User | None,
    *,
    data: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    context: Any = None,
) -> Event:
    """Append to the chain of a locked organization. `data` holds codes and ids, `details` names, addresses, words."""
    return record(
        kind,
        stream=f"organization:{organization.uid}",
        at=now,
        actor=who.user if isinstance(who, Who) else who,
        organization=organization,
        visibility=Visibility.ORGANIZATION,
        data=data,
        details=details,
        context=context,
    )


def tell_of_person(
    kind: EventKind,
    user: User,
    now: datetime,
    *,
    organization: Organization | None = None,
    data: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    context: Any = None,
) -> Event:
    """Append to the chain of a locked person: what they did to their own sign-in. `organization` may read it."""
    return record(
        kind,
        stream=f"person:{user.pk}",
        at=now,
        actor=user,
        organization=organization,
        visibility=Visibility.ORGANIZATION,
        data=data,
        details=details,
        context=context,
    )
