"""A rate that is missing is an error for the operator (product.md §7): found, logged and mailed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from django.core.cache import cache
from django.core.mail import mail_admins
from django.db.models import Q

from deals.enums import ACTIVE, REGISTRATION_WAITS, Stage
from deals.models import Deal
from registrations.models import ExchangeRate, first_of_month
from registrations.rates import EUR, USD
from registrations.rates.ecb import last_publication_before
from registrations.rates.importing import next_month

logger = logging.getLogger(__name__)
FROM_DAY = 25  # of a month, for the next one's
KEPT_SECONDS = 10 * 86_400
HOW = "How to import them: docs/exchange-rates.md, `manage.py import_rates`, or /admin/registrations/exchangerate/."


@dataclass(frozen=True)
class Missing:
    """What lacks of a month (its first day): all of it, or some currencies in use."""

    month: date
    currencies: tuple[str, ...]
    whole: bool

    @property
    def due_on(self) -> date:
        return last_publication_before(self.month)


def currencies_in_use() -> set[str]:
    """Of deals that are open, or won with a registration that is not decided."""
    used = Deal.objects.filter(
        Q(stage__in=(*ACTIVE, Stage.RECEIVED)) | Q(stage=Stage.WON, registration_state__in=REGISTRATION_WAITS)
    )
    return set(used.order_by().values_list("currency", flat=True).distinct())


def missing(now: datetime) -> list[Missing]:
    """Of this month, and from the 25th on of the next."""
    this = first_of_month(now.date())
    months = [this, next_month(this)] if now.day >= FROM_DAY else [this]
    needed = {USD, *currencies_in_use()} - {EUR}
    kept = set(ExchangeRate.objects.filter(month__in=months).values_list("month", "currency"))
    found = []
    for month in months:
        lacking = tuple(sorted(each for each in needed if (month, each) not in kept))
        if lacking:
            found.append(Missing(month, lacking, whole=USD in lacking))
    return found


def warn_of_missing(now: datetime) -> bool:
    """Log and mail what is missing: daily, but only once as long as the last publication is still to come."""
    found = [each for each in missing(now) if cache.add(_mark(each, now), 1, KEPT_SECONDS)]
    if not found:
        return False
    words = "\n".join(_said(each, now) for each in found)
    logger.error("Exchange rates are missing. %s", words)
    months = ", ".join(f"{each.month:%Y-%m}" for each in found)
    try:
        mail_admins(f"Exchange rates are missing: {months}", f"{words}\n\n{HOW}\n")
    except Exception:
        cache.delete_many([_mark(each, now) for each in found])  # the next run tries again
        raise
    return True


def _mark(each: Missing, now: datetime) -> str:
    day = now.date() if now.date() >= each.due_on else "ahead"
    return f"rates-missing-{each.month}-{day}"


def _said(each: Missing, now: datetime) -> str:
    currencies = ", ".join(each.currencies)
    if not each.whole:
        return f"{each.month:%Y-%m}: no rate of {currencies}, which deals use."
    when = "come" if now.date() <= each.due_on else "came"
    return f"{each.month:%Y-%m}: nothing is imported. In use: {currencies}. Its rates {when} on {each.due_on}."
