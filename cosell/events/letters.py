"""The words of a delivery: the mail in its recipient's language and time zone, the line in the bell."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from itertools import groupby
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import Error as DatabaseError
from django.template import Context, Engine
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cosell.events import catalogue
from cosell.events.catalogue import Message, Recipient
from cosell.events.models import Delivery, mail_domain
from cosell.web.dates import zone

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BellItem:
    """A line in the bell; `url` is the path of the page it opens."""

    pk: int
    line: str
    url: str
    at: datetime
    is_unread: bool


def mail(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of `delivery`: text and HTML, one Message-ID for all tries, one thread per stream of events.

    Raises whatever its message's context and templates raise; LookupError when the catalogue has no such message.
    """
    message = _message(delivery)
    recipient = Recipient.of_delivery(delivery)
    thread = f"<{delivery.event.stream.replace(':', '.')}@{mail_domain()}>"
    with _as_read_by(recipient):
        context = _context(message, delivery, recipient)
        letter = EmailMultiAlternatives(
            subject=_one_line(_text(f"{message.template}_subject.txt", context)),
            body=_text(f"{message.template}_body.txt", context),
            to=[formataddr((_one_line(recipient.name), recipient.address))],
            headers={
                "Message-ID": delivery.message_id,
                "In-Reply-To": thread,
                "References": thread,
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
        )
        letter.attach_alternative(get_template(f"{message.template}_body.html").render(context), "text/html")
    return letter


def bell_items(deliveries: Sequence[Delivery]) -> list[BellItem]:
    """The lines of these deliveries, in the language and time zone of the page."""
    by_message = sorted(deliveries, key=lambda delivery: delivery.message)
    for name, group in groupby(by_message, key=lambda delivery: delivery.message):
        message = catalogue.get(name)
        if message and message.prepare:
            message.prepare([delivery.event for delivery in group])
    return [_bell_item(delivery) for delivery in deliveries]


def _bell_item(delivery: Delivery) -> BellItem:
    line, url = _("A message that can no longer be shown"), reverse("events:bell")
    try:
        message = _message(delivery)
        context = _context(message, delivery, Recipient.of_delivery(delivery))
        line, url = _one_line(_text(f"{message.template}_subject.txt", context)), context["url"] or url
    except DatabaseError:
        raise
    except Exception:
        # One broken message must not take the whole bell away.
        logger.exception("Delivery %s has no line for the bell", delivery.pk)
    return BellItem(delivery.pk, line, url, delivery.event.at, delivery.read_at is None)


def _message(delivery: Delivery) -> Message:
    message = catalogue.get(delivery.message)
    if message is None:
        raise LookupError(f"The catalogue has no message {delivery.message}")
    return message


def _context(message: Message, delivery: Delivery, recipient: Recipient) -> dict[str, Any]:
    context = {"url": "", "event": delivery.event, "recipient": recipient, "can_turn_off": message.can_turn_off}
    context |= message.context(delivery.event, recipient)
    context["base_url"] = settings.BASE_URL
    context["link"] = urljoin(settings.BASE_URL, str(context["url"])) if context["url"] else ""
    context["language"] = translation.get_language()
    return context


def _text(template: str, context: dict[str, Any]) -> str:
    """Plain text: nothing is escaped; so the result is not marked as safe for a page either."""
    words = Engine.get_default().get_template(template).render(Context(context, autoescape=False))
    return re.sub(r"\n{3,}", "\n\n", words).strip() + "\n"


def _one_line(words: str) -> str:
    return " ".join(words.split())


@contextmanager
def _as_read_by(recipient: Recipient) -> Iterator[None]:
    language = recipient.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zone(recipient.time_zone)):
        yield
