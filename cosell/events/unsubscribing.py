"""No more mails of a kind, by the link in each of them: in one click (RFC 8058), without signing in."""

from dataclasses import dataclass
from typing import Self

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cosell import clock
from cosell.events import catalogue, preferences
from cosell.events.catalogue import Message
from cosell.events.enums import Cadence
from cosell.events.models import Delivery

SALT = "cosell.events.unsubscribing"


@dataclass(frozen=True)
class Kind:
    """The mails of `message` that come to `person` (a Recipient.key)."""

    person: str
    message: Message

    @classmethod
    def named(cls, token: str) -> Self:
        """404 for what we did not sign, and for a message that cannot be turned off (any more)."""
        try:
            person, name = signing.Signer(salt=SALT).unsign_object(token)
        except (signing.BadSignature, ValueError):
            raise Http404 from None
        message = catalogue.get(name)
        if message is None or Cadence.OFF not in dict(preferences.choices(message)):
            raise Http404
        return cls(person, message)

    @property
    def is_off(self) -> bool:
        return preferences.chosen_by(self.person)[self.message.name] == Cadence.OFF

    def set_off(self, *, off: bool) -> None:
        usual = self.message.default if self.message.default != Cadence.OFF else Cadence.AT_ONCE
        wanted = Cadence.OFF if off else usual
        preferences.choose(self.person, {self.message.name: wanted}, clock.now())


def path_for(delivery: Delivery) -> str:
    """The path behind List-Unsubscribe. It never ends: old mails are turned off, too."""
    token = signing.Signer(salt=SALT).sign_object([delivery.recipient_key, delivery.message])
    return reverse("events:unsubscribe", args=[token])


@csrf_exempt  # mail programs post without cookies; who has the token got the mail
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what it is about, POST ends it; `again` takes that back."""
    kind = Kind.named(token)
    if request.method == "POST":
        kind.set_off(off="again" not in request.POST)
    context = {"title": kind.message.title, "is_off": kind.is_off, "was_done": request.method == "POST"}
    return render(request, "events/unsubscribe.html", context)
