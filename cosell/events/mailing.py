"""Mails, handed to the mail server: any backend of Django's (docs/mail.md)."""

import logging
import re
import smtplib

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage, get_connection
from django.db import Error as DatabaseError

from cosell.events import letters
from cosell.events.catalogue import Recipient
from cosell.events.enums import DeliveryState
from cosell.events.models import Delivery
from cosell.events.outcome import SENT, Outcome

logger = logging.getLogger(__name__)

GOOD_BYE = 421
# Of a service's answers: what is wrong with us (its key, our quota) or now (it is busy), not with the mail.
NOT_THE_MAIL = frozenset({401, 403, 408, 429})
# Enhanced codes (RFC 3463): 5.1 the address, 5.2 the mailbox; others are about us, the way, or what is written.
ENHANCED = re.compile(r"^\s*[45]\.(\d{1,3})\.\d{1,3}\b")
ABOUT_THE_ADDRESS = frozenset({"1", "2"})
UNKNOWN_MAILBOX = frozenset({550, 551, 553})  # what says so where there is no enhanced code


class MailServer:
    """A talk with the mail server, kept open from one mail to the next."""

    def __init__(self) -> None:
        self.backend = get_connection()

    def is_there(self) -> bool:
        """Reach it, if it is not reached yet; before a mail is claimed, so that a dead one costs no mail a try."""
        try:
            self.backend.open()
        except OSError as error:
            logger.warning("The mail server cannot be reached, mails wait: %s", error)
            return False
        return True

    def hang_up(self) -> None:
        try:
            self.backend.close()
        except OSError as error:
            logger.info("The mail server did not say good-bye: %s", error)

    def hand_over(self, delivery: Delivery) -> Outcome:
        """Send a claimed mail."""
        if delivery.user and not delivery.user.is_active:
            return Outcome(DeliveryState.CANCELLED, "The person's sign-in was closed")
        try:
            letter = letters.mail(delivery)
            letter.metadata = {"delivery": str(delivery.uid)}  # type: ignore[attr-defined]  # a service says it again
            letter.message()  # builds it: a bad address or header shows here
        except DatabaseError:
            raise  # not the mail's fault; it is revived later
        except Exception as error:
            logger.exception("Delivery %s cannot be written", delivery.pk)
            return Outcome(DeliveryState.FAILED, f"Cannot be written: {error!r}")
        return self._send(letter, delivery)

    def _send(self, letter: EmailMessage, delivery: Delivery) -> Outcome:
        address = Recipient.of_delivery(delivery).address
        try:
            self.backend.send_messages([letter])
        except smtplib.SMTPRecipientsRefused as refusal:
            return _refused(*next(iter(refusal.recipients.values())), address, says_550_of_nobody=True)
        except smtplib.SMTPDataError as refusal:
            return _refused(refusal.smtp_code, refusal.smtp_error, address, says_550_of_nobody=False)
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            return Outcome(DeliveryState.FAILED, f"Not an address that mail reaches: {error}")
        except AnymailError as error:
            return _refused_by_service(error, address)
        except DatabaseError:
            raise
        except Exception as error:  # the connection, a time-out; or it refuses us, the sender: not this mail's fault
            logger.warning("The mail server broke off at delivery %s: %s", delivery.pk, error)
            answered = isinstance(error, smtplib.SMTPResponseException)
            return Outcome(DeliveryState.RETRY, str(error) or repr(error), broke_off=True, is_unknown=not answered)
        return SENT


def is_about_the_address(code: int, reply: str, *, says_550_of_nobody: bool) -> bool:
    """Does this refusal for good mean that mail does not reach the address, and not that it was this mail, or us?"""
    enhanced = ENHANCED.match(reply)
    if enhanced:
        return enhanced[1] in ABOUT_THE_ADDRESS
    return says_550_of_nobody and code in UNKNOWN_MAILBOX


def _refused(code: int, reply: bytes | str, address: str, *, says_550_of_nobody: bool) -> Outcome:
    """4xx: not now. 5xx: not ever."""
    said = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    if code < 500:
        return Outcome(DeliveryState.RETRY, f"{code} {said}", broke_off=code == GOOD_BYE)
    bad = address if is_about_the_address(code, said, says_550_of_nobody=says_550_of_nobody) else ""
    return Outcome(DeliveryState.FAILED, f"{code} {said}", bad_address=bad)


def _refused_by_service(error: AnymailError, address: str) -> Outcome:
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome(DeliveryState.FAILED, str(error), bad_address=address)
    status = error.status_code or 0
    if isinstance(error, AnymailAPIError) and (not 400 <= status < 500 or status in NOT_THE_MAIL):
        logger.warning("The mail service broke off: %s", error)
        return Outcome(DeliveryState.RETRY, str(error), broke_off=True, is_unknown=status == 0)
    return Outcome(DeliveryState.FAILED, str(error))
