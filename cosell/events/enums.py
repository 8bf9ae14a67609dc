"""Words of the register and the outbox."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Visibility(TextChoices):
    """Who may see that it happened: every side of the engagement, only the organization that it is about, or that one
    and the host."""

    ENGAGEMENT = "engagement", _("Everyone on the deal")
    HOST = "host", _("Own organization and the host")
    ORGANIZATION = "organization", _("Own organization")


class Channel(TextChoices):
    MAIL = "mail", _("Mail")
    BELL = "bell", _("Bell")
    CHAT = "chat", _("Chat")


PERSONAL = (Channel.MAIL, Channel.BELL)


class Cadence(TextChoices):
    """How the mails of one kind come to one person. What stands in the bell is there at once, always."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    OFF = "off", _("Never")


class Fill(TextChoices):
    """How much stands in the made-up case of a preview."""

    USUAL = "usual", _("Usual values")
    LONG = "long", _("Long values")
    MISSING = "missing", _("Missing values")


class ChatService(TextChoices):
    TEAMS = "teams", "Teams"
    SLACK = "slack", "Slack"


class DeliveryState(TextChoices):
    """The way of a mail or a chat line. What stands in the bell is SENT from the start and shows after its hold.

    What is GATHERED waits for the summary of the person's next morning, and is SENT with it.
    """

    QUEUED = "queued", _("Waiting")
    GATHERED = "gathered", _("Waiting for the daily summary")
    SENDING = "sending", _("Being sent")
    RETRY = "retry", _("Will be tried again")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNSENT = (DeliveryState.QUEUED, DeliveryState.RETRY)
UNDONE = (*UNSENT, DeliveryState.GATHERED)  # what an undo calls back
CARRIED = (Channel.MAIL, Channel.CHAT)  # handed to somebody else's server
GONE = (DeliveryState.SENDING, DeliveryState.SENT)
