"""Sign-in by the company's own OpenID Connect provider: whom it may sign in, and for which company alone.

allauth walks the protocol; here is whom we believe. The provider of one company never speaks for another: the address
must be of the domains that the operator confirmed for it, the person must have a role there, and the session acts
there alone.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

import requests
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import IdentityProvider, Membership, Organization, User
from accounts.sealing import InvalidToken, unseal
from accounts.who import Who
from cosell.web import outside
from cosell.web.reasons import Reason, Refused

PROTOCOL = "openid_connect"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


# ------------------------------------------------------------------------------------------------ which provider


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()


def provider_for(address: str) -> IdentityProvider | None:
    """The active provider to which the operator confirmed the domain of `address`; it says nothing of a person."""
    active = IdentityProvider.objects.filter(is_active=True).select_related("organization")
    return active.filter(domains__contains=[domain_of(address)]).first()


def signed_in_by(request: HttpRequest) -> str:
    """The uid of the organization whose provider signed this session in; "" for an address and password, or a key."""
    records = get_authentication_records(request, request.user)
    return next((record["provider"] for record in records if record.get("method") == "socialaccount"), "")


def narrowed(request: HttpRequest, everywhere: list[Who]) -> list[Who]:
    """Where this session may act: a company's provider vouches for its own company, and for no other."""
    only = signed_in_by(request)
    return [who for who in everywhere if str(who.organization.uid) == only] if only else everywhere


def asked_for_factor(request: HttpRequest) -> bool:
    """A provider signed this session in that asks for the second factor itself."""
    by = signed_in_by(request)
    return bool(by) and IdentityProvider.objects.filter(organization__uid=by, is_active=True, does_mfa=True).exists()


# ------------------------------------------------------------------------------------------------ is it one


