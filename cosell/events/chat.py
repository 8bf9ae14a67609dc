"""What the chats of a company are told, by the incoming webhooks of Teams and Slack (docs/mail.md).

One line, which may name the customer, and a button; never a note, a contact or an amount. The address of a hook is a
secret: it stands in no log, no error and no page.
"""

import html
import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cosell import clock
from cosell.events import letters
from cosell.events.enums import ChatService, DeliveryState, Visibility
from cosell.events.models import ChatHook, Delivery
from cosell.events.outcome import SENT, Outcome
from cosell.events.record import record
from cosell.web import outside

logger = logging.getLogger(__name__)

FAILING = "chat.failing"  # the kind of the event
FAILS_AFTER = 3  # tries of one line without an answer; a server that is started anew is no failure
NOT_NOW = frozenset({408, 425, 429})  # and all from 500
LONGEST_LINE = 2000
LONGEST_ANSWER = 200  # of what the server says, for who looks for the fault
CARD = (Path(__file__).parent / "teams_card.json").read_text()


def payload(delivery: Delivery) -> dict[str, Any]:
    """What is posted to tell of `delivery`. Raises whatever its message's context and templates raise."""
    assert delivery.hook
    line, link = letters.line(delivery)
    return said(delivery.hook, line, link)


def said(hook: ChatHook, line: str, link: str) -> dict[str, Any]:
    """One line as the hook's service wants it, with a button that opens `link` where there is one."""
    line = line[:LONGEST_LINE]
    with translation.override(hook.organization.language):
        button = _("Open")
    return (_card if hook.service == ChatService.TEAMS else _blocks)(line, link, button)


def _card(line: str, link: str, button: str) -> dict[str, Any]:
    """An adaptive card. Its text is a run of plain text: in a text block a customer's name could be Markdown."""
    message: dict[str, Any] = json.loads(CARD)
    card = message["attachments"][0]["content"]
    card["body"][0]["inlines"][0]["text"] = line
    card["actions"] = [{**card["actions"][0], "title": button, "url": link}] if link else []
    return message


def _blocks(line: str, link: str, button: str) -> dict[str, Any]:
    """`text` is what a notification shows; in both, these three characters would begin a link or call everybody."""
    text = html.escape(line, quote=False)
    blocks: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    if link:
        opens = {"type": "button", "text": {"type": "plain_text", "text": button}, "url": link}
        blocks.append({"type": "actions", "elements": [opens]})
    return {"text": text, "blocks": blocks}


def post(hook: ChatHook, content: dict[str, Any]) -> Outcome:
    """Say it. Nothing is raised: every fault is an outcome."""
    try:
        with outside.session() as session:
            answer = session.post(hook.url, json=content)
    except outside.NoSuchHost as error:
        return Outcome(DeliveryState.RETRY, error.words, broke_off=True)
    except outside.NotOutside as error:
        return Outcome(DeliveryState.FAILED, error.words)
    except requests.exceptions.SSLError:
        return Outcome(DeliveryState.RETRY, _("Its certificate cannot be trusted."), broke_off=True)
    except outside.NotReached:
        return Outcome(DeliveryState.RETRY, _("It cannot be reached."), broke_off=True)
    except requests.exceptions.InvalidURL:
        return Outcome(DeliveryState.FAILED, _("This is not an address of the web."))
    except requests.RequestException as error:
        # Their words hold the address, so only their kind is said.
        logger.info("Chat hook %s broke off: %s", hook.pk, type(error).__name__)
        return Outcome(
            DeliveryState.RETRY, _("It broke off, or did not answer in time."), broke_off=True, is_unknown=True
        )
    return _judged(answer)


def _judged(answer: requests.Response) -> Outcome:
    status = answer.status_code
    if status < 300:
        return SENT
    words = _("It answered %(status)d: %(text)s") % {"status": status, "text": answer.text[:LONGEST_ANSWER].strip()}
    if status >= 500 or status in NOT_NOW:
        return Outcome(DeliveryState.RETRY, words, wait=_asked_wait(answer.headers.get("Retry-After")), broke_off=True)
    return Outcome(DeliveryState.FAILED, words)


def _asked_wait(value: str | None) -> timedelta | None:
    """`Retry-After`: seconds, or a moment."""
    if not value:
        return None
    if value.strip().isdecimal():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        return max(parsedate_to_datetime(value).replace(tzinfo=UTC) - clock.now(), timedelta())
    except ValueError:
        return None


def hand_over(delivery: Delivery) -> Outcome:
    """Tell the chat of a claimed delivery, and keep at the hook how that went."""
    hook = delivery.hook
    assert hook
    if not hook.is_active:
        return Outcome(DeliveryState.CANCELLED, "The chat was switched off")
    try:
        content = payload(delivery)
    except DatabaseError:
        raise  # not its fault; it is revived later
    except Exception as error:
        logger.exception("Delivery %s cannot be written", delivery.pk)
        return Outcome(DeliveryState.FAILED, f"Cannot be written: {error!r}")
    outcome = post(hook, content)
    if outcome.state == DeliveryState.SENT:
        ChatHook.objects.filter(pk=hook.pk).update(last_ok_at=clock.now(), failing_since=None, last_error="")
    elif outcome.state == DeliveryState.FAILED or delivery.attempts >= FAILS_AFTER:
        failed(hook, outcome.words, clock.now())
    return outcome


def failed(hook: ChatHook, words: str, now: datetime) -> None:
    """Keep that the hook does not work; the first time since it worked, its organization's admins are told."""
    organizations = type(hook.organization).objects
    with transaction.atomic():
        organization = organizations.select_for_update(of=("self",)).get(pk=hook.organization_id)
        row = ChatHook.objects.select_for_update(of=("self",)).filter(pk=hook.pk).first()
        if row is None:
            return
        is_news = row.failing_since is None
        row.last_error, row.failing_since = words[:500], row.failing_since or now
        row.save(update_fields=["last_error", "failing_since"])
        if is_news:
            record(
                FAILING,
                stream=f"organization:{organization.uid}",
                at=now,
                organization=organization,
                visibility=Visibility.ORGANIZATION,
                data={"hook": hook.pk},
                details={"name": hook.name, "error": words},
            )


def try_hook(hook: ChatHook) -> str:
    """Say there that it works; empty when it does, else what happened, for who pressed the button. The row is as
    after any other line."""
    with translation.override(hook.organization.language):
        line = _("This chat is told of the opportunities and registrations of %(organization)s from now on.")
        line %= {"organization": hook.location or hook.organization}
    outcome = post(hook, said(hook, line, urljoin(settings.BASE_URL, "/")))
    if outcome.state == DeliveryState.SENT:
        ChatHook.objects.filter(pk=hook.pk).update(last_ok_at=clock.now(), failing_since=None, last_error="")
    return outcome.words
