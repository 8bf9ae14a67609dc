"""Where the bytes lie: outside of every web root, under the uid, readable by the server's own user alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

PARTIAL = ".part"


def root() -> Path:
    return Path(settings.COSELL_EVIDENCE_DIR)


def path_of(uid: UUID) -> Path:
    """Of a whole file. Two letters of the uid make the folder, so that none holds them all."""
    return root() / uid.hex[:2] / uid.hex


def where(uid: UUID) -> Path:
    """What has come so far; the whole file, also when the transaction that said so failed."""
    whole = path_of(uid)
    return whole if whole.exists() else whole.with_suffix(PARTIAL)


def write_at(uid: UUID, offset: int, data: bytes) -> None:
    """Put `data` there, and nothing behind it: what an interrupted request left is written over. On disk when done."""
    partial = path_of(uid).with_suffix(PARTIAL)
    for folder in (root(), partial.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b") as file:
        if os.fstat(file.fileno()).st_size < offset:
            raise OSError(f"Bytes of {uid} before {offset} are gone")
        file.truncate(offset)
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def keep(uid: UUID) -> None:
    """The file is whole: give it its name, for good. Nothing happens when it has it already."""
    whole, found = path_of(uid), where(uid)
    if found == whole:
        return
    found.replace(whole)
    folder = os.open(whole.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove(uid: UUID) -> None:
    whole = path_of(uid)
    for path in (whole, whole.with_suffix(PARTIAL)):
        path.unlink(missing_ok=True)


def open_whole(uid: UUID) -> IO[bytes]:
    """Raises FileNotFoundError where the bytes are gone."""
    return path_of(uid).open("rb")


def digest(path: Path) -> str:
    """SHA-256 of the content, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def older_than(moment: datetime) -> Iterator[UUID]:
    """The uids of all files last written before `moment`."""
    for path in root().glob("??/*"):
        if path.stat().st_mtime < moment.timestamp():
            yield UUID(path.stem)
