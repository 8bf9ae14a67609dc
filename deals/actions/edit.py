"""Work on a side that moves no stage: edit, notes, team, solutions, favorites, sharing (fact sheet 1.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Solution
from accounts.who import Who
from cosell import clock
from cosell.events.models import Event
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals.actions.door import enter, refused, save, tell
from deals.actions.invite import Person, add_solutions, add_team
from deals.enums import Action, EventKind, Kind
from deals.models import Deal, Engagement, Favorite

EDITABLE = ("name", "value", "currency", "close_on", "crm_id", "campaign_id")


def edit_details(who: Who, deal_id: int, version: int, changes: Mapping[str, Any], intent: str = "") -> Deal:
    """Change what may change while active: name, value, date, own IDs; the creator also the marketplace intent.

    `version` is the one that the person saw: if somebody saved since, nothing is written and it says who and when.
    """
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        before = {name: getattr(deal, name) for name in EDITABLE}
        changed = {name: changes[name] for name in EDITABLE if name in changes and changes[name] != before[name]}
        diff = {name: [before[name], value] for name, value in changed.items()}
        engagement = deal.engagement
        if intent and intent != engagement.intent and engagement.creator_id == deal.organization_id:
            diff["intent"] = [engagement.intent, intent]
            engagement.intent = intent
            engagement.save(update_fields=["intent"])
        return _edited(who, deal, now, diff, **changed)


def edit_team(who: Who, deal_id: int, version: int, people: Sequence[Person]) -> Deal:
    """Replace the team of a side; at least one person stays, and at most 50."""
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        if not people:
            raise refused([Reason("no_team", _("Add at least one person of your company."), field="team")], 422)
        before = [f"{m.name} <{m.email}>" for m in deal.team.order_by("pk")]
        after = [f"{person.name} <{person.email}>" for person in people]
        deal.team.all().delete()
        add_team(deal, people)
        return _edited(who, deal, now, {"team": [before, after]} if before != after else {})


def edit_solutions(who: Who, deal_id: int, version: int, solutions: Sequence[Solution]) -> Deal:
    """Replace the solutions of a side; fixed on an assessment, at least one on an IP deal."""
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        if deal.engagement.kind == Kind.ASSESSMENT:
            raise refused([Reason("fixed", _("The assessment type is fixed when the deal is created."))], 422)
        if deal.engagement.kind == Kind.IP and not solutions:
            raise refused([Reason("no_solution", _("Add at least one solution."), field="solutions")], 422)
        before = list(deal.deal_solutions.order_by("pk").values_list("solution__code", flat=True))
        after = [solution.code for solution in solutions]
        deal.deal_solutions.all().delete()
        add_solutions(deal, solutions)
        return _edited(who, deal, now, {"solutions": [before, after]} if before != after else {})


def add_note(who: Who, deal_id: int, text: str, *, share: bool = False) -> Deal:
    """Say something on the record: for the own organization, or for everyone on the deal."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.NOTE, now)
        tell(EventKind.NOTED, deal, now, who, private=not share, note=text, note_for="all" if share else "own")
        return deal


def set_favorite(who: Who, engagement: Engagement, *, on: bool) -> None:
    """Tick or untick the heart of one person; no event, nobody else sees it."""
    if on:
        Favorite.objects.get_or_create(user=who.user, engagement=engagement)
    else:
        Favorite.objects.filter(user=who.user, engagement=engagement).delete()


def _enter_edit(who: Who, deal_id: int, version: int, now: datetime) -> Deal:
    deal = enter(who, deal_id, Action.EDIT, now)
    if deal.version != version:
        raise refused([_changed_meanwhile(deal)])
    return deal


def _changed_meanwhile(deal: Deal) -> Reason:
    last = (
        Event.objects.filter(deal_id=deal.pk, kind=EventKind.EDITED).select_related("actor").order_by("-seq").first()
    )
    fix = _("What you typed is still here. Compare it with the present values, then save again.")
    if last is None or last.actor is None:
        return Reason("changed_meanwhile", _("The deal was changed while you were editing it."), fix)
    return Reason(
        "changed_meanwhile",
        _("%(who)s changed the deal on %(when)s, while you were editing it.")
        % {"who": last.actor.full_name, "when": said(last.at)},
        fix,
    )


def _edited(who: Who, deal: Deal, now: datetime, diff: dict[str, list[Any]], **fields: Any) -> Deal:
    """Write the changed fields and one event with old and new values; nothing changed writes nothing."""
    if not diff:
        return deal
    save(deal, now, **fields, version=deal.version + 1)
    tell(
        EventKind.EDITED,
        deal,
        now,
        who,
        private=True,
        data={"fields": sorted(diff)},
        details={"changes": diff},
    )
    return deal
