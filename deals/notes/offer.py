"""A draft as a page holds it: signed, so that what comes back is what this server made for this very draft or deal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _

from deals.notes.template import VERSION

_OFFER, _USED = "deals.notes.offer", "deals.notes.used"


@dataclass(frozen=True)
class Offer:
    """`by` is "template/1" or "<model>/<version of the prompt>"; `inputs` are pairs of label and value."""

    about: str
    by: str
    problem: str
    help: str
    inputs: Sequence[Sequence[str]]
    message: str = ""

    @property
    def label(self) -> str:
        if self.by == VERSION:
            return _("Put together from your inputs, without a language model.")
        model = self.by.rpartition("/")[0]
        return _("Drafted by the language model %(model)s. Check it before you use it.") % {"model": model}

    def signed(self) -> str:
        return signing.dumps(asdict(self), salt=_OFFER, compress=True)

    def used(self) -> str:
        """What a form keeps once a person took this draft; `used_by` reads it."""
        return signing.dumps([self.about, self.by], salt=_USED)

    @classmethod
    def read(cls, signed: str, about: UUID | None = None) -> Offer | None:
        """None for what this server did not sign, or signed for another draft or deal than `about`."""
        found = _loaded(signed, _OFFER)
        return cls(**found) if found and about in (None, UUID(found["about"])) else None


def used_by(signed: str, about: UUID | None = None) -> str:
    """Who drafted the notes that a person took: "template/1", "<model>/1"; empty where nobody proves it."""
    found = _loaded(signed, _USED)
    return found[1] if found and about in (None, UUID(found[0])) else ""


def _loaded(signed: str, salt: str) -> Any:
    try:
        return signing.loads(signed, salt=salt) if signed else None
    except signing.BadSignature:
        return None
