"""Sign-ins in the audit trail, and what ends with them: heard from allauth, in this one place.

Every event stands in the chain of the person; the first organization of the person may read it. Address and browser
are details, which can be erased. Nothing is written about addresses that belong to nobody here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.actions.door import lock_person, tell_of_person
from accounts.actions.people import end_sessions, forget_links
from accounts.enums import EventKind
from accounts.models import Organization, User
from accounts.who import Who
from cosell import clock
from cosell.events.models import Event

QUIET = timedelta(minutes=1)  # of many failures in it, one is written


def listen() -> None:
    """Called once, when the app starts."""
    heard: tuple[tuple[Any, Callable[..., None]], ...] = (
        (account.user_logged_in, _signed_in),
        (account.user_logged_out, _signed_out),
        (account.password_changed, _password_changed),
        (account.password_set, _password_changed),
        (account.password_reset, _password_reset),
        (mfa.authenticator_added, _factor_added),
        (mfa.authenticator_reset, _factor_added),
        (mfa.authenticator_removed, _factor_removed),
        (mfa.authentication_failed, _factor_failed),
    )
    for signal, hears in heard:
        signal.connect(hears, dispatch_uid=f"accounts.signing_in.{hears.__name__}")


def failed(request: HttpRequest, email: str) -> None:
    """A wrong password. Of an address that nobody here has, nothing is kept."""
    user = User.objects.filter(email__iexact=email).first()
    if user:
        _failed(request, user, "password")


def reset_asked(user: User) -> None:
    """Somebody wants a new password for this person: the mail with the link goes after the commit."""
    organization = first_organization(user)
    with transaction.atomic():
        person = lock_person(user.pk)
        tell_of_person(EventKind.RESET_ASKED, person, clock.now(), organization=organization)


def sessions_of(user: User) -> QuerySet[UserSession]:
    """Sessions that go on, the newest first."""
    going_on = Session.objects.filter(expire_date__gt=clock.now()).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=going_on).order_by("-created_at", "-pk")


def end_one_session(request: HttpRequest, pk: int) -> bool:
    """One of the person's own other sessions; False when it is over already, or nobody's of theirs."""
    own = UserSession.objects.filter(user=request.user, pk=pk).exclude(session_key=request.session.session_key)
    session = own.first()
    if session is None:
        return False
    session.end()
    _tell(EventKind.SESSIONS_ENDED, request, request.user, {"count": 1})
    return True


def end_all_sessions(request: HttpRequest, *, also_this: bool) -> int:
    """All the others; `also_this` is out everywhere, which ends the links in mails too. How many ended."""
    assert request.user.pk
    user = User.objects.get(pk=request.user.pk)
    count = end_sessions(user, keep=None if also_this else request.session.session_key)
    if also_this:
        forget_links(user)
    _tell(EventKind.SESSIONS_ENDED, request, user, {"count": count, "everywhere": also_this})
    return count


def first_organization(user: User) -> Organization | None:
    everywhere = Who.everywhere(user)
    return everywhere[0].organization if everywhere else None


def _signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    by = [record["method"] for record in get_authentication_records(request, user)]
    _tell(EventKind.SIGNED_IN, request, user, {"by": list(dict.fromkeys(by))})


def _signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if isinstance(user, User) and user.pk:
        UserSession.objects.filter(user=user, session_key=request.session.session_key).delete()
        _tell(EventKind.SIGNED_OUT, request, user, {})


def _password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    _new_password(request, user, "changed", keep=request.session.session_key)


def _password_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    _new_password(request, user, "reset", keep=None)


def _new_password(request: HttpRequest, user: User, how: str, keep: str | None) -> None:
    """Whoever knew the old one is out, and the mails of before let nobody in."""
    end_sessions(user, keep)
    forget_links(user)
    _tell(EventKind.PASSWORD_CHANGED, request, user, {"how": how})


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _tell(EventKind.MFA_ADDED, request, user, {"type": authenticator.type})


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _tell(EventKind.MFA_REMOVED, request, user, {"type": authenticator.type})


def _factor_failed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    _failed(request, user, "mfa")


def _failed(request: HttpRequest, user: User, by: str) -> None:
    now = clock.now()
    lately = Event.objects.filter(stream=f"person:{user.pk}", kind=EventKind.SIGN_IN_FAILED, at__gt=now - QUIET)
    if not lately.exists():
        _tell(EventKind.SIGN_IN_FAILED, request, user, {"by": by}, unless=lately)


def _tell(
    kind: EventKind,
    request: HttpRequest,
    user: Any,
    data: dict[str, Any],
    unless: QuerySet[Event] | None = None,
) -> None:
    """Record it on the locked person; `unless` there is such an event, looked for under the lock."""
    organization = first_organization(user)
    place = {"ip": get_adapter().get_client_ip(request), "browser": request.headers.get("User-Agent", "")[:300]}
    with transaction.atomic():
        person = lock_person(user.pk)
        if unless is None or not unless.exists():
            tell_of_person(kind, person, clock.now(), organization=organization, data=data, details=place)
