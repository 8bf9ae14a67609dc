"""`manage.py verify_receipt`: is this file what was signed, and does the register say the same?"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import BaseCommand

from cosell.events.chain import Counts, Head, problems
from registrations.models import ReceiptKey
from registrations.receipts import keys


class Command(BaseCommand):
    help = "Checks receipts (JSON): the signature, and the event in the register. Ends with 1 when one is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--public-key", type=Path, metavar="PEM", help="check with this key, and no other")
        parser.add_argument("--offline", action="store_true", help="only the signature; no database is asked")

    def handle(self, *args: Any, files: list[Path], public_key: Path | None, offline: bool, **options: Any) -> None:
        wrong = 0
        for file in files:
            try:
                said = self.check(file, public_key, offline=offline)
                self.stdout.write(f"OK {file}: {said}")
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                wrong += 1
                self.stdout.write(
                    f"WRONG {file}: {error if isinstance(error, (OSError, ValueError)) else 'no receipt'}"
                )
        if wrong:
            sys.exit(1)

    def check(self, file: Path, public_key: Path | None, *, offline: bool) -> str:
        """What holds; ValueError says what does not."""
        receipt = json.loads(file.read_text(encoding="utf-8"))
        public = trusted(receipt, public_key, offline=offline)
        if not keys.is_signed(public, receipt["payload"], receipt["signature"]):
            raise ValueError("the signature is not of this text and key")
        says = json.loads(receipt["payload"])
        said = f"{says['reference']}, {says['kind']} {says['number']}, signed with {keys.kid_of(public)}"
        if not offline:
            in_register(says["event"])
            return f"{said}; the register says the same"
        if public_key is None:
            said += ", a key that the file brings itself: compare it with the published one"
        return said


def trusted(receipt: dict[str, str], public_key: Path | None, *, offline: bool) -> Ed25519PublicKey:
    """The key to believe: the one given, else the register's of that name, else, offline, the file's own."""
    if public_key:
        return keys.read_public(public_key.read_text())
    if offline:
        return keys.read_public(receipt["public_key"])
    row = ReceiptKey.objects.filter(kid=receipt["key"]).first()
    if row is None:
        raise ValueError(f"the key {receipt['key']} is none of this register")
    return keys.read_public(row.public_pem)


def in_register(event: dict[str, Any]) -> None:
    """The whole stream must hold, with the event that was signed in its place."""
    head = Head(event["stream"], event["seq"], event["hash"])
    broken = [str(problem) for problem in problems(Counts(), stream=head.stream, known=[head])]
    if broken:
        raise ValueError(f"the register differs: {'; '.join(broken)}")
