"""What the drafts of an organization cost in a month: a row each, written before the question is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from accounts.models import Organization
from cosell import clock
from deals.enums import DraftOutcome
from deals.models import DraftedNotes

if TYPE_CHECKING:
    from accounts.who import Who

FREE = (DraftOutcome.BUSY, DraftOutcome.UNREACHABLE)  # nobody worked on it


def estimated(*texts: str) -> int:
    """Tokens of texts, rather too many: in most languages a token is three to four characters."""
    return sum(map(len, texts)) // 3 + 1


def begin(who: Who, most: int, prompt_version: str) -> DraftedNotes | None:
    """Set `most` tokens aside; None when they would exceed the month's budget.

    1. Lock the organization, so that two drafts at once do not both take the last tokens.
    2. Count the calendar month (UTC).
    3. Write the row as if the process died at once: cut off, at the full price. `finish` puts it right.
    """
    now = clock.now()
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        organization = Organization.objects.select_for_update(of=("self",)).get(pk=who.organization.pk)
        spent = DraftedNotes.objects.filter(organization=organization, started_at__gte=month).aggregate(
            tokens=Sum("tokens", default=0)
        )
        if spent["tokens"] + most > settings.COSELL_LLM_MONTHLY_TOKENS:
            return None
        return DraftedNotes.objects.create(
            organization=organization,
            user=who.user,
            model=settings.COSELL_LLM_MODEL[:120],
            prompt_version=prompt_version,
            tokens=most,
            outcome=DraftOutcome.CUT_OFF,
            started_at=now,
        )


def finish(row: DraftedNotes, outcome: DraftOutcome, tokens: int, seconds: float) -> None:
    row.outcome, row.tokens, row.seconds = outcome, 0 if outcome in FREE else tokens, round(seconds, 3)
    row.save(update_fields=["outcome", "tokens", "seconds"])
