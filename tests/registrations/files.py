"""Real small files of each kind that evidence may be, and of some that it may not."""

from __future__ import annotations

import io
import zipfile

MIB = 1024 * 1024
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" + (
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
PNG = bytes.fromhex(  # one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 40 + bytes.fromhex("ffd9")
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 24
OLD_WORD = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
MAINS = {
    "word": "wordprocessingml.document",
    "xl": "spreadsheetml.sheet",
    "ppt": "presentationml.presentation",
}


def office(folder: str = "word", *, main: str = "", **more: bytes) -> bytes:
    """An Office file as small as it can be; `more` by the names of further parts, "__" for "/"."""
    main = main or f"application/vnd.openxmlformats-officedocument.{MAINS[folder]}.main+xml"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        types = f'<Types><Override PartName="/{folder}/a.xml" ContentType="{main}"/></Types>'
        parts: dict[str, str | bytes] = {"[Content_Types].xml": types, f"{folder}/a.xml": "<a/>"}
        for name, content in {**parts, **{name.replace("__", "/"): part for name, part in more.items()}}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # without the time of day
    return held.getvalue()
