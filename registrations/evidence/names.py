"""What a file is called: only said, on pages and in the header of a download; nothing is stored under it."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from registrations.enums import FileKind

LONGEST = 200  # characters, as the column
JOINERS = "\u200c\u200d"  # Persian, Hindi and others cannot be written without them
SUFFIXES: dict[FileKind, tuple[str, ...]] = {
    **{kind: (f".{kind.value}",) for kind in FileKind},
    FileKind.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
}
KNOWN = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)


def clean(raw: str) -> str:
    """The last part of a path, without what is invisible or turns the direction of reading; other scripts stay."""
    last = unicodedata.normalize("NFC", raw).replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(" " if each.isspace() else each for each in last if each.isspace() or _is_seen(each))
    return _short(" ".join(seen.split()).strip(". ") or _("file"))


def with_suffix(name: str, kind: FileKind) -> str:
    """A clean name whose ending says what the file is."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES[kind]:
        return name
    stem = path.stem if suffix in KNOWN else name
    right = SUFFIXES[kind][0]
    return stem[: LONGEST - len(right)] + right


def _is_seen(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character)[0] != "C"


def _short(name: str) -> str:
    """Cut in the middle of what is too long: the ending says what it is."""
    if len(name) <= LONGEST:
        return name
    suffix = PurePosixPath(name).suffix[:10]
    return name[: LONGEST - len(suffix)] + suffix
