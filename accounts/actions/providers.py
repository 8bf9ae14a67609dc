"""A company's own sign-in: set up by its account admin, its domains confirmed by the operator."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.door import lock_organization, tell
from accounts.enums import HEADS, EventKind
from accounts.models import IdentityProvider, Organization, User
from accounts.sealing import seal
from accounts.who import Who
from cosell import clock
from cosell.web import outside
from cosell.web.reasons import Reason, Refused

DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+")
SECRET_MAX = 200  # characters; sealed, they fill the column


@dataclass(frozen=True)
class Provider:
    """What is to stand. An empty `client_secret` keeps the one that is there, `domains` None what was confirmed."""

    issuer: str
    client_id: str
    client_secret: str = ""
    does_mfa: bool = False
    is_active: bool = True
    domains: tuple[str, ...] | None = None


def may_keep(by: Who | User, organization: Organization) -> bool:
    """The operator; of their own company, its account admin (in the vendor, its vendor admin)."""
    if isinstance(by, Who):
        return by.organization == organization and by.user.is_active and by.has_role(*HEADS)
    return by.is_active and by.is_superuser


def against(organization: Organization, given: Provider) -> list[Reason]:
    """What speaks against it; each reason names its field."""
    found = []
    if refusal := outside.refusal(given.issuer):
        found.append(Reason("provider_address", refusal, field="issuer"))
    has_secret = IdentityProvider.objects.filter(organization=organization).exclude(client_secret="").exists()
    if not given.client_secret and not has_secret:
        found.append(Reason("provider_secret", _("Enter the secret that the provider gave you."), field="secret"))
    domains = given.domains or ()
    for domain in domains:
        if not DOMAIN.fullmatch(domain):
            text = _("“%(domain)s” is no domain. Enter the part of the addresses behind the @.")
            found.append(Reason("provider_domain", text % {"domain": domain}, field="domains"))
    others = IdentityProvider.objects.exclude(organization=organization).filter(domains__overlap=list(domains))
    if domains and (other := others.select_related("organization").first()):
        shared = ", ".join(sorted({*domains} & {*other.domains}))
        text = _("%(domains)s belongs to %(organization)s already.")
        words = {"domains": shared, "organization": other.organization}
        found.append(Reason("provider_domain_taken", text % words, field="domains"))
    return found


@transaction.atomic
def save_provider(by: Who | User, organization: Organization, given: Provider) -> IdentityProvider:
    """Set up or change how the people of `organization` sign in.

    1. Lock the organization. 2. Check who, what, and that only the operator names domains (Refused: 403, 422).
    3. Write. Behind another issuer are other accounts: nobody's of before is known any more. 4. Record what changed;
    never the secret.
    """
    locked = lock_organization(organization.pk)
    if not may_keep(by, locked):
        text = _("Only an account admin of %(organization)s changes its sign-in.")
        raise Refused([Reason("provider_right", text % {"organization": locked})], status=403)
    given = replace(given, issuer=given.issuer.strip().rstrip("/"))
    if given.domains is not None:
        if isinstance(by, Who):
            raise Refused([Reason("provider_domains_right", domains_sentence())], status=403)
        given = replace(given, domains=tuple(sorted({domain.strip().lower() for domain in given.domains})))
    if reasons := against(locked, given):
        raise Refused(reasons, status=422)
    row = IdentityProvider.objects.filter(organization=locked).first() or IdentityProvider(organization=locked)
    before = _open_to_read(row) if row.pk else {}
    row.issuer, row.client_id, row.does_mfa, row.is_active = (
        given.issuer,
        given.client_id,
        given.does_mfa,
        given.is_active,
    )
    if given.domains is not None:
        row.domains = list(given.domains)
    if given.client_secret:
        row.client_secret = seal(given.client_secret)
    row.save()
    if before and before["issuer"] != row.issuer:
        SocialAccount.objects.filter(provider=str(locked.uid)).delete()
    after = _open_to_read(row)
    changed = [name for name, value in after.items() if before.get(name) != value]
    changed += ["client_secret"] if given.client_secret else []
    if changed:
        details = {"from": {n: before.get(n) for n in changed if n in after}, "to": {n: after.get(n) for n in changed}}
        tell(EventKind.PROVIDER_CHANGED, locked, clock.now(), by, data={"changed": changed}, details=details)
    return row


def domains_sentence() -> str:
    return _(
        "Which addresses belong to a company is confirmed by who runs this portal, so that nobody claims another's."
    )


def _open_to_read(row: IdentityProvider) -> dict[str, object]:
    return {
        "issuer": row.issuer,
        "client_id": row.client_id,
        "domains": list(row.domains),
        "does_mfa": row.does_mfa,
        "is_active": row.is_active,
    }
