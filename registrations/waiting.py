"""What waits for a person about registrations: a part of the list on the home page (deals.home)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from deals.enums import RegistrationState
from deals.home import MOST, Item, editable_by
from registrations import queue
from registrations.models import ExceptionRequest, Registration

if TYPE_CHECKING:
    from accounts.who import Who


def to_send_again(who: Who, now: datetime) -> Iterable[Item]:
    """Own registrations that the host asks changes of."""
    own = Registration.objects.filter(deal__in=editable_by(who), state=RegistrationState.ACTION_REQUIRED)
    for registration in own.with_page_data().order_by("updated_at", "pk")[:MOST]:
        deal = registration.deal
        yield Item(
            kind=_("Registration"),
            title=deal.name,
            url=reverse("registrations:registration", args=[deal.uid]),
            to_do=str(RegistrationState.ACTION_REQUIRED.label),
            customer=registration.engagement.customer.name,
            sender=registration.engagement.host.name,
            value=registration.contract_value or deal.value,
            currency=registration.currency or deal.currency,
        )


def to_review(who: Who, now: datetime) -> Iterable[Item]:
    """What a reviewer has in hand, and what is overdue; but nothing of a deal on whose team one is."""
    waiting = queue.tab_rows(who, queue.WAITING, now)
    wanted = queue.tab_rows(who, queue.MINE, now) | waiting.filter(due_at__lt=now)
    others = wanted.exclude(engagement__sides__team__user=who.user)
    for registration in others.with_page_data().order_by("due_at", "pk")[:MOST]:
        yield Item(
            kind=_("Review"),
            title=registration.deal.name,
            url=reverse("registrations:case", args=[registration.uid]),
            to_do=_("Decide"),
            customer=registration.engagement.customer.name,
            sender=registration.deal.organization.name,
            value=registration.contract_value,
            currency=registration.currency,
            until=registration.due_at,
        )


def exceptions(who: Who, now: datetime) -> Iterable[Item]:
    """Exceptions that are asked for and overdue."""
    asked = ExceptionRequest.objects.reviewable_by(who).waiting().filter(due_at__lt=now)
    asked = asked.exclude(deal__engagement__sides__team__user=who.user)
    related = asked.select_related("deal__organization", "deal__engagement__customer")
    for exception in related.order_by("due_at", "pk")[:MOST]:
        deal = exception.deal
        yield Item(
            kind=_("Exception"),
            title=deal.name,
            url=reverse("registrations:exception_case", args=[exception.uid]),
            to_do=_("Decide"),
            customer=deal.engagement.customer.name,
            sender=deal.organization.name,
            value=deal.final_value or deal.value,
            currency=deal.currency,
            until=exception.due_at,
        )
