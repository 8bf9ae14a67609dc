"""The right account is found for what people type: the open half of the labelled set (tests/data/README.md)."""

from typing import Any

import pytest
from django.core.management import call_command

from cosell.local.bench import quality
from tests.factories import make_who


@pytest.fixture
def accounts(db: None) -> None:
    call_command("import_customers", str(quality.ACCOUNTS), verbosity=0)


def test_people_find_whom_they_mean(accounts: None) -> None:
    score = quality.judge(make_who(), quality.cases(quality.OPEN))
    said = "\n".join([str(score), *score.misses])
    assert score.top_1 >= 98, said
    assert score.top_5 >= 98, said
    assert score.false <= 1, said


@pytest.mark.parametrize("path", [quality.OPEN, quality.SEALED])
def test_the_set_is_whole(path: Any) -> None:
    """Every label names an account that is there; no customer stands in both halves."""
    known = {case["account_id"] for case in quality.cases(quality.ACCOUNTS)}
    here = {each for case in quality.cases(path) for each in case["account_id"].split("|") if each}
    other = quality.SEALED if path == quality.OPEN else quality.OPEN
    there = {each for case in quality.cases(other) for each in case["account_id"].split("|")}
    assert here <= known
    assert not here & there
    assert len({case["country"] for case in quality.cases(path)}) >= 12
