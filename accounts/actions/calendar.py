"""The private address of a person's calendar: whoever has it reads what it holds, so it can be taken back."""

from __future__ import annotations

import secrets
from hashlib import sha256

from django.db import transaction

from accounts.actions.door import lock_person, tell_of_person
from accounts.enums import EventKind
from accounts.models import Organization, User
from cosell import clock


def hash_of(token: str) -> str:
    """What is kept of a token: sha256 in hex."""
    return sha256(token.encode()).hexdigest()


def reader_of(token: str) -> User | None:
    """Whose calendar has this address; None for an unknown or revoked one, and for who has left."""
    return User.objects.filter(calendar_hash=hash_of(token), is_active=True).first()


def make_calendar(user: User, *, organization: Organization | None = None) -> str:
    """A new secret address, given back this once; the one before does nothing any more.

    `organization` is the one whose people may read that it was made.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        person = lock_person(user.pk)
        again = bool(person.calendar_hash)
        _keep(person, hash_of(token))
        tell_of_person(EventKind.CALENDAR_MADE, person, clock.now(), organization=organization, data={"again": again})
    return token


def revoke_calendar(user: User, *, organization: Organization | None = None) -> None:
    """The address does nothing any more: lock, write, record. Nothing happens where there is none."""
    with transaction.atomic():
        person = lock_person(user.pk)
        if person.calendar_hash:
            _keep(person, "")
            tell_of_person(EventKind.CALENDAR_REVOKED, person, clock.now(), organization=organization)


def _keep(person: User, kept: str) -> None:
    person.calendar_hash = kept
    person.save(update_fields=["calendar_hash"])
