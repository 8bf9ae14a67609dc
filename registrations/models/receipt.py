"""Signed receipts: what was submitted or decided, and when, checkable by anybody who has the public key."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from registrations.enums import ReceiptKind
from registrations.models.registration import Registration


class ReceiptKey(models.Model):
    """A public key that receipts were signed with; it stays when another one takes over."""

    kid = models.CharField(max_length=16, unique=True)  # the start of the public key's SHA-256, in hex
    public_pem = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kid


class Receipt(models.Model):
    """`payload` is the very text that was signed (Ed25519); JSON and PDF are made from it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=12, choices=ReceiptKind)
    number = models.PositiveSmallIntegerField()  # 1, 2, 3, ... of this registration
    payload = models.TextField()
    signature = models.CharField(max_length=88)  # base64
    key = models.ForeignKey(ReceiptKey, on_delete=models.PROTECT, related_name="+")
    event_seq = models.PositiveIntegerField()  # in the engagement's chain: what it is about
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="receipt_once", fields=["registration", "number"]),
            models.UniqueConstraint(name="receipt_once_for_event", fields=["registration", "event_seq"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
