"""Write docs/workflow.md from deals/workflow.py: the diagram and the tables that people read are the ones that run."""

from argparse import ArgumentParser
from collections.abc import Iterator
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
    yield "# The life of a side"
    yield ""
    yield "Written by `manage.py workflow_docs` from `deals/workflow.py`; change the table there, then run it again."
    yield ""
    yield (
        f"Every organization on an engagement has a side of its own, and each side goes this way by itself. An invitation "
        f"is to be answered within {_hours(ANSWER_WITHIN)} hours; reminders go out {_times()} before the end. "
        f"What ends a side can be undone for {int(UNDO_WITHIN.total_seconds())} seconds, and nobody is told before."
    )
    for kinds in ((Kind.IP, Kind.SERVICES), (Kind.ASSESSMENT,)):
        yield from ("", f"## {' and '.join(str(kind.label) for kind in kinds)}", "")
        yield from diagram(kinds[0])
    yield from ("", "## Actions", "", "| Action | From | To | Done by | Reason | Can be undone |", "|---|---|---|---|---|---|")
    for action, transition in TRANSITIONS.items():
        yield f"| {' | '.join(_row(action, transition))} |"
    yield from ("", "*Active* is every stage between the start and the end:", _names(ACTIVE) + ".")
    yield from ("", "## Stages", "", "| Stage | Done | Meaning | Phase | Left when |", "|---|---|---|---|---|")
    for stage, facts in STAGES.items():
        done = "" if facts.percent is None else f"{facts.percent} %"
        yield f"| {stage.label} | {done} | {facts.definition} | {facts.mcem} | {facts.exit_criterion} |"
    yield ""


def diagram(kind: Kind) -> Iterator[str]:
    """A state diagram; optional marks, which lead from any active stage to any of them, are one group."""
    optional = kind != Kind.ASSESSMENT
    yield from ("```mermaid", "stateDiagram-v2", "  direction LR", "  [*] --> created: create", "  [*] --> received: invite")
    if optional:
        yield '  state "any order" as marked {'
        yield from (f"    {stage}" for stage in SALES_STAGES)
        yield "  }"
        yield from (f"  {stage} --> marked: mark" for stage in STARTED)
    for action, transition in TRANSITIONS.items():
        if transition.target is None or (optional and transition.target in SALES_STAGES):
            continue
        for source in _groups(sources(action, kind), optional=optional):
            yield f"  {source} --> {transition.target}: {action}"
    yield from (f"  {stage} --> [*]" for stage in TERMINAL)
    yield "```"


def _groups(stages: tuple[Stage, ...], *, optional: bool) -> list[str]:
    """Stages of the group count as one arrow; stages that this kind does not know draw none."""
    if not optional:
        known = {Stage.RECEIVED, *STARTED, *(t.target for t in TRANSITIONS.values() if t.kinds == (Kind.ASSESSMENT,))}
        return [stage for stage in stages if stage in known]
    own = [stage for stage in stages if stage in (Stage.RECEIVED, *STARTED)]
    return [*own, "marked"] if set(SALES_STAGES) <= set(stages) else own


def _row(action: Action, transition: Transition) -> tuple[str, ...]:
    by = "the clock" if action in BY_THE_CLOCK else "the inviting side" if action in BY_THE_INVITER else "the side itself"
    return (
        str(action.label),
        _names(transition.sources),
        _target(action, transition),
        by,
        "required" if transition.reasons else "",
        "yes" if transition.undoable else "",
    )


def _target(action: Action, transition: Transition) -> str:
    if transition.target:
        return str(transition.target.label)
    return "the stage before" if action == Action.UNDO else "stays"


def _names(stages: tuple[Stage, ...]) -> str:
    if set(ACTIVE) == set(stages):
        return "Active" if stages is not ACTIVE else ", ".join(str(stage.label) for stage in stages)
    rest = set(ACTIVE) - set(stages)
    if len(rest) == 1 and set(stages) < set(ACTIVE):
        return f"Active, but {rest.pop().label}"
    return ", ".join(str(stage.label) for stage in stages)


def _hours(time: Any) -> int:
    return int(time.total_seconds() // 3600)


def _times() -> str:
    *most, last = (f"{_hours(time)} hours" if _hours(time) < 48 else f"{time.days} days" for time in REMIND_AT)
    return f"{', '.join(most)} and {last}"
