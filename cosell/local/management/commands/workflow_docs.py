"""Write docs/workflow.md and docs/registration-workflow.md: what people read is the table that runs."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from deals.enums import ACTIVE, SALES_STAGES, STARTED, TERMINAL, Action, Kind, RegistrationState, Stage
from deals.workflow import (
    ANSWER_WITHIN,
    BY_THE_CLOCK,
    BY_THE_INVITER,
    REMIND_AT,
    STAGES,
    TRANSITIONS,
    UNDO_WITHIN,
    Transition,
    sources,
)
from registrations import workflow as claims
from registrations.enums import Action as Claiming
from registrations.enums import ReviewReason

DOCS = settings.BASE_DIR / "docs"
S = RegistrationState
ALL = (S.PENDING, S.WAIVED, *claims.SUBMITTED)  # the states that a registration may have


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is not up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for name, page in PAGES.items():
            file = DOCS / name
            with translation.override("en"):
                fresh = "\n".join(page())
            if not check:
                file.write_text(fresh)
            elif not file.exists() or file.read_text() != fresh:
                raise CommandError(f"docs/{name} is not what the workflow says: run manage.py workflow_docs")


def sides() -> Iterator[str]:
    undo, hours = int(UNDO_WITHIN.total_seconds()), _hours(ANSWER_WITHIN)
    yield from ("# The life of a side", "")
    yield "Written by `manage.py workflow_docs` from `deals/workflow.py`; change the table there, then run it again."
    yield ""
    yield "Every organization on an engagement has a side of its own, and each side goes this way by itself."
    yield f"An invitation is to be answered within {hours} hours; reminders go out {_times()} before the end."
    yield f"What a person ends can be undone for {undo} seconds, and nobody is told before."
    for kinds in ((Kind.IP, Kind.SERVICES), (Kind.ASSESSMENT,)):
        yield from ("", f"## {' and '.join(str(kind.label) for kind in kinds)}", "")
        yield from diagram(kinds[0])
    yield from ("", "## Actions", "", "| Action | From | To | Done by | Reason | Undo |", "|---|---|---|---|---|---|")
    for action, transition in TRANSITIONS.items():
        yield f"| {' | '.join(_row(action, transition))} |"
    yield from ("", f"*Active* is: {', '.join(str(stage.label) for stage in ACTIVE)}.")
    yield f"A solution assessment is won only from *{sources(Action.WIN, Kind.ASSESSMENT)[0].label}*."
    yield from ("", "## Stages", "", "| Stage | Done | Meaning | Phase | Left when |", "|---|---|---|---|---|")
    for stage, facts in STAGES.items():
        done = "" if facts.percent is None else f"{facts.percent} %"
        yield f"| {stage.label} | {done} | {facts.definition} | {facts.mcem} | {facts.exit_criterion} |"
    yield ""


def diagram(kind: Kind) -> Iterator[str]:
    """A state diagram; optional marks, which lead from any active stage to any of them, are one group."""
    optional = kind != Kind.ASSESSMENT
    yield from ("```mermaid", "stateDiagram-v2", "  direction LR")
    yield from ("  [*] --> created: create", "  [*] --> received: invite")
    if optional:
        yield '  state "any order" as marked {'
        yield from (f"    {stage}" for stage in SALES_STAGES)
        yield "  }"
        yield from (f"  {stage} --> marked: mark" for stage in STARTED)
    for action, transition in TRANSITIONS.items():
        if transition.target is None or (optional and transition.target in SALES_STAGES):
            continue
        for source in _drawn(sources(action, kind), optional=optional):
            yield f"  {source} --> {transition.target}: {action}"
    yield from (f"  {stage} --> [*]" for stage in TERMINAL)
    yield "```"


def _drawn(stages: tuple[Stage, ...], *, optional: bool) -> list[str]:
    """Stages as the diagram of a kind knows them."""
    if not optional:
        return [stage.value for stage in stages if stage not in SALES_STAGES]
    own = [stage.value for stage in stages if stage in (Stage.RECEIVED, *STARTED)]
    return [*own, "marked"] if set(SALES_STAGES) <= set(stages) else own


def _row(action: Action, transition: Transition) -> tuple[str, ...]:
    by = "the side itself"
    if action in BY_THE_CLOCK | BY_THE_INVITER:
        by = "the clock" if action in BY_THE_CLOCK else "the inviting side"
    to = "the stage before" if action == Action.UNDO else "stays"
    return (
        str(action.label),
        _names(transition.sources),
        str(transition.target.label) if transition.target else to,
        by,
        "required" if transition.reasons else "",
        "yes" if transition.undoable else "",
    )


def _names(stages: tuple[Stage, ...]) -> str:
    missing = set(ACTIVE) - set(stages)
    if len(missing) > 1:
        return ", ".join(str(stage.label) for stage in stages)
    active = "Active" + "".join(f" but {stage.label}" for stage in missing)
    return ", ".join([*(str(stage.label) for stage in stages if stage not in ACTIVE), active])


def registrations() -> Iterator[str]:
    """The way of a registration: diagram, actions, and what holds beside them."""
    undo, claim = int(claims.UNDO_WITHIN.total_seconds()), int(claims.CLAIM_HOLDS.total_seconds() / 60)
    yield from ("# The way of a registration", "")
    yield "Written by `manage.py workflow_docs` from `registrations/workflow.py`; change the table there, then run it."
    yield from ("", *registration_diagram(), "", "## Actions", "")
    yield from ("| Action | From | To | Done by | Undo |", "|---|---|---|---|---|")
    for action, transition in claims.TRANSITIONS.items():
        yield f"| {' | '.join(_registration_row(action, transition))} |"
    yield from ("", "## What else holds", "")
    yield f"- A reviewer's claim holds for {claim} minutes without a sign of life; nobody else decides meanwhile."
    yield f"- A decision is taken back within {undo} seconds by who made it, if nobody acted; nothing is sent before."
    yield f"- Above USD {claims.SECOND_PERSON_ABOVE:,} a year a second person confirms a pass or a fail; where they"
    yield "  differ, a vendor admin who has not decided yet does. The partner learns of it when it counts."
    yield "- The review's clock stops in *Action required*, and goes on with what was left, a working day at least."
    yield f"- After the {undo} seconds the validation ends by itself: the deal is closed, a signed receipt is issued."
    yield "  What was approved ends when it can be picked no more (30 days, set per program)."
    yield f"- An exception is requested once, within {claims.EXCEPTION_WITHIN.days} days of the first registration, or"
    yield "  of the end of the deal where there was none. Approved, it opens what is closed, too."
    yield from ("", "## Why a person looks at it", "")
    yield from (f"- {reason.label}" for reason in ReviewReason)
    yield ""


def registration_diagram() -> Iterator[str]:
    """Where each action leads. Undo goes back where the decision came from and is not drawn."""
    yield from ("```mermaid", "stateDiagram-v2", "  direction LR", f"  [*] --> {S.PENDING}: won and eligible")
    yield from (f"  {state}: {state.label}" for state in ALL)
    arrows: dict[tuple[RegistrationState, RegistrationState], list[str]] = {}
    for action, transition in claims.TRANSITIONS.items():
        for source, targets in transition.ways.items():
            for target in targets if action != Claiming.UNDO and source not in targets else ():
                arrows.setdefault((source, target), []).append(action.value)
    yield from (f"  {source} --> {target}: {', '.join(actions)}" for (source, target), actions in arrows.items())
    yield from (f"  {state} --> [*]" for state in (S.WAIVED, *claims.ENDED))
    yield "```"


def _registration_row(action: Claiming, transition: claims.Transition) -> tuple[str, ...]:
    targets = list(dict.fromkeys(target for ways in transition.ways.values() for target in ways))
    to = ", ".join(str(target.label) for target in targets) or "stays"
    if action == Claiming.UNDO:
        to = "the state before"
    sources = "any state" if len(transition.ways) == len(ALL) else _states(transition)
    by = "a reviewer" if transition.by_reviewer else "the partner"
    return (str(action.label), sources, to, by, "yes" if transition.undoable else "")


def _states(transition: claims.Transition) -> str:
    return ", ".join(str(state.label) for state in transition.ways)


PAGES: dict[str, Callable[[], Iterator[str]]] = {"workflow.md": sides, "registration-workflow.md": registrations}


def _hours(time: timedelta) -> int:
    return int(time.total_seconds() // 3600)


def _times() -> str:
    *most, last = (f"{_hours(time)} hours" if time < timedelta(days=2) else f"{time.days} days" for time in REMIND_AT)
    return f"{', '.join(most)} and {last}"
