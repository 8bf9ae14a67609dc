"""Money, times and countdowns, as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from cosell import clock
from cosell.web.templatetags.cosell import countdown, day, icon, initials, money, when


@pytest.mark.parametrize(
    ("language", "amount", "words"),
    [
        ("en", Decimal("310000.00"), "310,000 USD"),
        ("en", Decimal("1234.50"), "1,234.50 USD"),
        ("pt-br", Decimal("1234.50"), "1.234,50 USD"),
        ("en", None, "–"),
    ],
)
def test_money_is_an_amount_and_its_currency(language: str, amount: Decimal | None, words: str) -> None:
    with translation.override(language):
        assert money(amount, "USD") == words


def test_an_instant_is_told_in_the_readers_zone() -> None:
    at = datetime(2001, 11, 3, 1, 30, tzinfo=UTC)
    with timezone.override("America/Sao_Paulo"), translation.override("en"):
        assert ">2 Nov 2001 23:30<" in when(at)
    with timezone.override("Asia/Tokyo"), translation.override("pt-br"):
        assert ">3 de nov. de 2001 10:30<" in when(at)


def test_the_year_is_said_when_it_is_not_this_one() -> None:
    this_year = clock.now().year
    with translation.override("en"):
        assert ">3 Nov<" in day(date(this_year, 11, 3))
        assert f">3 Nov {this_year + 1}<" in day(date(this_year + 1, 11, 3))


@pytest.mark.parametrize(
    ("left", "tone", "words"),
    [
        (timedelta(days=13, hours=2, seconds=30), "", "13 d 2 h left"),
        (timedelta(days=2, hours=6, seconds=30), "warn", "2 d 6 h left"),
        (timedelta(hours=19, seconds=30), "bad", "19 h left"),
        (timedelta(minutes=5, seconds=30), "bad", "5 min left"),
        (timedelta(seconds=-1), "bad", "time is over"),
    ],
)
def test_a_countdown_is_coloured_by_urgency(left: timedelta, tone: str, words: str) -> None:
    with translation.override("en"):
        shown = countdown(clock.now() + left)
    assert f'class="tag {tone}"' in shown
    assert f">{words}<" in shown


def test_initials() -> None:
    assert [initials(name) for name in ("Ana Maria Souza", "Cher", "", "  ")] == ["AS", "C", "", ""]


def test_an_icon_is_not_read_aloud() -> None:
    assert 'aria-hidden="true"' in icon("bell")
    assert 'icons.svg#bell"' in icon("bell")
