"""What happened (Event, EventDetail: append-only, chained) and who is told (Delivery: the outbox)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cosell.events.enums import CARRIED, UNSENT, Cadence, Channel, ChatService, DeliveryState, Visibility
from cosell.events.queries import ChatHookQuerySet, DeliveryQuerySet, PreferenceQuerySet


class Event(models.Model):
    """One thing that happened. Written by `record` alone; the database refuses to change or remove it.

    The events of a stream form a chain: `hash` covers every field of the row and the hash before it
    (`chain.event_hash`). `data` holds codes and nothing personal; personal values and free text are in
    `EventDetail`, of which only the salted `digests` are part of the chain.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stream = models.CharField(max_length=60)  # "engagement:<uuid>" or "organization:<uuid>"
    seq = models.PositiveIntegerField()  # 1, 2, 3, ... within the stream
    kind = models.CharField(max_length=60)  # "deal.accepted"
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    # A plain number, for deals stand above this app: the side it is about.
    deal_id = models.BigIntegerField(null=True, blank=True)
    visibility = models.CharField(max_length=12, choices=Visibility)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24, blank=True)
    data = models.JSONField(default=dict)
    digests = models.JSONField(default=dict)  # {detail key: sha256 in hex}
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [models.UniqueConstraint(name="event_once_in_stream", fields=["stream", "seq"])]
        indexes = [
            models.Index(fields=["deal_id", "kind"], name="event_deal", condition=Q(deal_id__isnull=False)),
            models.Index(fields=["organization", "-at"], name="event_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.kind}"


class EventDetail(models.Model):
    """Free text or a personal value of an event. It can be erased; the chain still verifies afterwards."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="details")
    key = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    salt = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="eventdetail_once", fields=["event", "key"]),
            models.CheckConstraint(
                name="eventdetail_erased_is_empty",
                condition=Q(erased_at__isnull=True, value__isnull=False) & ~Q(salt="")
                | Q(erased_at__isnull=False, value__isnull=True, salt=""),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Preference(models.Model):
    """How the mails of one kind come to one person; without one, as the catalogue says."""

    person = models.CharField(max_length=260)  # Recipient.key: also somebody without a sign-in may want no more
    message = models.CharField(max_length=60)  # a name in the catalogue
    cadence = models.CharField(max_length=8, choices=Cadence)
    changed_at = models.DateTimeField()

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="preference_once", fields=["person", "message"])]

    def __str__(self) -> str:
        return f"{self.message}: {self.cadence}"


class ChatHook(models.Model):
    """An incoming webhook of a team's chat: what concerns the organization, or one of its locations, is said there."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="chat_hooks")
    location = models.ForeignKey(
        "accounts.Location",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="chat_hooks",
        verbose_name=_("location"),
        help_text=_("Empty: what concerns any location."),
    )
    name = models.CharField(_("name"), max_length=80)
    service = models.CharField(_("service"), max_length=8, choices=ChatService)
    url = models.URLField(_("address"), max_length=600)  # a secret: whoever has it may write there
    is_active = models.BooleanField(_("active"), default=True)
    last_ok_at = models.DateTimeField(_("last reached"), null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    objects = ChatHookQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat hook")
        verbose_name_plural = _("chat hooks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BadAddress(models.Model):
    """Mail to this address came back, or was refused for good."""

    address = models.EmailField(unique=True)  # in lower case
    reason = models.TextField()
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("address that mail does not reach")
        verbose_name_plural = _("addresses that mail does not reach")

    def __str__(self) -> str:
        return self.address


class Delivery(models.Model):
    """One message about one event to one person or chat by one channel: written with the event, sent after it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    message = models.CharField(max_length=60)  # a name in the catalogue
    channel = models.CharField(max_length=8, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    hook = models.ForeignKey(ChatHook, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    address = models.EmailField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=12, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)
    recipient_key = models.CharField(max_length=260)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.QUEUED)
    not_before = models.DateTimeField()  # the end of the minute in which it can be undone
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # How often a sender died with it in hand: each may have been a second copy, with the same Message-ID.
    unknown_outcomes = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # The event of the daily summary that it went with.
    summary = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="summed_up")
    acted_at = models.DateTimeField(null=True, blank=True)  # the link in it was used; a second use is refused
    created_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["event", "channel", "recipient_key"]),
            models.CheckConstraint(
                name="delivery_has_recipient",
                condition=Q(channel=Channel.MAIL) & ~Q(address="")
                | Q(channel=Channel.BELL, user__isnull=False)
                | Q(channel=Channel.CHAT, hook__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="delivery_due",
                condition=Q(channel__in=CARRIED, state__in=UNSENT),
            ),
            models.Index(fields=["next_try_at"], name="delivery_gathered", condition=Q(state=DeliveryState.GATHERED)),
            models.Index(fields=["summary"], name="delivery_summary", condition=Q(summary__isnull=False)),
            models.Index(fields=["claimed_at"], name="delivery_in_hand", condition=Q(state=DeliveryState.SENDING)),
            models.Index(fields=["-id"], name="delivery_failed", condition=Q(state=DeliveryState.FAILED)),
            models.Index(
                fields=["user", "-id"],
                name="delivery_bell",
                condition=Q(channel=Channel.BELL, state=DeliveryState.SENT),
            ),
            models.Index(
                fields=["user"],
                name="delivery_unread",
                condition=Q(channel=Channel.BELL, state=DeliveryState.SENT, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.address or self.recipient_key}"

    @property
    def message_id(self) -> str:
        """The same for every try, so that a mail reader shows a repeated mail once."""
        return f"<{self.uid}@{mail_domain()}>"


def mail_domain() -> str:
    """The domain that mail is sent from."""
    return settings.DEFAULT_FROM_EMAIL.rstrip("> ").rpartition("@")[2] or "localhost"
