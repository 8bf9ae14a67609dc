"""Write docs/workflow.md from deals/workflow.py: the diagram and the tables that people read are the ones that run."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from deals.enums import ACTIVE, SALES_STAGES, STARTED, TERMINAL, Action, Kind, Stage
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

PAGE = settings.BASE_DIR / "docs" / "workflow.md"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is not up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        with translation.override("en"):
            fresh = "\n".join(page())
        if not check:
            PAGE.write_text(fresh)
        elif not PAGE.exists() or PAGE.read_text() != fresh:
            raise CommandError("docs/workflow.md is not what deals/workflow.py says: run manage.py workflow_docs")


def page() -> Iterator[str]:
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
    return "Active" + "".join(f" but {stage.label}" for stage in missing)


def _hours(time: timedelta) -> int:
    return int(time.total_seconds() // 3600)


def _times() -> str:
    *most, last = (f"{_hours(time)} hours" if time < timedelta(days=2) else f"{time.days} days" for time in REMIND_AT)
    return f"{', '.join(most)} and {last}"
