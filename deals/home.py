"""What waits for a person: the list at the top of the home page. Apps above this one add what waits there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from deals import perms
from deals.actions.drafts import WARN_AFTER, removal_at
from deals.enums import Direction, Stage
from deals.models import Deal, Draft, MatchCase
from deals.queries import DealQuerySet

if TYPE_CHECKING:
    from accounts.who import Who

MOST = 50  # of each sort
READERS = (Role.REFERRALS_VIEWER, Role.REVIEWER)  # see deals and change none
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """One thing that waits. `until`: when it is too late, or due; None where no clock runs."""

    kind: str
    title: str
    url: str
    to_do: str
    customer: str = ""
    sender: str = ""
    value: Decimal | None = None
    currency: str = ""
    until: datetime | None = None


def to_answer(who: Who, now: datetime) -> list[Item]:
    """Everything that waits for `who` in the current organization, what expires first at the top.

    The number of queries does not depend on how much waits.
    """
    found = [item for waiting in WAITING for item in waiting(who, now)]
    return sorted(found, key=lambda item: (item.until or NEVER, item.title))


def editable_by(who: Who) -> DealQuerySet:
    """The own sides that `who` may change (perms.is_editor), as rows: those seen without the roles that only read."""
    changing = replace(who, memberships=tuple(each for each in who.memberships if each.role not in READERS))
    found: DealQuerySet = Deal.objects.visible_to(changing).filter(organization=who.organization)
    return found


def invitations(who: Who, now: datetime) -> Iterable[Item]:
    waiting = editable_by(who).filter(stage=Stage.RECEIVED, expires_at__gt=now)
    waiting = waiting.select_related("engagement__customer", "invited_from__organization")
    for deal in waiting.order_by("expires_at", "pk")[:MOST]:
        yield Item(
            kind=_("Invitation"),
            title=deal.name,
            url=reverse("deals:detail", args=[deal.uid]),
            to_do=_("Accept or decline"),
            customer=deal.engagement.customer.name,
            sender=deal.invited_from.organization.name if deal.invited_from else "",
            value=deal.value,
            currency=deal.currency,
            until=deal.expires_at,
        )


def questions(who: Who, now: datetime) -> Iterable[Item]:
    """What the host asks about a customer that the own organization entered."""
    own = editable_by(who).filter(direction=Direction.OUTBOUND)
    asked = MatchCase.objects.asked().filter(engagement__in=own.values("engagement"))
    cases = asked.select_related("engagement__host", "typed").order_by("opened_at", "pk")[:MOST]
    sides = {deal.engagement_id: deal for deal in own.filter(engagement__in=[case.engagement_id for case in cases])}
    for case in cases:
        deal = sides[case.engagement_id]
        yield Item(
            kind=_("Question"),
            title=deal.name,
            url=reverse("deals:detail", args=[deal.uid]),
            to_do=_("Say who the customer is"),
            customer=case.typed.name,
            sender=case.engagement.host.name,
            value=deal.value,
            currency=deal.currency,
        )


def old_drafts(who: Who, now: datetime) -> Iterable[Item]:
    if not perms.can_start_draft(who):
        return
    mine = Draft.objects.filter(owner=who.user, organization=who.organization, updated_at__lte=now - WARN_AFTER)
    for draft in mine.order_by("updated_at", "pk")[:MOST]:
        yield Item(
            kind=_("Draft"),
            title=draft.title,
            url=reverse("deals:draft", args=[draft.uid, "customer"]),
            to_do=_("Go on, or it is removed"),
            until=removal_at(draft, now),
        )


Waiting = Callable[["Who", datetime], Iterable[Item]]
WAITING: list[Waiting] = [invitations, questions, old_drafts]


def add(waiting: Waiting) -> None:
    """Called by each app above, at start-up."""
    if waiting not in WAITING:
        WAITING.append(waiting)
