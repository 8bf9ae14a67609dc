"""Files that show the contract. The bytes lie outside of every web root, under the uid; the name is only said."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registrations.enums import FileKind, Scan
from registrations.models.registration import Registration

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 20


class Evidence(models.Model):
    """One file, whole once `sha256` is set; until then `received` of its `size` bytes have come."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="evidence")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()  # bytes
    received = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=8, choices=FileKind, blank=True)
    scan = models.CharField(max_length=8, choices=Scan, blank=True)
    number = models.PositiveSmallIntegerField(null=True, blank=True)  # the first submission that it was part of
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="evidence_size", condition=Q(size__gt=0, size__lte=MAX_BYTES)),
            models.CheckConstraint(name="evidence_received", condition=Q(received__lte=F("size"))),
            models.CheckConstraint(
                name="evidence_whole", condition=Q(sha256="") | (Q(received=F("size")) & ~Q(kind="") & ~Q(scan=""))
            ),
        ]

    def __str__(self) -> str:
        return self.name
