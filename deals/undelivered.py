"""Mails of an invitation and its answer that did not arrive: which, and what a reader of the deal may know of them.

The clock of an invitation runs all the same (product.md §2), so whoever waits for the answer has to know. A person's
name and address, and what their mail server said, which may hold it, are shown to their own company alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.who import Who
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import BadAddress, Delivery
from cosell.events.queries import DeliveryQuerySet
from deals import perms
from deals.enums import EventKind, Stage
from deals.models import Deal, TeamMember

ASKING = (EventKind.INVITED, EventKind.EXPIRING)  # of no use once it is answered
ANSWERING = (EventKind.ACCEPTED, EventKind.DECLINED, EventKind.EXPIRED, EventKind.WITHDRAWN)


@dataclass(frozen=True)
class Undelivered:
    """A mail that did not arrive. `to` is a person of the reader's company, else "a receiver at" theirs."""

    uid: UUID
    to: str
    reason: str
    clock_runs: bool


def with_marks(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """Each deal with `failed_mails`, ids of deliveries about it and its invitations, and `unreached`, addresses of its
    team in lower case: most deals have neither, and ask for no more."""
    about = Deal.objects.filter(Q(pk=OuterRef(OuterRef("pk"))) | Q(invited_from=OuterRef(OuterRef("pk"))))
    failed = Delivery.objects.filter(
        channel=Channel.MAIL,
        state=DeliveryState.FAILED,
        event__kind__in=(*ASKING, *ANSWERING),
        event__deal_id__in=about.values("pk"),
    )
    team = TeamMember.objects.filter(deal=OuterRef(OuterRef("pk"))).values(low=Lower("email"))
    bad = BadAddress.objects.filter(address__in=team)
    marks = {"failed_mails": failed.values("pk"), "unreached": bad.values("address")}
    return deals.annotate(**{name: ArraySubquery(rows) for name, rows in marks.items()})


def seen_by(who: Who, deal: Deal) -> list[Undelivered]:
    """What `who` is told of on the page of a deal that came with its marks, the newest first.

    Of its own invitations a side is told always; of the mails to its own people about what it received itself, its
    admins are.
    """
    return [_told(who, row) for row in _rows(who, deal)]


def deliveries(who: Who, deal: Deal, uid: UUID) -> DeliveryQuerySet:
    """The one mail of these to send again or give up; empty when it is none of them, or not any more."""
    return Delivery.objects.filter(pk__in=[row.pk for row in _rows(who, deal) if row.uid == uid])


def _rows(who: Who, deal: Deal) -> Sequence[Any]:
    """Deliveries; `is_ours`: to people of the own company, `waits`: the invitation is still to be answered."""
    failed: list[int] = deal.failed_mails  # type: ignore[attr-defined]  # by with_marks
    if deal.organization_id != who.organization.pk or not failed:
        return []
    rows = (
        Delivery.objects.filter(pk__in=failed)
        .select_related("event__organization", "user")
        .annotate(
            is_ours=Exists(
                Membership.objects.filter(user=OuterRef("user"), organization=who.organization, is_active=True)
            )
            | Exists(TeamMember.objects.filter(deal=deal, user=None, email__iexact=OuterRef("address"))),
            waits=Exists(Deal.objects.filter(pk=OuterRef("event__deal_id"), stage=Stage.RECEIVED)),
        )
        .order_by("-pk")
    )
    return [row for row in rows if _concerns(who, deal, row)]


def _concerns(who: Who, deal: Deal, row: Any) -> bool:
    if row.event.kind in ASKING and not row.waits:
        return False
    if row.event.deal_id != deal.pk:
        return True
    return row.is_ours and perms.can_ask_about_others(who, deal)


def _told(who: Who, row: Any) -> Undelivered:
    runs = row.event.kind in ASKING
    if row.is_ours:
        address = row.user.email if row.user else row.address
        name = row.user.full_name if row.user else row.name
        return Undelivered(row.uid, f"{name} <{address}>" if name else address, row.last_error.rstrip("."), runs)
    organization = row.event.organization.name if row.event.organization else ""
    return Undelivered(row.uid, _("a receiver at %(organization)s") % {"organization": organization}, "", runs)
