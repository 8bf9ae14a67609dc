"""The receipt on paper: A4, in the reader's language. It shows what was signed; the JSON holds the signed text itself.

The same receipt in the same language gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cosell.web.dates import locale
from deals.enums import RegistrationState
from registrations.enums import DeployedOn, FailReason, Field, Pricing, ProgramCode, ReceiptKind, Tenant
from registrations.models import Receipt
from registrations.receipts import fonts
from registrations.receipts.fonts import marked
from registrations.receipts.payload import HOW_TO_CHECK

INK, MUTED, LINE = HexColor("#242424"), HexColor("#5c5c5c"), HexColor("#d6d6d6")
MARGIN = 20 * mm
PADDING = 6  # reportlab's own, inside of the margins
WIDTH = A4[0] - 2 * MARGIN
TITLE = ParagraphStyle("title", fontName=fonts.BOLD, fontSize=16, leading=21, textColor=INK)
HEAD = ParagraphStyle(
    "head", fontName=fonts.BOLD, fontSize=10.5, leading=14, spaceBefore=12, spaceAfter=4, textColor=INK
)
TEXT = ParagraphStyle("text", fontName=fonts.PLAIN, fontSize=8.5, leading=12, textColor=INK)
LABEL = ParagraphStyle("label", parent=TEXT, textColor=MUTED)
# Text without spaces: lines break after any letter.
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7, leading=9.5, wordWrap="CJK")
CODE = ParagraphStyle("code", parent=TEXT, fontName="Courier", wordWrap="CJK")
GRID = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]
)
CHOICES = {Field.DEPLOYED_ON: DeployedOn, Field.TENANT: Tenant, Field.PRICING: Pricing, Field.PROGRAM: ProgramCode}
DATES = (Field.MARKETPLACE_ON, Field.SIGNED_ON, Field.STARTS_ON, Field.ENDS_ON)


def pdf_of(receipt: Receipt) -> bytes:
    """All of it is read from the signed text, nothing from what the register says today."""
    fonts.load()
    says = json.loads(receipt.payload)
    buffer = BytesIO()
    title = f"{_title(receipt)} · {says['reference']}"
    SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=title,
        author="Cosell",
        lang=get_language(),
        invariant=1,
    ).build([*_story(receipt, says)], onFirstPage=_foot(title), onLaterPages=_foot(title))
    return buffer.getvalue()


def _title(receipt: Receipt) -> str:
    if receipt.kind == ReceiptKind.SUBMISSION:
        return _("Receipt of a registration")
    return _("Receipt of a decision")


def _foot(title: str) -> Any:
    def draw(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(fonts.PLAIN, 7.5)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, 11 * mm, title)
        canvas.drawRightString(A4[0] - MARGIN, 11 * mm, str(document.page))

    return draw


def _story(receipt: Receipt, says: dict[str, Any]) -> Iterator[Flowable]:
    yield Paragraph(marked(_title(receipt)), TITLE)
    yield Paragraph(marked(f"{says['reference']} · {says['deal']}"), TEXT)
    yield Spacer(0, 8)
    yield _table(_head(says))
    if says["decision"]:
        yield Paragraph(marked(_("Decision")), HEAD)
        yield _table(_decision(says["decision"]))
    yield Paragraph(marked(_("What was submitted")), HEAD)
    yield _table(_facts(says))
    if says["evidence"]:
        yield Paragraph(marked(_("Evidence")), HEAD)
        for each in says["evidence"]:
            yield Paragraph(marked(f"{each['name']} · {_size(each['size'])}"), TEXT)
            yield Paragraph(f"SHA-256 {each['sha256']}", CODE)
    yield KeepTogether([*_proof(receipt, says)])
    yield from _signed(receipt)


def _table(rows: Iterator[tuple[str, list[str]]]) -> Table:
    cells = [
        [Paragraph(marked(label), LABEL), Paragraph("<br/>".join(map(marked, said)), TEXT)] for label, said in rows
    ]
    return Table(cells, colWidths=[0.34 * WIDTH, 0.66 * WIDTH], style=GRID)


def _head(says: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    yield _("Registered by"), [says["organization"]]
    yield _("Received by"), [says["host"]]
    yield _("Customer"), [says["customer"]]
    yield _("Program"), [_choice(ProgramCode, says["program"]["code"])]
    yield _("Submission"), [f"{says['number']} · {_instant(says['submitted_at'])}"]
    yield _("Receipt issued"), [_instant(says["issued_at"])]
    yield _("Registration ID"), [says["registration"]]


def _decision(decision: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    automatic = _("Approved automatically, all checks passed.")
    yield (
        _("Outcome"),
        [_choice(RegistrationState, decision["outcome"]), *([automatic] if decision["is_automatic"] else [])],
    )
    if decision["reasons"]:
        yield _("Reasons"), [f"{_choice(FailReason, each['code'])} ({each['code']})" for each in decision["reasons"]]
    yield _("Time of the decision"), [_instant(decision["decided_at"])]


def _facts(says: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The fields in the order of the form; what was left empty is left out."""
    facts, currency = says["facts"], says["facts"].get(Field.CURRENCY, "")
    for field in Field:
        value = facts.get(field)
        if value not in (None, "", {}) and field not in (Field.PROGRAM, Field.CURRENCY):
            yield str(field.label), _value(field, value, currency)
    yield from _annual(says["annual_value"])


