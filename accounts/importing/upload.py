"""A small file in the Django admin: first what would happen, then the import of what was shown."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django import forms
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.importing import run, tables
from accounts.importing.rows import Problem
from accounts.importing.source import Source, Unreadable
from accounts.models import CustomerImport, User

MAX_ROWS = 5_000
MAX_BYTES = 5_000_000
KEPT_SECONDS = 1_800  # between looking at what would happen and wanting it


@dataclass
class Outcome:
    """What happened, or would. No case is waiting for the steps of a small file."""

    what: CustomerImport | None = None
    problems: list[Problem] = field(default_factory=list)

    def refused(self, problems: list[Problem]) -> None:
        self.problems += problems

    def now(self, step: str, done: int, of: int) -> None:
        pass


class UploadForm(forms.Form):
    """A file to check, or the mark of one that was checked. `source` is set when the form is valid."""

    file = forms.FileField(label=gettext_lazy("CSV file"), required=False)
    checked = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)
    source: Source

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> None:
        if self.errors:
            return
        if self.cleaned_data["checked"]:
            name, content = self._kept(self.cleaned_data["checked"])
        elif file := self.cleaned_data["file"]:
            if file.size > MAX_BYTES:
                raise forms.ValidationError(too_big())
            name, content = file.name, file.read()
        else:
            raise forms.ValidationError(_("Choose a file."))
        try:
            self.source = Source.of(name, lambda: BytesIO(content))
            rows = sum(len(batch.rows) for batch in self.source.batches(MAX_ROWS))
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        if not rows:
            raise forms.ValidationError(_("The file has no row below its header."))
        if rows > MAX_ROWS:
            raise forms.ValidationError(too_big())
        cache.set(self._key(self.source.sha256), (name, zlib.compress(content)), KEPT_SECONDS)

    def _key(self, sha256: str) -> str:
        """Nobody imports what somebody else checked."""
        return f"customers-upload-{self.user.pk}-{sha256}"

    def _kept(self, sha256: str) -> tuple[str, bytes]:
        found = cache.get(self._key(sha256))
        if not found:
            raise forms.ValidationError(_("A checked file is kept for half an hour only. Choose it again."))
        return found[0], zlib.decompress(found[1])

    def rehearse(self) -> Outcome | None:
        """What would happen; None, with the form's error, while another import runs."""
        outcome = Outcome()
        try:
            with tables.alone():
                outcome.what = run.rehearse(self.source, outcome)
        except tables.Busy:
            self._say_busy()
            return None
        return outcome

    def load(self) -> Outcome | None:
        """Imports it; None, with the form's error, while another import runs."""
        outcome = Outcome()
        try:
            with tables.alone():
                outcome.what = run.begin(self.source, by=self.user)
                run.go_on(self.source, outcome.what, outcome, heals=False)
        except tables.Busy:
            self._say_busy()
            return None
        cache.delete(self._key(self.source.sha256))
        return outcome

    def _say_busy(self) -> None:
        self.add_error(None, _("Another import is running. Try again when it is done."))


def too_big() -> str:
    return _("Here at most %(rows)s rows and %(megabytes)s MB. For larger files: manage.py import_customers FILE") % {
        "rows": f"{MAX_ROWS:,}",
        "megabytes": MAX_BYTES // 1_000_000,
    }
