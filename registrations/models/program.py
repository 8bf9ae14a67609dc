"""The programs as the vendor runs them: targets, calendar, draw, blackout windows."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registrations.enums import ProgramCode


class Program(models.Model):
    """What the vendor sets for a program. Its criteria and checklist are code: `registrations.programs`."""

    code = models.CharField(_("program"), max_length=24, choices=ProgramCode, unique=True)
    is_open = models.BooleanField(_("takes registrations"), default=True)
    target_days = models.PositiveSmallIntegerField(
        _("review within, working days"), default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    exception_days = models.PositiveSmallIntegerField(
        _("answer to an exception within, working days"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    country = models.CharField(_("holidays of"), max_length=2, default="US")  # ISO alpha-2
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/Los_Angeles")
    draw_percent = models.DecimalField(
        _("drawn at random, percent"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(5),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    pick_days = models.PositiveSmallIntegerField(
        _("days in which an approved one may be picked"), default=30, validators=[MaxValueValidator(365)]
    )
    second_reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewer to whom overdue reviews go"),
    )

    class Meta:
        verbose_name = _("registration program")
        verbose_name_plural = _("registration programs")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.get_code_display()


class Blackout(models.Model):
    """A time in which nothing can be registered, such as the fiscal close; `program` empty means all of them."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, null=True, blank=True, related_name="blackouts", verbose_name=_("program")
    )
    name = models.CharField(_("name"), max_length=80)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))  # open again from this instant

    class Meta:
        verbose_name = _("blackout window")
        verbose_name_plural = _("blackout windows")
        ordering = ["starts_at", "pk"]
        constraints = [models.CheckConstraint(name="blackout_has_length", condition=Q(ends_at__gt=F("starts_at")))]

    def __str__(self) -> str:
        return self.name


class ExchangeRate(models.Model):
    """What one euro buys of a currency in a month: the last publication before the month begins (product.md §7)."""

    currency = models.CharField(_("currency"), max_length=3)  # ISO 4217; the euro itself has no row
    month = models.DateField(_("month"))  # its first day
    per_euro = models.DecimalField(
        _("per euro"), max_digits=16, decimal_places=6, validators=[MinValueValidator(Decimal("0.000001"))]
    )
    published_on = models.DateField(_("published on"))
    source = models.CharField(_("source"), max_length=80)  # "ECB"
    imported_at = models.DateTimeField(_("imported"), editable=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-month", "currency"]
        constraints = [
            models.UniqueConstraint(name="exchangerate_once", fields=["month", "currency"]),
            models.CheckConstraint(name="exchangerate_month", condition=Q(month__day=1)),
            models.CheckConstraint(name="exchangerate_before", condition=Q(published_on__lt=F("month"))),
            models.CheckConstraint(name="exchangerate_positive", condition=Q(per_euro__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.month:%Y-%m}"


def first_of_month(day: date) -> date:
    return day.replace(day=1)
