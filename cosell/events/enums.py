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


class DeliveryState(TextChoices):
    """A mail's way. What stands in the bell is SENT from the start and shows once its hold is over."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    RETRY = "retry", _("Will be tried again")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNSENT = (DeliveryState.QUEUED, DeliveryState.RETRY)
GONE = (DeliveryState.SENDING, DeliveryState.SENT)
