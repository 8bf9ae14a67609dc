"""Deals are tested with the cast, and mails are sent by hand."""

from typing import Any

import pytest

from cosell.events import dispatch


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process believes that it has just found the broker dead: nothing goes before a test sends it."""
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))


@pytest.fixture(autouse=True)
def cast(cast: Any) -> None:
    """Every test here has the cast."""
