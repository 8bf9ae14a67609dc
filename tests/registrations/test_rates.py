"""Exchange rates: the bank's formats, whole months only, nothing guessed or half-written (docs/exchange-rates.md)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from registrations.admin import reviewers
from registrations.models import ExchangeRate, Program
from registrations.rates import importing, rate
from registrations.rates.ecb import MAX_BYTES, Publication, Unreadable, last_publication_before, publications
from registrations.rates.importing import load_packaged
from registrations.rates.warning import Missing, missing, warn_of_missing
from tests.cast import clock_at, load_cast, new_deal
from tests.events.post_office import PostOffice

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
<Cube>%s</Cube></gesmes:Envelope>"""
DAY = '<Cube time="%s">\n<Cube currency="USD" rate="%s"/>\n<Cube currency=\'BRL\' rate=\'%s\'/></Cube>'
DAILY = "Date, USD, JPY, GBP, \n30 October 2026, 1.1172, 175.68, 0.83380, \n"
WIDE = (
    "Date,USD,BRL,CYP,\n2026-10-30,1.1172,6.0692,N/A,\n2026-10-29,1.113,5.9563,N/A,\n2026-09-30,1.1355,5.9077,N/A,\n"
)


def xml(*days: tuple[str, str, str]) -> str:
    return ENVELOPE % "\n".join(DAY % day for day in days)


