"""Hand a side over to a colleague: an invitation that somebody else should answer, or a deal to go on with."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals import rules
from deals.actions.door import enter, refused, save, tell
from deals.actions.invite import Person, add_team
from deals.enums import Action, EventKind
from deals.models import MAX_TEAM, Deal


def hand_over(who: Who, deal_id: int, to: User, note: str = "") -> Deal:
    """Put a colleague on the team of the own side, who then may do all that `who` does there (product.md §10).

    1. lock; the right, the stage and the rules on the locked row
    2. the colleague: somebody who may act on this side once on its team (else 422)
    3. the team, unless they are on it already; whoever hands over stays on it and goes on being reminded
    4. the event and the mail to the colleague; only the own organization reads it, with the note
    """
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.HAND_OVER, now)
        if reasons := rules.colleague_refusals(who, deal, to):
            raise refused(reasons, 422)
        details = {"changes": changed} if (changed := _join(deal, to, now)) else {}
        data = {"to": to.pk}
        tell(EventKind.HANDED_OVER, deal, now, who, private=True, data=data, details=details, note=note)
        return deal


def _join(deal: Deal, to: User, now: datetime) -> dict[str, list[list[str]]]:
    """Put `to` on the team of a locked side; the team before and after, nothing when they were on it."""
    team = sorted(deal.team.all(), key=lambda member: member.pk)
    named = next((member for member in team if member.email.lower() == to.email.lower()), None)
    if named is not None:
        if named.user_id is None:  # named before they had a sign-in
            named.user = to
            named.save(update_fields=["user"])
        return {}
    if len(team) >= MAX_TEAM:
        raise refused([Reason("team_full", _("A team has at most 50 people."), field="to")], 422)
    add_team(deal, [Person(to.full_name, to.phone, to.email)])
    save(deal, now, version=deal.version + 1)
    before = [f"{member.name} <{member.email}>" for member in team]
    return {"team": [before, [*before, f"{to.full_name} <{to.email}>"]]}
