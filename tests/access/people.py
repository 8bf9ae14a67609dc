"""Joining by the link of a mail; one's own sessions; who takes people out of a company."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from accounts.actions.joining import token_of
from accounts.enums import Role
from accounts.models import Invite, Organization, User
from tests.access.table import ADMIN_SIGN_IN, CAST, EVERYBODY, OPEN, Row, answers

INVITE = {"uid": uuid.UUID(int=7), "expires_at": datetime(2999, 1, 1, tzinfo=UTC), "email": "eva.klein@people.example"}
TOKEN = token_of(Invite(**INVITE))
GONE = answers(others=404, anonymous=404)
# Ana is the person: Julia looks after another location, the others after other companies.
SEE_NOBODY = ("rui tom vera sam lee beatriz noor", ADMIN_SIGN_IN)


def invite(by: str) -> None:
    """Somebody new is asked in."""
    Invite.objects.create(
        **INVITE,
        full_name="Eva Klein",
        role=Role.REFERRALS_USER,
        organization=Organization.objects.get(name="Contoso Data"),
        invited_by=User.objects.get(email=CAST[by]),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


ROWS = [
    # For a new address: who is signed in as somebody else is told to sign out first.
    Row("accounts:join", {"token": TOKEN}, get=OPEN, post=answers(others=403, anonymous=422)),
    Row("accounts:join", {"token": TOKEN[:-1]}, get=GONE, post=GONE, about="forged"),
    Row("accounts:sessions", get=EVERYBODY, post=answers(others=404)),
    Row(
        "admin:accounts_user_leave",
        {"object_id": "accounts.User"},
        get=answers(("diego operator", 200), ("ana", 403), SEE_NOBODY, others=404),
        post=answers(("diego operator", 302), ("ana", 403), SEE_NOBODY, others=404),
    ),
]
