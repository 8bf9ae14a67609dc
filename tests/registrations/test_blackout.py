"""Blackout windows: closed from, open until, announced 30 days before, each at its bound."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from registrations.enums import ProgramCode
from registrations.models import Blackout, Program
from registrations.programs import load_programs
from registrations.rules.blackout import announced, blackout_refusals, closed_now, next_opening

pytestmark = pytest.mark.django_db
START, END = datetime(2027, 6, 17, 7, 0, tzinfo=UTC), datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture
def program() -> Iterator[Program]:
    load_programs()
    program = Program.objects.get(code=ProgramCode.AZURE_IP)
    Blackout.objects.create(program=program, name="Fiscal close", starts_at=START, ends_at=END)
    other = Program.objects.get(code=ProgramCode.BIZAPPS_PREMIUM)
    Blackout.objects.create(program=other, name="Theirs", starts_at=START - timedelta(days=9), ends_at=END)
    with timezone.override("America/Sao_Paulo"):
        yield program


def test_the_bounds_of_a_window(program: Program, django_assert_num_queries: Any) -> None:
    closed = [(START - TICK, False), (START, True), (END - TICK, True), (END, False)]
    for now, is_closed in closed:
        with django_assert_num_queries(4):
            assert (closed_now(program, now) is not None) == is_closed, now
            assert next_opening(program, now) == (END if is_closed else now)
            assert [reason.code for reason in blackout_refusals(program, now)] == ["blackout"] * is_closed
            announced(program, now)


def test_it_is_announced_for_30_days_and_while_it_runs(program: Program) -> None:
    for now, told in [
        (START - timedelta(days=30) - TICK, False),
        (START - timedelta(days=30), True),
        (START, True),
        (END - TICK, True),
        (END, False),
    ]:
        window = announced(program, now)
        assert (window is not None and window.name == "Fiscal close") == told, now


def test_windows_that_follow_each_other_open_at_the_end_of_the_last(program: Program) -> None:
    """Without a gap, of the program or of all; one that lies inside another changes nothing."""
    Blackout.objects.create(name="Audit", starts_at=END, ends_at=END + timedelta(days=2))
    Blackout.objects.create(name="Inside", starts_at=START + timedelta(days=1), ends_at=START + timedelta(days=2))
    Blackout.objects.create(
        name="Later", starts_at=END + timedelta(days=2, seconds=1), ends_at=END + timedelta(days=9)
    )
    assert next_opening(program, START) == END + timedelta(days=2)
    assert next_opening(program, END) == END + timedelta(days=2)
    assert next_opening(program, END + timedelta(days=2)) == END + timedelta(days=2), "a second of gap is a gap"
    assert closed_now(program, START + timedelta(days=1)).name == "Fiscal close"


def test_the_refusal_says_when_in_the_readers_zone(program: Program) -> None:
    [reason] = blackout_refusals(program, START)
    assert "Fiscal close" in reason.text
    assert "1 Jul 2027 04:00 -03" in reason.fix
    with timezone.override("Asia/Kolkata"), translation.override("en"):
        assert "1 Jul 2027 12:30 IST" in blackout_refusals(program, START)[0].fix


def test_a_program_that_takes_none(program: Program) -> None:
    program.is_open = False
    assert [reason.code for reason in blackout_refusals(program, END)] == ["program_closed"]