def faults(issuer: str, config: object) -> list[Reason]:
    """What is wrong with what a provider says of itself (OpenID Connect Discovery 1.0 §3, §4.3)."""
    if not isinstance(config, Mapping):
        return [Reason("provider_no_document", _("The answer is no OpenID configuration."))]
    if str(config.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        text = _("The provider calls itself %(told)s, and not %(issuer)s.")
        fix = _("Enter the address exactly as the provider gives it, of your own tenant.")
        return [Reason("provider_issuer", text % {"told": config.get("issuer"), "issuer": issuer}, fix)]
    found = []
    if missing := [name for name in NEEDED if not config.get(name)]:
        found.append(Reason("provider_lacks", _("It does not say its %(names)s.") % {"names": ", ".join(missing)}))
    types = config.get("response_types_supported")
    if isinstance(types, list) and "code" not in types:
        found.append(Reason("provider_no_code", _("It does not offer the authorization code flow.")))
    methods = config.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        found.append(Reason("provider_no_pkce", _("It does not offer PKCE with S256.")))
    return found


def check(issuer: str) -> list[Reason]:
    """Ask the provider for its configuration: what is wrong; empty when people could sign in there."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with outside.session() as session:
            answer = session.get(url)
            answer.raise_for_status()
            config = answer.json()
    except (requests.RequestException, ValueError) as error:
        text = _("%(url)s gave no configuration: %(error)s")
        return [Reason("provider_unreachable", text % {"url": url, "error": error})]
    return faults(issuer, config)


class Conversation(OpenIDConnectOAuth2Adapter):
    """allauth's, which trusts TLS alone: here the signature is checked, and the provider is who it says it is."""

    @property
    def openid_config(self) -> dict[str, Any]:
        try:
            config: dict[str, Any] = super().openid_config
        except ValueError as error:
            raise OAuth2Error("no configuration") from error
        if wrong := faults(self.get_provider().app.settings["server_url"], config):
            raise OAuth2Error("; ".join(reason.code for reason in wrong))
        return config

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        self.did_fetch_access_token = False  # else the signature is not looked at
        return super()._decode_id_token(app, id_token)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        try:
            return super().complete_login(request, app, token, **kwargs)
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # an answer of another shape
            raise OAuth2Error("an answer that is none") from error


def way_to(request: HttpRequest, row: IdentityProvider, address: str, next_url: str | None) -> str:
    """Where the browser goes to sign in at the company's. Refused (409) when its provider does not answer well."""
    provider = get_adapter(request).get_provider(request, provider=str(row.organization.uid))
    nonce = secrets.token_urlsafe(24)
    asked = {"login_hint": address, "nonce": nonce}
    try:
        response = provider.redirect(
            request, AuthProcess.LOGIN, next_url=next_url, data={"nonce": nonce}, auth_params=asked
        )
        location: str = response["Location"]
    except (requests.RequestException, OAuth2Error, KeyError) as error:
        raise Refused([_out_of_order(row.organization)]) from error
    if outside.refusal(location):  # it is what the provider says of itself: no script, no address of this network
        raise Refused([_out_of_order(row.organization)])
    return location


def _out_of_order(organization: Organization) -> Reason:
    text = _("The sign-in of %(organization)s does not answer as it should. It may work again in a while.")
    fix = _("Else sign in with your password, and tell an account admin: in the admin, “Save and check” says more.")
    return Reason("provider_out_of_order", text % {"organization": organization}, fix)


# ------------------------------------------------------------------------------------------------ whom


def admit(row: IdentityProvider, login: SocialLogin) -> User:
    """Whom the provider's answer signs in. Refused (403) with the reason else.

    1. The answer fits our question: same issuer, nonce and subject. 2. The address is given, not said to be
    unverified, and of a domain confirmed for this company. 3. It is who works there, by the same account as before.
    """
    told = login.account.extra_data
    token, more = told.get("id_token") or {}, told.get("userinfo") or {}
    asked = login.state.get("data") or {}
    fits = (
        asked.get("nonce")
        and token.get("nonce") == asked["nonce"]
        and str(token.get("iss", "")).rstrip("/") == row.issuer.rstrip("/")
        and more.get("sub", token.get("sub")) == token.get("sub")
    )
    if not fits:
        raise Refused([Reason("company_answer", _("This answer does not belong to your question. Please try again."))])
    address = str(more.get("email") or token.get("email") or "").strip().lower()
    verified = more.get("email_verified", token.get("email_verified"))
    if reason := _about_address(row, address, verified):
        raise Refused([reason], status=403)
    return _person(row, login, address)


def _about_address(row: IdentityProvider, address: str, verified: object) -> Reason | None:
    names = {"organization": row.organization, "address": address}
    if not address:
        text = _("%(organization)s's sign-in did not tell your e-mail address.")
        return Reason("company_no_address", text % names, _ask_admins(row.organization))
    if domain_of(address) not in row.domains:
        text = _("%(address)s is no address that %(organization)s signs in here.")
        fix = _("Sign in with your password, or by the company that the address belongs to.")
        return Reason("company_other_domain", text % names, fix)
    if verified is not None and str(verified).lower() != "true":
        text = _("%(organization)s's sign-in says that %(address)s is not verified.")
        return Reason("company_unverified", text % names, _("Verify it there, and sign in again."))
    return None


def _person(row: IdentityProvider, login: SocialLogin, address: str) -> User:
    organization = row.organization
    known = login.user if login.is_existing else User.objects.filter(email__iexact=address).first()
    at_work = (
        known is not None
        and known.is_active
        and not known.is_superuser  # an operator belongs to no company: none signs one in
        and known.memberships.filter(organization=organization, is_active=True).exists()
    )
    if not at_work or known is None:
        text = _("Nobody with the address %(address)s works for %(organization)s here.")
        words = {"address": address, "organization": organization}
        raise Refused([Reason("company_nobody", text % words, _ask_admins(organization))], status=403)
    others = SocialAccount.objects.filter(user=known, provider=str(organization.uid)).exclude(uid=login.account.uid)
    if others.exists():
        text = _("%(address)s was signed in by another account of %(organization)s before.")
        words = {"address": address, "organization": organization}
        raise Refused([Reason("company_other_account", text % words, _ask_admins(organization))], status=403)
    return known


def _ask_admins(organization: Organization) -> str:
    """Who can help, by name: only said to whom the company's own provider vouches for."""
    roles = (Role.ACCOUNT_ADMIN, Role.VENDOR_ADMIN)
    held = Membership.objects.filter(organization=organization, role__in=roles, is_active=True, user__is_active=True)
    names = ", ".join(held.order_by("user__full_name").values_list("user__full_name", flat=True)[:3])
    if not names:
        return _("Ask who looks after this portal at %(organization)s.") % {"organization": organization}
    return _("Ask %(people)s of %(organization)s.") % {"people": names, "organization": organization}


class CompanyAdapter(DefaultSocialAccountAdapter):
    """The organizations' rows are allauth's apps. Nobody signs up; who is meant by an address, `admit` says alone."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: str = "", client_id: str = "") -> list[SocialApp]:
        rows = IdentityProvider.objects.filter(is_active=True).select_related("organization")
        if client_id:
            rows = rows.filter(client_id=client_id)
        if provider and provider != PROTOCOL:
            try:
                rows = rows.filter(organization__uid=uuid.UUID(provider))
            except ValueError:
                return []
        return [_app(row) for row in rows]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id=client_id)
        found.oauth2_adapter_class = Conversation
        return found

    def get_requests_session(self) -> requests.Session:
        return outside.session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        by = sociallogin.account.provider
        row = IdentityProvider.objects.select_related("organization").get(organization__uid=by, is_active=True)
        try:
            user = admit(row, sociallogin)
        except Refused as refused:
            raise ImmediateHttpResponse(_refusal(request, refused)) from refused
        sociallogin.account.extra_data = {}  # what the company knows of a person is not ours to keep
        sociallogin.account.user = sociallogin.user = user
        sociallogin.account.save()

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        if error == AuthError.CANCELLED:
            reason = Reason("company_cancelled", _("You did not sign in there."), _("You can try again."))
        else:
            text = _("Nobody was signed in: the answer came too late, twice, or not from %(organization)s's sign-in.")
            reason = Reason("company_answer", text % {"organization": provider.app.name}, _("Please try again."))
        raise ImmediateHttpResponse(_refusal(request, Refused([reason], status=403)))


def _refusal(request: HttpRequest, refused: Refused) -> Any:
    return render(request, "socialaccount/refused.html", {"reasons": refused.reasons}, status=refused.status)


def _app(row: IdentityProvider) -> SocialApp:
    try:
        secret = unseal(row.client_secret)
    except InvalidToken:  # sealed with a key that is gone: the provider will refuse us, and the page says so
        secret = ""
    return SocialApp(
        provider=PROTOCOL,
        provider_id=str(row.organization.uid),
        name=row.organization.name,
        client_id=row.client_id,
        secret=secret,
        settings={"server_url": row.issuer.rstrip("/"), "oauth_pkce_enabled": True},
    )
