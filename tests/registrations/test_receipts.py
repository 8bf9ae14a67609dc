"""A receipt that anybody can check: the signed text, its files, the command, openssl; who gets it; changed keys."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from cosell import clock
from cosell.events.models import Event
from cosell.local.cast.registrations import a_claim, order_form
from deals import actions as deal_actions
from registrations import actions
from registrations.enums import EventKind, FailReason, Outcome, Pricing, ReceiptKind
from registrations.models import Receipt, ReceiptKey, Registration
from registrations.receipts import fonts, issue, keys
from registrations.receipts.payload import HOW_TO_CHECK, document
from registrations.receipts.pdf import pdf_of
from tests.cast import LAKEHOUSE, client_for, new_deal, solutions, user, who

GIVEN = b64encode(bytes(range(32))).decode()
OTHER = b64encode(bytes(32)).decode()
NAME = "Première Énergie & Bosphorus Lojistik A.Ş."


@pytest.fixture
def registration(cast: None) -> Registration:
    """Submitted nine days ago; a reviewer failed it four days later."""
    with clock.moved_by(timedelta(days=-20)):
        deal = new_deal(name=NAME, shown=True, solutions=solutions(LAKEHOUSE))
    with clock.moved_by(timedelta(days=-10)):
        deal_actions.win_deal(who("ana"), deal.pk)
    with clock.moved_by(timedelta(days=-9)):
        claim = a_claim(deal, pricing=Pricing.PAYG)
        file = actions.add_file(who("ana"), deal.pk, claim.program, order_form(deal, claim))
        registration = actions.submit(who("ana"), deal.pk, file.registration.version, claim)
    with clock.moved_by(timedelta(days=-5)):
        dates = [FailReason.DATES_DISAGREE]
        actions.decide(
            who("noor"), registration.pk, Outcome.FAIL, version=registration.version, reasons=dates, words="See there."
        )
    return Registration.objects.get(pk=registration.pk)


def test_submission_and_decision_are_certified(registration: Registration, tmp_path: Path, settings: Any) -> None:
    with clock.moved_by(timedelta(days=-5)):
        actions.close_registration(registration.pk)
    assert registration.receipts.count() == 1, "within the minute of undo nothing is certified"
    settings.COSELL_RECEIPT_KEY = GIVEN  # between the two
    actions.close_registration(registration.pk)
    sent, decided = registration.receipts.select_related("key")
    assert sent.key != decided.key
    _payloads(registration, sent, decided)

    files = [_written(tmp_path, receipt) for receipt in (sent, decided)]
    assert _verified(*files) == (0, 2), "the earlier key is still known"
    assert _verified("--offline", *files) == (0, 2)
    pem = tmp_path / "key.pem"
    pem.write_text(decided.key.public_pem)
    assert _verified("--offline", "--public-key", str(pem), *files) == (1, 1), "that key signed only one of them"
    _refuses_what_was_changed(decided, tmp_path)
    _openssl(decided, tmp_path)
    _given_out(decided)


def _payloads(registration: Registration, sent: Receipt, decided: Receipt) -> None:
    first, last = json.loads(sent.payload), json.loads(decided.payload)
    assert sent.payload == json.dumps(first, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert first["deal"] == NAME
    assert first["decision"] is None
    assert first["facts"]["pricing"] == "payg"
    assert "evidence" not in first["facts"]
    file = registration.evidence.get()
    assert first["evidence"] == [{"name": file.name, "sha256": file.sha256, "size": file.size}]
    assert first["annual_value"]["usd_rate"] == "1"
    event = Event.objects.get(stream=registration.engagement.stream, seq=sent.event_seq)
    assert (event.kind, first["event"]["hash"]) == (EventKind.SUBMITTED, event.hash)
    assert last["decision"]["outcome"] == "review_failed"
    assert last["decision"]["reasons"] == [{"code": "dates_disagree", "words": FailReason.DATES_DISAGREE.label}]
    for person in ("noor", "ana"):
        assert user(person).full_name not in sent.payload + decided.payload
    again = issue(registration, ReceiptKind.SUBMISSION, event, clock.now())
    assert again == sent, "an event has one receipt"


def _written(folder: Path, receipt: Receipt, **changed: str) -> str:
    path = folder / f"{receipt.kind}{len(changed)}.json"
    path.write_text(json.dumps({**json.loads(document(receipt)), **changed}))
    return str(path)


def _verified(*args: str) -> tuple[int, int]:
    """The code that the command ends with, and how many it found right."""
    out, code = StringIO(), 0
    try:
        call_command("verify_receipt", *args, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue().count("OK ")


def _refuses_what_was_changed(receipt: Receipt, folder: Path) -> None:
    worth_more = receipt.payload.replace("310000", "910000")
    assert _verified(_written(folder, receipt, payload=worth_more)) == (1, 0)
    # signed by us, and not what the register says
    event = json.loads(receipt.payload)["event"]["hash"]
    elsewhere = receipt.payload.replace(event, sha256(b"x").hexdigest())
    forged = _written(folder, receipt, payload=elsewhere, signature=keys.sign(elsewhere))
    assert _verified("--offline", forged) == (0, 1)
    assert _verified(forged) == (1, 0)
    # signed with a key that is nobody's
    assert _verified(_written(folder, receipt, key="0" * 16, public_key="")) == (1, 0)
    for nonsense in ("{}", "[]", "no JSON", '{"payload": 1, "signature": 2, "key": 3, "public_key": 4}'):
        (folder / "nonsense.json").write_text(nonsense)
        assert _verified("--offline", str(folder / "nonsense.json")) == (1, 0)
    assert _verified(str(folder / "missing.json")) == (1, 0)


def _openssl(receipt: Receipt, folder: Path) -> None:
    """The command that the receipt itself names."""
    (folder / "payload.txt").write_text(receipt.payload)
    (folder / "signature.bin").write_bytes(b64decode(receipt.signature))
    check = HOW_TO_CHECK[-1].split()
    done = subprocess.run(check, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "payload.txt").write_text(receipt.payload + " ")
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode != 0


def _given_out(receipt: Receipt) -> None:
    as_json, as_pdf = (reverse(f"registrations:receipt_{kind}", args=[receipt.uid]) for kind in ("json", "pdf"))
    got = client_for("ana").get(as_json)
    assert got.json()["payload"] == receipt.payload
    assert got.headers["Content-Disposition"].endswith(f'CS-{receipt.registration.engagement_id}-decision-2.json"')
    got = client_for("noor").get(as_pdf)
    assert (got.headers["Content-Type"], got.content[:5]) == ("application/pdf", b"%PDF-")
    assert client_for("tom").get(as_json).status_code == 403, "a colleague of another location"
    assert [client_for(name).get(as_pdf).status_code for name in ("priya", "lee")] == [404, 404]
    got = Client().get(reverse("registrations:receipt_key", args=[receipt.key.kid]))
    assert got.content.decode() == receipt.key.public_pem


def test_the_key_is_given_or_derived(settings: Any) -> None:
    settings.COSELL_RECEIPT_KEY = ""
    derived = keys.private_key()
    assert derived.private_bytes_raw() == keys.private_key().private_bytes_raw()
    settings.SECRET_KEY = "another"
    assert derived.private_bytes_raw() != keys.private_key().private_bytes_raw()
    settings.COSELL_RECEIPT_KEY = GIVEN
    public = keys.private_key().public_key()
    assert keys.private_key().private_bytes_raw() == bytes(range(32))
    assert keys.kid_of(public) == sha256(public.public_bytes_raw()).hexdigest()[:16]
    assert keys.is_signed(keys.read_public(keys.pem_of(public)), "Ş", keys.sign("Ş"))
    assert not keys.is_signed(public, "S", keys.sign("Ş"))
    assert not keys.is_signed(public, "Ş", "no base64")


@pytest.mark.parametrize("bad", ["abc", "Ş", b64encode(bytes(31)).decode()])
def test_a_key_that_is_none_is_said(settings: Any, bad: str) -> None:
    settings.COSELL_RECEIPT_KEY = bad
    with pytest.raises(ImproperlyConfigured, match="32 bytes"):
        keys.private_key()


def test_only_keys_of_ed25519_are_read() -> None:
    curve = (
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
        "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n"
    )
    for pem in ("", "no key", curve):
        with pytest.raises(ValueError):
            keys.read_public(pem)


@pytest.mark.django_db
def test_the_first_use_of_a_key_keeps_its_public_half(settings: Any) -> None:
    settings.COSELL_RECEIPT_KEY = OTHER
    row = keys.published(clock.now())
    assert keys.published(clock.now() + timedelta(days=1)) == row
    assert ReceiptKey.objects.get(kid=row.kid).public_pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert not connection.needs_rollback


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Première Énergie", "Première Énergie"),
        ("Bosphorus Lojistik A.Ş.", "Bosphorus Lojistik A.Ş."),
        ("Pepper & <b>", "Pepper &amp; &lt;b&gt;"),
        ("株式会社デモ", '<font name="HeiseiKakuGo-W5">株式会社デモ</font>'),
        ("A 데모", 'A <font name="HYGothic-Medium">데모</font>'),
        ("简体", '<font name="STSong-Light">简体</font>'),
        ("Зима", '<font name="HeiseiKakuGo-W5">Зима</font>'),
        ("Győr", "Gyor"),
        ("e\u0301", "é"),
        ("🎉\0\u05d0", "???"),
    ],
)
def test_every_name_can_be_written(text: str, markup: str) -> None:
    assert fonts.marked(text) == markup


def _receipt(**says: Any) -> Receipt:
    """One with more, and longer, than anybody sends."""
    at = "2026-07-01T10:00:00+00:00"
    given: dict[str, Any] = {
        **{"registration": "7d1f", "reference": "CS-10001", "organization": "O", "host": "H", "customer": "C"},
        **{"number": 2, "submitted_at": at, "issued_at": at, "program": {"code": "azure_ip"}},
        "deal": "株式会社 🎉 " + "Ş" * 300,
        "event": {"stream": "engagement:1", "seq": 3, "hash": "0" * 64},
        "facts": {
            **{"program": "azure_ip", "currency": "EUR", "contract_value": "1200", "signed_on": "2024-02-29"},
            **{"tenant": "gone", "is_perpetual": True},
            "solution_values": {f"SOL-{number}": "1.10" for number in range(40)},
        },
        "annual_value": {
            **{"amount": "1200.00", "currency": "EUR", "usd": "1300.00", "usd_rate": "1.0833"},
            **{"rate_month": "2026-07-01", "rate_source": "ECB"},
        },
        "evidence": [{"name": "x" * 200, "sha256": "f" * 64, "size": None if n else 5} for n in range(20)],
        "decision": {
            **{"outcome": "approved", "is_automatic": True, "decided_at": at},
            "reasons": [{"code": "no_evidence"}, {"code": "gone"}],
        },
    }
    key = ReceiptKey(kid="0" * 16, public_pem="-----BEGIN\nA\n")
    text = json.dumps({**given, **says}, ensure_ascii=False)
    return Receipt(kind=ReceiptKind.DECISION, number=1, payload=text, signature="A" * 86 + "==", key=key)


def test_the_same_receipt_gives_the_same_bytes() -> None:
    with override("en"):
        first, again, other = pdf_of(_receipt()), pdf_of(_receipt()), pdf_of(_receipt(customer="D"))
    with override("pt-br"):
        portuguese = pdf_of(_receipt())
    assert first == again
    assert len({first, other, portuguese}) == 3


def test_the_page_about_receipts_names_the_command() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "receipts.md").read_text()
    assert HOW_TO_CHECK[-1] in page