def _value(field: Field, value: Any, currency: str) -> list[str]:
    if isinstance(value, bool):
        return [_("Yes") if value else _("No")]
    if field == Field.SOLUTION_VALUES:
        return [f"{code}: {_money(amount, currency)}" for code, amount in value.items()]
    if field == Field.CONTRACT_VALUE:
        return [_money(value, currency)]
    if field in DATES:
        return [_day(value)]
    return [_choice(CHOICES[field], value) if field in CHOICES else str(value)]


def _annual(annual: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    if annual["amount"]:
        yield _("Annual value"), [_money(annual["amount"], annual["currency"])]
    if annual["usd"] and annual["currency"] != "USD":
        how = _("1 %(currency)s = %(rate)s USD, %(month)s, published by %(source)s") % {
            "currency": annual["currency"],
            "rate": annual["usd_rate"],
            "month": (annual["rate_month"] or "")[:7],
            "source": annual["rate_source"],
        }
        yield _("In US dollars"), [_money(annual["usd"], "USD"), how]


def _proof(receipt: Receipt, says: dict[str, Any]) -> Iterator[Flowable]:
    event = says["event"]
    yield Paragraph(marked(_("Proof")), HEAD)
    for label, said in (
        (_("In the register"), f"{event['stream']} {event['seq']} {event['hash']}"),
        (_("SHA-256 of the signed text"), sha256(receipt.payload.encode()).hexdigest()),
        (_("Signature (Ed25519)"), receipt.signature),
        (_("Key"), receipt.key.kid),
    ):
        yield Paragraph(marked(label), LABEL)
        yield Paragraph(marked(said), CODE)
    yield Paragraph(marked(_("How to check")), HEAD)
    yield Paragraph(marked(_("The JSON file of this receipt holds the signed text as it is checked.")), TEXT)
    for line in HOW_TO_CHECK:
        yield Paragraph(marked(line), CODE if line.startswith("openssl") else TEXT)


def _signed(receipt: Receipt) -> Iterator[Flowable]:
    yield Paragraph(marked(_("The signed text")), HEAD)
    yield Paragraph(marked(receipt.payload), SMALL)
    yield Paragraph(marked(_("The public key")), HEAD)
    yield Paragraph("<br/>".join(receipt.key.public_pem.splitlines()), CODE)


def _choice(choices: Any, code: str) -> str:
    """The label in the reader's language; the code itself once it is no choice any more."""
    return str(choices(code).label) if code in choices.values else code


def _money(amount: str, currency: str) -> str:
    return f"{format_decimal(Decimal(amount), '#,##0.00', locale=locale())} {currency}"


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "long", locale=locale())


def _instant(text: str) -> str:
    at = datetime.fromisoformat(text)
    return f"{format_date(at.date(), 'long', locale=locale())} {at:%H:%M:%S} UTC"


def _size(size: int | None) -> str:
    return "" if size is None else f"{format_decimal(size, locale=locale())} B"
