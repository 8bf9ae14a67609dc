"""How allauth signs people in here."""

import math
import time
from typing import Any
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import ngettext

from accounts import signing_in
from accounts.models import User

FAILURES = {"app": "allauth.account", "action": "login_failed"}


class InviteOnlyAdapter(DefaultAccountAdapter):
    """People are brought in by their organization; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:profile")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Never by the name that the request gave for this server."""
        return urljoin(settings.BASE_URL, super().get_reset_password_from_key_url(key))

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """By the outbox: a mail server that is down holds no page, and loses no mail (accounts/notifications.py)."""
        signing_in.reset_asked(user)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """After too many failures the answer says when the next try counts."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            minutes = math.ceil(self._seconds_to_wait(request, credentials) / 60) or 1
            text = ngettext(
                "Too many failed tries. Try again in %(minutes)d minute, or choose a new password.",
                "Too many failed tries. Try again in %(minutes)d minutes, or choose a new password.",
                minutes,
            )
            raise ValidationError(text % {"minutes": minutes}, code="too_many_login_attempts") from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        signing_in.failed(request, credentials.get("email", ""))

    def _seconds_to_wait(self, request: HttpRequest, credentials: dict[str, Any]) -> float:
        """Until the oldest failure that counts is forgotten, by the strictest of the limits that are reached."""
        key = self._get_login_attempts_cache_key(request, **credentials)
        waits = [0.0]
        for rate in ratelimit.get_rates(**FAILURES):
            times = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **FAILURES), [])
            if len(times) >= rate.amount:  # the newest first
                waits.append(times[rate.amount - 1] + rate.duration - time.time())
        return max(waits)