def zipped(*members: tuple[str, str]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        for name, text in members:
            file.writestr(name, text)
    return packed.getvalue()


OCTOBER_30 = Publication(date(2026, 10, 30), {"USD": Decimal("1.1172"), "BRL": Decimal("6.0692")})


@pytest.mark.parametrize(
    "content",
    [
        xml(("2026-10-29", "1.113", "5.9563"), ("2026-10-30", "1.1172", "6.0692")).encode(),
        xml(("2026-10-30", "1.1172", "6.0692"), ("2026-10-29", "1.113", "5.9563")).encode("utf-8-sig"),
        WIDE.encode(),
        ("\ufeff" + WIDE.replace("\n", "\r\n")).encode(),
        zipped(("eurofxref-hist.csv", WIDE)),
        b"Date, BRL, USD\n30 October 2026, 6.0692, 1.1172",
    ],
)
def test_each_format_of_the_bank_is_read(content: bytes) -> None:
    assert publications(content)[-1] == OCTOBER_30


def test_the_daily_csv() -> None:
    [day] = publications(DAILY.encode())
    assert day.on == date(2026, 10, 30)
    assert day.per_euro == {"USD": Decimal("1.1172"), "JPY": Decimal("175.68"), "GBP": Decimal("0.83380")}


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Line 1"),
        (b"Date,USD\n", "no rates"),
        (b"Day,USD\n2026-10-30,1", "Line 1"),
        (b"Date,usd\n2026-10-30,1", "\u201cusd\u201d is not a currency"),
        (b"Date,USD,EUR\n2026-10-30,1,1", "\u201cEUR\u201d is not a currency"),
        (b"Date,USD,USD\n2026-10-30,1,1", "twice"),
        (b"Date,USD\n2026-10-30,1.2\n2026-13-01,1.2", "Line 3"),
        (b"Date,USD\n30 Oktober 2026,1.2", "not a date"),
        (b"Date,USD,BRL\n2026-10-30,1.2", "It has 2 values, its header 3"),
        (b"Date,USD\n2026-10-30,1.2,7", "It has 3 values"),
        (b"Date,USD,BRL\n2026-10-30,1.2,abc", "Line 2: BRL: \u201cabc\u201d is not a rate"),
        (b"Date,USD\n2026-10-30,0.000", "not a rate"),
        (b"Date,USD\n2026-10-30,-1.2", "not a rate"),
        (b"Date,USD\n2026-10-30,1e3", "not a rate"),
        (b"Date,USD\n2026-10-30,1.1234567", "not a rate"),
        (b"Date,USD,BRL\n2026-10-30,N/A,6.1", "no rate of the US dollar"),
        (b"Date,USD\n2026-10-30,1.2\n2026-10-30,1.3", "Line 3: 2026-10-30 appears twice"),
        (b'Date,USD\n2026-10-30,"1.2', "Line 2"),
        (b"Date,USD\n2026-10-30,1.2\n\xff\xfe", "Line 3 is not UTF-8"),
        (b"PK\x03\x04rubbish", "damaged"),
        (zipped(("a.csv", WIDE), ("b.csv", WIDE)), "exactly one file"),
        (zipped(("a.csv", "Date,USD\n" + " " * (MAX_BYTES + 1))), "larger than 30 MB"),
        (b" " * (MAX_BYTES + 1), "larger than 30 MB"),
        (b"<html></html>", "no file of rates"),
        (b"<gesmes:Envelope>", "Line 1"),
        (xml().encode(), "no rates"),
        (xml(("2026-10-30", "1.1", "6")).replace("</Cube></gesmes", "</gesmes").encode(), "mismatched tag"),
        (xml(("2026-10-30", "1.1", "NaN")).encode(), "BRL: \u201cNaN\u201d is not a rate"),
        (xml(("yesterday", "1.1", "6")).encode(), "not a date"),
        ((ENVELOPE % '<Cube currency="USD" rate="1"/>').encode(), "outside of a day"),
        (xml(("2026-10-30", "1.1", "6")).replace("?>", "?>\n" + LAUGHS, 1).encode(), "document type is not allowed"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(says)):
        publications(content)


@pytest.mark.parametrize(
    ("month", "last"),
    [
        ((2026, 12), (2026, 11, 30)),
        ((2026, 11), (2026, 10, 30)),  # the 31st is a Saturday
        ((2024, 4), (2024, 3, 28)),  # Good Friday, and a weekend
        ((2027, 1), (2026, 12, 31)),
        ((2028, 3), (2028, 2, 29)),
    ],
)
def test_when_the_last_rates_of_a_month_come(month: tuple[int, int], last: tuple[int, int, int]) -> None:
    assert last_publication_before(date(*month, 1)) == date(*last)


def test_the_packaged_history_is_what_the_calendar_expects() -> None:
    """35 months of the bank's own days."""
    days = [each.on for each in publications(importing.PACKAGED.read_bytes())]
    assert days == [last_publication_before(importing.next_month(day.replace(day=1))) for day in days]
    assert (len(days), days[0], days[-1]) == (35, date(2023, 12, 29), date(2026, 10, 30))


@pytest.fixture
def november(db: None) -> Iterator[None]:
    with clock_at(datetime(2026, 11, 27, 12, tzinfo=UTC)):
        yield


def rows() -> dict[str, tuple[str, str]]:
    """{"2026-11 USD": (per euro, published on)}."""
    return {str(row)[4:] + " " + row.currency: (str(row.per_euro), str(row.published_on)) for row in _all()}


def _all() -> Any:
    return ExchangeRate.objects.order_by("month", "currency")


def run(content: str | bytes, tmp_path: Path, *options: str) -> str:
    file, said = tmp_path / "rates", StringIO()
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    call_command("import_rates", str(file), *options, stdout=said)
    return said.getvalue()


def test_a_file_gives_the_months_whose_last_publication_it_holds(november: None, tmp_path: Path) -> None:
    """Today's file of the 26th says nothing of December, and the CSV of two days nothing of what lies between."""
    said = run(WIDE.replace("\n2026-10-30", "\n2026-11-26,1.2,6.2,N/A,\n2026-10-30"), tmp_path)
    assert rows() == {
        "2026-10 BRL": ("5.907700", "2026-09-30"),
        "2026-10 USD": ("1.135500", "2026-09-30"),
        "2026-11 BRL": ("6.069200", "2026-10-30"),
        "2026-11 USD": ("1.117200", "2026-10-30"),
    }
    assert "added 4" in said
    assert "2026-12: its rates are those of 2026-11-30" in said
    assert "unchanged 4" in run(WIDE, tmp_path), "the same once more changes nothing"


def test_only_the_months_asked_for_and_an_old_one_by_its_own_option(november: None, tmp_path: Path) -> None:
    run(WIDE, tmp_path, "--months", "2026-11")
    assert {name[:7] for name in rows()} == {"2026-11"}
    for months, says in ((["2026-12"], "2026-12: its rates are those of"), (["2026-09"], "nothing from before it")):
        with pytest.raises(CommandError, match=says):
            run(WIDE, tmp_path, "--months", "2026-10", *months)
    assert {name[:7] for name in rows()} == {"2026-11"}, "nothing by halves"
    run(WIDE, tmp_path, "--months", "2026-12", "--allow-old")
    assert rows()["2026-12 USD"] == ("1.117200", "2026-10-30")
    with pytest.raises(CommandError, match="needs --months"):
        run(WIDE, tmp_path, "--allow-old")


def test_other_values_are_reported_and_refused_unless_they_are_to_replace(november: None, tmp_path: Path) -> None:
    run(WIDE, tmp_path)
    before = rows()
    other = WIDE.replace("6.0692", "6.07").replace("CYP,", "CYP,INR,").replace("N/A,", "N/A,100,")
    said = StringIO()
    (tmp_path / "other").write_text(other)
    with pytest.raises(CommandError, match="1 rates differ"):
        call_command("import_rates", str(tmp_path / "other"), stdout=said)
    assert "2026-11 BRL: kept 6.069200 of 2026-10-30, in the file 6.07 of 2026-10-30" in said.getvalue()
    assert rows() == before, "not even what is new"
    assert "added 2, unchanged 3, replaced 1" in run(other, tmp_path, "--replace")
    assert rows()["2026-11 BRL"] == ("6.070000", "2026-10-30")


def test_a_bad_file_leaves_nothing_and_says_why(november: None, tmp_path: Path) -> None:
    for content, says in (
        (WIDE + "2026-08-31,x,1,1,\n", "rates: Line 5: USD"),
        (DAILY.replace("2026", "2062"), "not yet"),
    ):
        with pytest.raises(CommandError, match=says):
            run(content, tmp_path)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_rates", str(tmp_path / "missing"))
    assert rows() == {}


def test_rates_cross_through_the_euro_and_the_demo_carries_the_last_on(november: None) -> None:
    load_packaged(date(2026, 12, 31))
    load_packaged(date(2026, 12, 31))  # once more changes nothing
    real = rate("USD", date(2026, 11, 5))
    assert real is not None
    assert real.usd == 1
    brl = rate("BRL", date(2026, 11, 5))
    assert brl is not None
    assert (brl.usd, brl.published_on, brl.source) == (Decimal("0.1840769788"), date(2026, 10, 30), "ECB")
    assert brl.in_usd(Decimal(100_000)) == Decimal("18407.70")
    carried = rate("EUR", date(2026, 12, 5))
    assert carried is not None
    assert (carried.usd, carried.source) == (Decimal("1.1172"), "ECB 30 Oct 2026, carried on for the demo")
    assert rate("BRL", date(2027, 1, 1)) is None, "nothing is taken from a neighbouring month"
    assert rate("BGN", date(2026, 11, 5)) is None
    assert ExchangeRate.objects.filter(month=date(2024, 1, 1)).count() == 30


# the operator is told


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def test_what_is_missing(cast: None) -> None:
    with clock_at(moment(11, 3)):
        new_deal(currency="BRL")
        new_deal(currency="EUR")
        assert missing(moment(11, 3)) == [Missing(date(2026, 11, 1), ("BRL", "USD"), whole=True)]
        load_packaged(date(2026, 11, 30))
    assert missing(moment(11, 24)) == []
    [december] = missing(moment(11, 25))
    assert (december.month, december.whole, december.due_on) == (date(2026, 12, 1), True, date(2026, 11, 30))
    ExchangeRate.objects.filter(month=date(2026, 11, 1), currency="BRL").delete()
    assert missing(moment(11, 24)) == [Missing(date(2026, 11, 1), ("BRL",), whole=False)]


def test_the_operator_gets_a_mail_once_and_daily_when_it_is_due(
    db: None, settings: Any, smtp_server: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ADMINS = [("", "operator@cosell.example")]
    cache.clear()
    load_packaged(date(2026, 11, 30))
    told = [warn_of_missing(datetime(2026, 11, day, hour, tzinfo=UTC)) for day in (24, 25, 26, 30) for hour in (9, 17)]
    assert told == [False, False, True, False, False, False, True, False]
    assert warn_of_missing(moment(12, 1)) is True
    assert len(smtp_server.letters) == 3
    words = smtp_server.letters[0].get_content()
    assert smtp_server.letters[0]["Subject"] == "[Cosell] Exchange rates are missing: 2026-12"
    assert "2026-12: nothing is imported. In use: USD. Its rates come on 2026-11-30." in words
    assert "import_rates" in words
    assert "2026-12" in caplog.text
    cache.clear()


def test_a_mail_that_could_not_be_sent_is_tried_again(db: None, settings: Any, smtp_server: PostOffice) -> None:
    settings.ADMINS = [("", "operator@cosell.example")]
    cache.clear()
    smtp_server.data_reply = "451 not now"
    with pytest.raises(OSError, match="not now"):
        warn_of_missing(moment(11, 3))
    smtp_server.data_reply = "250 taken"
    assert warn_of_missing(moment(11, 3)) is True
    assert len(smtp_server.letters) == 1
    cache.clear()


# the operator's pages


@pytest.fixture
def operator(november: None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("operator@people.example", full_name="Olga"))
    return client


def upload(client: Client, content: str) -> Any:
    file = SimpleUploadedFile("eurofxref-hist.csv", content.encode())
    return client.post(reverse("admin:registrations_exchangerate_import"), {"file": file})


def test_the_upload_in_the_admin_asks_before_it_replaces(operator: Client) -> None:
    address = reverse("admin:registrations_exchangerate_import")
    assert address in operator.get(reverse("admin:registrations_exchangerate_changelist")).content.decode()
    done = upload(operator, WIDE)
    assert done.status_code == 200
    assert "new rates: 4" in done.content.decode()
    assert ExchangeRate.objects.first().imported_by.full_name == "Olga"
    other = upload(operator, WIDE.replace("6.0692", "6.07"))
    assert other.status_code == 422
    assert "6.069200" in other.content.decode()
    assert rows()["2026-11 BRL"][0] == "6.069200"
    mark = other.context["form"].mark
    replaced = operator.post(address, {"checked": mark})
    assert replaced.status_code == 200
    assert rows()["2026-11 BRL"][0] == "6.070000"
    assert operator.post(address, {"checked": mark}).status_code == 422  # kept no longer
    for content, says in (("Date,USD\n2026-10-30,x", "Line 2: USD"), ("", "Choose a file")):
        bad = upload(operator, content) if content else operator.post(address)
        assert bad.status_code == 422
        assert says in bad.content.decode()
    cache.clear()


def test_a_rate_by_hand(operator: Client) -> None:
    add = reverse("admin:registrations_exchangerate_add")
    data = {
        "currency": "clp",
        "month": "2026-11-15",
        "per_euro": "1040.5",
        "published_on": "2026-10-30",
        "source": "BCCh",
    }
    assert operator.post(add, data).status_code == 302
    [row] = ExchangeRate.objects.all()
    assert (row.currency, row.month, row.imported_by.full_name) == ("CLP", date(2026, 11, 1), "Olga")
    for wrong in ({"currency": "EUR"}, {"currency": "C1"}, {"published_on": "2026-11-01"}, {"per_euro": "0"}, {}):
        answer = operator.post(add, {**data, **wrong})
        assert answer.status_code == 422, "the last is the same once more"
        assert answer.context["adminform"].form.errors


def test_programs_are_run_by_the_operator_and_watched_by_reviewers_of_the_host(operator: Client) -> None:
    load_cast()
    assert {person.full_name for person in reviewers()} == {"Noor Haddad", "Erik Holm"}
    program = Program.objects.get(code="azure_ip")
    page = operator.get(reverse("admin:registrations_program_change", args=[program.pk]))
    offered = page.context["adminform"].form.fields["second_reviewer"].queryset
    assert set(offered) == set(reviewers())
    for model in ("registration", "verdict", "exceptionrequest", "evidence", "receipt"):
        for asked in ({}, {"q": "CS-12"}, {"q": "cs-x"}):
            assert operator.get(reverse(f"admin:registrations_{model}_changelist"), asked).status_code == 200
