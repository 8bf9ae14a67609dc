"""What the reader of a mail does through its link (product.md §10; docs/answer-from-the-mail.md)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from accounts.who import Who
from cosell import clock
from cosell.events.models import Delivery
from deals import mail_links
from deals.actions.door import lock, refused
from deals.models import Deal


def answer_from_mail(delivery: Delivery, act: Callable[[Who, Deal], Deal]) -> Deal:
    """Do what the reader chose, by the same action as for who is signed in; the link is used up with it.

    1. lock the deal, then the mail: of two clicks at once the second waits
    2. look again whether the link is good: Refused with 410 when the link itself is over, else as for the signed in
    3. `act`, with all its own checks
    4. the link is used
    """
    now = clock.now()
    with transaction.atomic():
        lock(mail_links.deal_of(delivery))
        mail = Delivery.objects.select_for_update(of=("self",)).select_related("user", "event").get(pk=delivery.pk)
        found = mail_links.look(mail, now)
        if isinstance(found, list):
            raise refused(found, mail_links.status_of(found))
        deal = act(found.who, found.deal)
        mail.acted_at = now
        mail.save(update_fields=["acted_at"])
        return deal
