"""What a currency was worth in US dollars in a month: a published rate and its source, no guess (product.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from registrations.models import ExchangeRate, first_of_month

EUR, USD = "EUR", "USD"
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Rate:
    """`usd` dollars for one unit of `currency` in `month` (its first day). A dollar needs no publication."""

    currency: str
    month: date
    usd: Decimal
    published_on: date | None = None
    source: str = ""

    def in_usd(self, amount: Decimal) -> Decimal:
        return (amount * self.usd).quantize(CENT, ROUND_HALF_UP)


def rate(currency: str, day: date) -> Rate | None:
    """The rate of the month of `day`, crossed through the euro; None when it has not been imported."""
    month = first_of_month(day)
    if currency == USD:
        return Rate(USD, month, Decimal(1))
    rows = {row.currency: row for row in ExchangeRate.objects.filter(month=month, currency__in=(currency, USD))}
    dollar, own = rows.get(USD), rows.get(currency)
    if dollar is None or (own is None and currency != EUR):
        return None
    per_euro = own.per_euro if own else Decimal(1)
    oldest = own if own and own.published_on < dollar.published_on else dollar
    return Rate(
        currency, month, (dollar.per_euro / per_euro).quantize(Decimal("1e-10")), oldest.published_on, oldest.source
    )
