"""A "no" always carries its reasons: page, form, API, admin and mail show the same list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied


@dataclass(frozen=True)
class Reason:
    """Why something may not happen.

    `code` is stable and for programs; `text` says which rule, for people; `fix` says what would meet it
    (empty when nothing would).
    """

    code: str
    text: str
    fix: str = ""
    field: str = ""


class Refused(Exception):
    """An action that was not done. `status` is the HTTP answer it deserves.

    403 no right, 404 not theirs to know of, 409 somebody was first or the state does not allow it,
    422 the input breaks a rule.
    """

    def __init__(self, reasons: Sequence[Reason], status: int = 409) -> None:
        super().__init__("; ".join(reason.text for reason in reasons))
        self.reasons = list(reasons)
        self.status = status


class MayNotOpen(PermissionDenied):
    """Of the person's own organization, and not for this person: a 403 that says why, and nothing of what it is about.

    What belongs to others is a 404 instead.
    """

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__("; ".join(reason.text for reason in reasons))
        self.reasons = list(reasons)
