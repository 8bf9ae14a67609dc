"""What a file is, by its content: name and declared type are only what somebody says (product.md §7).

PDF, PNG, JPEG, WebP, and the Office formats that are zip archives of XML. Nothing is unpacked but the one part that
names the others, and that only up to a limit.
"""

from __future__ import annotations

import codecs
import os
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO

import puremagic
from django.utils.translation import gettext as _

from cosell.web.reasons import Reason
from registrations.enums import Field, FileKind

HEAD, TAIL = 4096, 2048  # bytes
OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")  # also that of Office files with a password
BY_SUFFIX = {".pdf": FileKind.PDF, ".png": FileKind.PNG, ".jpeg": FileKind.JPEG, ".webp": FileKind.WEBP}

# An archive is refused by what its directory declares, before anything of it is unpacked.
MAX_ENTRIES = 5_000
MAX_DIRECTORY = 2 * 1024 * 1024  # bytes
MAX_UNPACKED = 400 * 1024 * 1024  # bytes, all entries
MAX_RATIO = 100  # of all entries; documents stay below 30
MAX_TYPES = 1024 * 1024  # bytes of [Content_Types].xml that are read
TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
OFFICE: dict[FileKind, tuple[str, str]] = {  # the type of the main part, and the folder that it lies in
    FileKind.DOCX: (MAIN.format("wordprocessingml.document"), "word/"),
    FileKind.XLSX: (MAIN.format("spreadsheetml.sheet"), "xl/"),
    FileKind.PPTX: (MAIN.format("presentationml.presentation"), "ppt/"),
}


def kind_of(file: IO[bytes]) -> FileKind | Reason:
    """What an open file is, or why it is not taken."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        return no("empty_file", _("The file is empty."), _("Choose it again, or save it anew first."))
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"PK"):
        return _office(file, size)
    if head.startswith(OLD_OFFICE):
        words = _("This is an Office file of an older format, or one with a password; reviewers could not open it.")
        return no("old_office", words, _("Save it without a password as DOCX, XLSX, PPTX or PDF."))
    found = {BY_SUFFIX[match.extension] for match in _matches(head) if match.extension in BY_SUFFIX}
    if head.startswith(b"%PDF-") or FileKind.PDF in found:
        return _pdf(file, size, head)
    return found.pop() if len(found) == 1 else _other(head)


def no(code: str, text: str, fix: str = "") -> Reason:
    """A refusal, at the field of the form."""
    return Reason(code, text, fix, Field.EVIDENCE.value)


def _matches(head: bytes) -> Sequence[puremagic.PureMagicWithConfidence]:
    try:
        return puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):  # nothing is known of it
        return []


def _other(head: bytes) -> Reason:
    names = [match.name for match in _matches(head) if match.name]
    words = _("By its content this is not a PDF, image or Office file.")
    if names:
        words = _("By its content this is not a PDF, image or Office file; it looks like: %(kind)s.") % {
            "kind": names[0]
        }
    return no("not_accepted", words, _("PDF, PNG, JPEG, WebP, DOCX, XLSX and PPTX are accepted."))


def _pdf(file: IO[bytes], size: int, head: bytes) -> FileKind | Reason:
    file.seek(max(0, size - TAIL))
    if head.startswith(b"%PDF-") and b"%%EOF" in file.read(TAIL):
        return FileKind.PDF
    return no("broken_pdf", _("This PDF is damaged or cut off."), _("Save or download it again, and choose it then."))


# ---------------------------------------------------------------------------------------------------- Office


def _office(file: IO[bytes], size: int) -> FileKind | Reason:
    broken = no("broken_office", _("This archive is damaged, or not an Office file."), _("Save it again in Office."))
    if _directory_is_large(file, size):
        return _bomb()
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if _is_bomb(entries, size):
                return _bomb()
            names = [entry.filename for entry in entries]
            if TYPES not in names or not all(_is_readable(entry) for entry in entries):
                return broken
            with archive.open(TYPES) as part:
                types = _text(part.read(MAX_TYPES + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return broken
    if len(types) > MAX_TYPES:
        return _bomb()
    if _has_macros(names, types):
        words = _("This file contains macros, which can run on the reviewer's computer.")
        return no("macros", words, _("Save it without macros (DOCX, XLSX, PPTX) or as PDF."))
    found = [kind for kind, (main, folder) in OFFICE.items() if main in types and _lies_in(folder, names)]
    return found[0] if len(found) == 1 else broken


def _directory_is_large(file: IO[bytes], size: int) -> bool:
    """True when the archive's directory is more than an Office file needs: Python would read all of it at once."""
    file.seek(max(0, size - 65_557))  # a comment may follow the record, of 64 KiB at most
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return False  # no archive: zipfile says so
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    is_zip64 = tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")  # there the true numbers stand elsewhere
    return is_zip64 or entries > MAX_ENTRIES or length > MAX_DIRECTORY


def _is_bomb(entries: Sequence[zipfile.ZipInfo], size: int) -> bool:
    """It declares to be far more than it weighs, or entries that share the same bytes."""
    packed, unpacked = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
    return len(entries) > MAX_ENTRIES or packed > size or unpacked > min(MAX_UNPACKED, MAX_RATIO * size)


def _is_readable(entry: zipfile.ZipInfo) -> bool:
    """Without a password, and packed as Office does it."""
    return not entry.flag_bits & 1 and entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _bomb() -> Reason:
    words = _("Unpacked, this file would be far larger than a document is, so it was not opened.")
    return no("too_large_unpacked", words, _("Save it as PDF."))


def _text(raw: bytes) -> str:
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if is_wide else "utf-8", "replace")


def _has_macros(names: Sequence[str], types: str) -> bool:
    low = [name.lower() for name in names]
    return any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in low) or any(
        word in types for word in ("macroEnabled", "vnd.ms-office.vbaProject")
    )


def _lies_in(folder: str, names: Sequence[str]) -> bool:
    return any(name.startswith(folder) for name in names)
