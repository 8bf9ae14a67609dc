"""The second factor: who must have one, whether a session used one, and how allauth keeps them here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import qrcode
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathFillImage

from accounts import company_sign_in
from accounts.enums import Role
from accounts.models import User
from accounts.sealing import seal, unseal
from accounts.who import Who
from cosell.web.reasons import Reason

ALWAYS = (Role.REVIEWER, Role.VENDOR_ADMIN)
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for one


def must_have(user: User, everywhere: Iterable[Who]) -> Reason | None:
    """Why `user`, with roles `everywhere`, needs a second factor, and who decided so; None when it is their choice.

    An operator, because they reach everything; a reviewer and a vendor admin; everybody of an
    organization whose policy says so, wherever else they work.
    """
    if user.is_superuser:
        return Reason("mfa_operator", _("Who runs this portal signs in with a second factor."), _fix())
    held = list(everywhere)
    for who in held:
        if who.has_role(*ALWAYS):
            text = _("Reviewers and vendor admins of %(organization)s sign in with a second factor: that is fixed.")
            return Reason("mfa_role", text % {"organization": who.organization}, _fix())
    for who in held:
        if who.organization.requires_mfa:
            text = _(
                "%(organization)s wants everybody to sign in with a second factor: its account admin has decided so."
            )
            return Reason("mfa_organization", text % {"organization": who.organization}, _fix())
    return None


def _fix() -> str:
    return _("Set up an app that makes codes, or a passkey; it takes two minutes.")


def has_factor(user: User | AnonymousUser) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def is_proven(request: HttpRequest) -> bool:
    """This session was signed in with a second factor: one of ours, or the one that the company's provider asks."""
    records = get_authentication_records(request, request.user)
    if any(record.get("method") == "mfa" for record in records):
        return True
    return company_sign_in.asked_for_factor(request)


def note_proof(request: HttpRequest, user: User | AnonymousUser) -> None:
    """This session has shown a second factor of `user`."""
    record_authentication(request, user, "mfa", type=Authenticator.Type.TOTP.value)


def follow(request: HttpRequest, *, had: bool) -> None:
    """After a factor was set up or removed: who has just shown the first one need not show it again.

    And a session cannot rest on a factor that is gone.
    """
    has = has_factor(request.user)
    if has and not had:
        note_proof(request, request.user)
    elif had and not has:
        records = get_authentication_records(request, request.user)
        kept = [record for record in records if record.get("method") != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = kept


class Adapter(DefaultMFAAdapter):
    """Secrets are sealed at rest; names that people read."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Cosell"}

    def build_totp_svg(self, url: str) -> str:
        """On white: in the dark theme no camera would read black on black."""
        drawn: bytes = qrcode.make(url, image_factory=SvgPathFillImage).to_string()
        return drawn.decode()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}
