"""What is told of people and organizations, to whom, in which words. The templates hold the words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.joining import HOLDS, token_of
from accounts.enums import HEADS, EventKind, Role, Scope
from accounts.models import Invite, Membership, User
from accounts.rules import scope_words
from cosell import clock
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel, Fill
from cosell.events.models import Event

PEOPLE = _("People")
RESET_HOLDS = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def _invited(event: Event, invite: Invite) -> Iterable[Recipient]:
    """Who is asked, in the language of the invitation; a sign-in that was closed gets no bell, but the mail."""
    organization = invite.organization
    language = invite.language or organization.language
    user = User.objects.filter(email__iexact=invite.email, is_active=True).first()
    if user:
        return [Recipient.of_user(user, language=language)]
    return [Recipient(None, invite.email, invite.full_name, language, organization.time_zone)]


def _inviter(event: Event, invite: Invite) -> Iterable[Recipient]:
    return [Recipient.of_user(invite.invited_by, language=invite.organization.language)]


def _person(event: Event, context: Any) -> Iterable[Recipient]:
    assert event.actor
    return [Recipient.of_user(event.actor, language=event.organization.language if event.organization else "")]


def _invite_of(event: Event) -> Invite:
    invites = Invite.objects.select_related("organization", "invited_by").prefetch_related("locations")
    return invites.get(uid=event.data["invite"])


def _invited_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    invite = _invite_of(event)
    return {**_words(invite), "scope": scope_words(invite), "url": reverse("accounts:join", args=[token_of(invite)])}


def _joined_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    invite = _invite_of(event)
    name = event.actor.full_name if event.actor else invite.full_name
    return {**_words(invite), "scope": scope_words(invite), "name": name, "url": ""}


def _words(invite: Invite) -> dict[str, Any]:
    return {
        "name": invite.full_name,
        "organization": invite.organization.name,
        "inviter": invite.invited_by.full_name,
        "role": invite.get_role_display(),
        "until": invite.expires_at,
    }


def _reset_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """The link is made when the mail is: nothing keeps it. It ends by its use, by a sign-in, or by its time."""
    assert recipient.user
    key = f"{user_pk_to_url_str(recipient.user)}-{default_token_generator.make_token(recipient.user)}"
    return {"hours": RESET_HOLDS // timedelta(hours=1), "url": _reset_path(key)}


def _reset_path(key: str) -> str:
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return path.replace("UID-KEY", key)


def _keepers(event: Event, context: Any) -> Iterable[Recipient]:
    """Who keeps every chat hook of the company."""
    assert event.organization
    held = Membership.objects.filter(organization=event.organization, is_active=True, user__is_active=True)
    held = held.filter(Q(role__in=HEADS) | Q(role=Role.REFERRALS_ADMIN, scope=Scope.COMPANY))
    users = User.objects.filter(pk__in=held.values("user")).order_by("pk")
    return [Recipient.of_user(user, language=event.organization.language) for user in users]


def _failing_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    texts = {detail.key: detail.value for detail in event.details.all()}
    return {
        "chat": texts.get("name") or "",
        "error": texts.get("error") or "",
        "url": reverse("admin:events_chathook_change", args=[event.data["hook"]]),
    }


def _failing_sample(name: str, fill: Fill) -> dict[str, Any]:
    """A made-up chat for the preview."""
    chat = "Co-sell São Paulo" + " and everybody else who works on it" * (3 if fill == Fill.LONG else 0)
    error = gettext("It answered %(status)d: %(text)s") % {"status": 404, "text": "no_service"}
    return {"chat": chat, "error": "" if fill == Fill.MISSING else error, "url": "/"}


def _sample(name: str, fill: Fill) -> dict[str, Any]:
    """A made-up case for the preview."""
    long = " and its sisters" * (5 if fill == Fill.LONG else 0)
    return {
        "name": "Carla Nunes" + long,
        "organization": "Contoso Data" + long,
        "inviter": "Diego Reyes" + long,
        "role": Role.REFERRALS_USER.label,
        "scope": gettext("no location") if fill == Fill.MISSING else f"{Scope.COMPANY.label}{long}",
        "until": clock.now() + HOLDS,
        "hours": RESET_HOLDS // timedelta(hours=1),
        "url": "" if name == "person_joined" else "/",
    }


MESSAGES = (
    Message(
        "person_invited",
        EventKind.INVITED,
        _invited,
        _invited_context,
        "accounts/email/person_invited",
        can_turn_off=False,
        title=_("Invitation to join"),
        told=_("Whoever an account admin asks to join"),
        group=PEOPLE,
        sample=_sample,
    ),
    Message(
        "person_joined",
        EventKind.JOINED,
        _inviter,
        _joined_context,
        "accounts/email/person_joined",
        title=_("A person joined"),
        told=_("Who invited the person"),
        group=PEOPLE,
        sample=_sample,
    ),
    Message(
        "new_password",
        EventKind.RESET_ASKED,
        _person,
        _reset_context,
        "accounts/email/new_password",
        can_turn_off=False,
        channels=[Channel.MAIL],
        title=_("New password"),
        told=_("Whose password it is, when somebody asks for a new one"),
        group=PEOPLE,
        sample=_sample,
    ),
    Message(
        "chat_failing",
        EventKind.HOOK_FAILING,
        _keepers,
        _failing_context,
        "accounts/email/chat_failing",
        title=_("A chat that cannot be told"),
        told=_("Account admins, and referrals admins of the entire company"),
        group=_("Company"),
        sample=_failing_sample,
    ),
)
