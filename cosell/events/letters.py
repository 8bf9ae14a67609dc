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

from cosell.events import catalogue, unsubscribing
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Fill
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


@dataclass(frozen=True)
class Letter:
    """The words of a mail."""

    subject: str
    text: str
    html: str


def mail(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of `delivery`: text and HTML, one Message-ID for all tries, one thread per stream of events.

    Raises whatever its message's context and templates raise; LookupError when the catalogue has no such message.
    """
    message = _message(delivery)
    recipient = Recipient.of_delivery(delivery)
    with _as_read_by(recipient):
        context = _context(message, delivery, recipient) | _doors(message, delivery)
        letter = written(message, context)
        mailed = EmailMultiAlternatives(
            subject=letter.subject,
            body=letter.text,
            to=[formataddr((_one_line(recipient.name), recipient.address))],
            headers=_headers(message, delivery, context["unsubscribe_link"]),
        )
    mailed.attach_alternative(letter.html, "text/html")
    return mailed


def written(message: Message, context: dict[str, Any]) -> Letter:
    """The three texts of a mail; its heading is the subject."""
    subject = _one_line(_text(f"{message.template}_subject.txt", context))
    context = {**context, "subject": subject}
    html = get_template(f"{message.template}_body.html").render(context)
    return Letter(subject, _text(f"{message.template}_body.txt", context), html)


def shown(delivery: Delivery) -> Letter:
    """The mail of `delivery` for other eyes than its reader's: without the doors that open for that person alone."""
    message, recipient = _message(delivery), Recipient.of_delivery(delivery)
    with _as_read_by(recipient):
        doors = dict.fromkeys(("act_link", "unsubscribe_link", "preferences_link"), "")
        return written(message, _context(message, delivery, recipient) | doors)


def sample(message: Message, recipient: Recipient, fill: Fill) -> Letter:
    """The mail of a made-up case, as `recipient` would read it. LookupError when the message has none."""
    if message.sample is None:
        raise LookupError(f"{message.name} has no sample")
    with _as_read_by(recipient):
        context = _around(message, recipient, message.sample(message.name, fill))
        act = context["link"] if message.act else ""
        stop = context["base_url"] if message.can_turn_off else ""
        return written(message, context | {"act_link": act, "unsubscribe_link": stop, "preferences_link": stop})


def _headers(message: Message, delivery: Delivery, unsubscribe_link: str) -> dict[str, str]:
    """For threads, filters and robots: who answers by itself leaves this alone; one click ends what may end."""
    thread = f"<{delivery.event.stream.replace(':', '.')}@{mail_domain()}>"
    headers = {
        "Message-ID": delivery.message_id,
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": f"<{message.name.replace('_', '-')}.{mail_domain()}>",
    }
    if unsubscribe_link:  # RFC 8058
        headers |= {"List-Unsubscribe": f"<{unsubscribe_link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def line(delivery: Delivery) -> tuple[str, str]:
    """What `delivery` says in one line, in its reader's language, and the address of the page to open.

    Raises as `mail` does.
    """
    message, recipient = _message(delivery), Recipient.of_delivery(delivery)
    with _as_read_by(recipient):
        context = _context(message, delivery, recipient)
        return _one_line(_text(f"{message.template}_subject.txt", context)), context["link"]


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
    return _around(message, recipient, message.context(delivery.event, recipient))


def _around(message: Message, recipient: Recipient, words: dict[str, Any]) -> dict[str, Any]:
    """The message's own words, and what every template may say beside them."""
    url = str(words.get("url") or "")
    return {
        "recipient": recipient,
        "told": message.told,
        "can_turn_off": message.can_turn_off,
        "base_url": settings.BASE_URL,
        "language": translation.get_language(),
        **words,
        "url": url,
        "link": urljoin(settings.BASE_URL, url) if url else "",
    }


def _doors(message: Message, delivery: Delivery) -> dict[str, str]:
    """Where the reader of this mail answers without signing in, and has less of it; "" for what they may not."""
    paths = {
        "act_link": message.act(delivery) if message.act else "",
        "unsubscribe_link": unsubscribing.path_for(delivery) if message.can_turn_off else "",
        "preferences_link": reverse("events:preferences") if delivery.user else "",
    }
    return {name: urljoin(settings.BASE_URL, path) if path else "" for name, path in paths.items()}


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
