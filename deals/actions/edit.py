"""Work on a side that moves no stage: edit, notes, team, solutions, favorites, sharing (fact sheet 1.12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import Solution
from accounts.who import Who
from cosell import clock
from cosell.events.models import Event
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals import editing, rules
from deals.actions.create import Contact, keep_contact
from deals.actions.door import enter, refused, save, tell
from deals.actions.invite import Person, add_solutions, add_team
from deals.editing import Field, Through
from deals.enums import Action, EventKind, Kind
from deals.models import CustomerContact, Deal, Engagement, Favorite

Diff = dict[str, list[Any]]  # {field: [old, new]}


def edit_details(who: Who, deal_id: int, version: int, changes: Mapping[str, Any]) -> Deal:
    """Change facts of the own side, and of the engagement where `editing.MATRIX` lets this side do it.

    `changes` by the values of `editing.Field`. A fixed field with its present value changes nothing; with another one
    all is refused (422), with the reason at the field. `version` is the one that the person saw: if somebody saved
    since, nothing is written and it says who and when.
    """
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        new = {Field(name): value for name, value in changes.items()}
        new = {field: value for field, value in new.items() if value != _present(deal, field)}
        _check(who, deal, new, Through.DETAILS)
        if reasons := _lacking(deal.engagement, new):
            raise refused(reasons, 422)
        diff = {field: [_plain(_present(deal, field)), _plain(value)] for field, value in new.items()}
        own = {field.value: value for field, value in new.items() if field in editing.OWN}
        shared = {field.value: value for field, value in new.items() if field in editing.SHARED}
        for name, value in shared.items():
            setattr(deal.engagement, name, value)
        if shared:
            deal.engagement.save(update_fields=list(shared))
        return _edited(
            who,
            deal,
            now,
            {name: pair for name, pair in diff.items() if name in own},
            {name: pair for name, pair in diff.items() if name in shared},
            **own,
        )


def edit_contact(who: Who, deal_id: int, version: int, contact: Contact | None) -> Deal:
    """Give the customer's person anew, with consent, or take it away (None), until the deal is a co-sell deal.

    Old and new stand in the event's details, which can be erased.
    """
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        kept: CustomerContact | None = getattr(deal.engagement, "contact", None)
        before = Contact(kept.name, kept.phone, kept.email) if kept else None
        if contact == before:
            return deal
        _check(who, deal, [Field.CONTACT], Through.CONTACT)
        if contact:
            keep_contact(who, deal.engagement, contact, now)
        elif kept:
            kept.delete()
        return _edited(who, deal, now, {"contact": [_contact_said(before), _contact_said(contact)]})


def edit_team(who: Who, deal_id: int, version: int, people: Sequence[Person]) -> Deal:
    """Replace the team of a side; at least one person stays, and at most 50."""
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        _check(who, deal, [Field.TEAM], Through.TEAM)
        if not people:
            raise refused([Reason("no_team", _("Add at least one person of your company."), field="team")], 422)
        before = [f"{m.name} <{m.email}>" for m in deal.team.order_by("pk")]
        after = [f"{person.name} <{person.email}>" for person in people]
        deal.team.all().delete()
        add_team(deal, people)
        return _edited(who, deal, now, {"team": [before, after]} if before != after else {})


def edit_solutions(who: Who, deal_id: int, version: int, solutions: Sequence[Solution]) -> Deal:
    """Replace the solutions of a side; an assessment keeps its type, an IP deal at least one solution."""
    now = clock.now()
    with transaction.atomic():
        deal = _enter_edit(who, deal_id, version, now)
        _check(who, deal, [editing.solutions_field(deal)], Through.SOLUTIONS)
        if editing.needs_solutions(deal) and not solutions:
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


def _check(who: Who, deal: Deal, fields: Iterable[Field], through: Through) -> None:
    """The matrix, on the locked row."""
    if reasons := editing.refusals(who, deal, fields, through):
        raise refused(reasons, 422)


def _present(deal: Deal, field: Field) -> Any:
    """The field as it is; None for what is not one value of the side or the engagement."""
    return getattr(deal if hasattr(deal, field.value) else deal.engagement, field.value, None)


def _lacking(engagement: Engagement, new: Mapping[Field, Any]) -> list[Reason]:
    """What this kind of deal must keep, and a play that is none of its area."""
    asked = editing.asked_of(engagement)
    given = {field.value for field, value in new.items() if value not in (None, "")}
    changed = {field.value: asked[field.value] for field in new if field.value in asked}
    reasons = rules.missing(Kind(engagement.kind), changed, given)
    area = new.get(Field.SOLUTION_AREA, engagement.solution_area)
    play = new.get(Field.SOLUTION_PLAY, engagement.solution_play)
    if play and (area is None or play.area_id != area.pk):
        text = _("The solution play belongs to another solution area.")
        reasons.append(Reason("play_of_other_area", text, field=Field.SOLUTION_PLAY.value))
    return reasons


def _plain(value: Any) -> Any:
    """As it is kept in the event: a row of the taxonomy by its name."""
    return str(value) if isinstance(value, Model) else value


def _contact_said(contact: Contact | None) -> str:
    return f"{contact.name} <{contact.email}>, {contact.phone}" if contact else ""


def _edited(who: Who, deal: Deal, now: datetime, own: Diff, shared: Diff | None = None, **fields: Any) -> Deal:
    """Write the changed fields and what was changed: of the side for its own organization, of the engagement for all.

    Nothing changed writes nothing.
    """
    if not own and not shared:
        return deal
    save(deal, now, **fields, version=deal.version + 1)
    if own:
        data = {"fields": sorted(own)}
        tell(EventKind.EDITED, deal, now, who, private=True, data=data, details={"changes": own})
    if shared:
        told = {"fields": sorted(shared), "note_for": "all"}  # everybody on the deal reads these facts
        tell(EventKind.EDITED, deal, now, who, data=told, details={"changes": shared})
    return deal
