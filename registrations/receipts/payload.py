"""What a receipt says: one canonical JSON text, which is what is signed, and the file in which it is handed out."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from cosell.events.chain import canonical, plain
from cosell.events.models import Event
from registrations.claim import submitted
from registrations.enums import EventKind, FailReason, Field, ReceiptKind
from registrations.models import Receipt, Registration

VERSION = 1


def payload_of(registration: Registration, kind: ReceiptKind, event: Event, now: datetime) -> str:
    """Codes, English words and facts; no person's name. Amounts are text, instants UTC (docs/receipts.md)."""
    deal, engagement = registration.deal, registration.engagement
    facts = submitted(registration)
    names = facts.pop(Field.EVIDENCE, {})
    says: dict[str, Any] = {
        "receipt": VERSION,
        "kind": kind,
        "issued_at": now,
        "registration": registration.uid,
        "reference": engagement.reference,
        "deal": deal.name,
        "organization": deal.organization.name,
        "host": engagement.host.name,
        "customer": engagement.customer.name,
        "program": {"code": registration.program.code, "name": _english(registration.program)},
        "number": registration.number,
        "submitted_at": registration.submitted_at,
        "facts": facts,
        "annual_value": _annual(registration),
        "evidence": _evidence(registration, names),
        "decision": _decision(registration, event) if kind == ReceiptKind.DECISION else None,
        "event": {"stream": event.stream, "seq": event.seq, "hash": event.hash},
    }
    return canonical(plain(says)).decode()


def _english(said: object) -> str:
    with override("en"):
        return str(said)


def _annual(registration: Registration) -> dict[str, Any]:
    """The value of a year, and what it was worth in US dollars by which published rate (product.md §7)."""
    return {
        "amount": _cents(registration.annual_value),
        "currency": registration.currency,
        "usd": _cents(registration.annual_usd),
        "usd_rate": registration.usd_rate and registration.usd_rate.normalize(),
        "rate_month": registration.rate_month,
        "rate_published_on": registration.rate_published_on,
        "rate_source": registration.rate_source,
    }


def _cents(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _evidence(registration: Registration, names: dict[str, str]) -> list[dict[str, Any]]:
    """The files that were part of what was sent: `names` are {sha256: name}, sizes in bytes."""
    sizes = dict(registration.evidence.filter(sha256__in=names).values_list("sha256", "size"))
    return [{"sha256": each, "name": names[each], "size": sizes.get(each)} for each in sorted(names)]


def _decision(registration: Registration, event: Event) -> dict[str, Any]:
    """How it ended and why. Who decided is nobody's business outside of the host."""
    reasons: list[str] = []
    if event.kind != EventKind.APPROVED:
        counted = registration.verdicts.filter(round=registration.round, undone_at=None)
        last = counted.order_by("-pk").first()
        reasons = last.reasons if last else []
    return {
        "outcome": registration.state,
        "words": _english(registration.get_state_display()),
        "is_automatic": event.kind == EventKind.APPROVED,
        "reasons": [{"code": code, "words": _english(FailReason(code).label)} for code in reasons],
        "decided_at": event.at,
    }


HOW_TO_CHECK = (
    "Write the value of payload, without a newline at its end, into payload.txt (jq -j .payload FILE > payload.txt).",
    "Decode signature from base64 into signature.bin (jq -r .signature FILE | base64 -d > signature.bin).",
    "Get the public key from the portal's address /receipts/keys/KEY.pem, or take public_key, into key.pem.",
    "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in payload.txt -sigfile signature.bin",
)


def document(receipt: Receipt) -> str:
    """The file that is handed out: JSON with all that a check needs."""
    holds = {
        "payload": receipt.payload,
        "signature": receipt.signature,
        "key": receipt.key.kid,
        "public_key": receipt.key.public_pem,
        "how_to_check": HOW_TO_CHECK,
    }
    return json.dumps(holds, ensure_ascii=False, indent=2) + "\n"
