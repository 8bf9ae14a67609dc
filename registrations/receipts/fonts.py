"""Letters of any script on a page: the font that comes with reportlab, Asian fonts that every reader has, no files.

Names come from all over the world and the receipt must not fail on one of them. What no font has is written with its
base letter (ő as o), else as "?"; the exact text is what was signed, and stands in the JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from unicodedata import normalize
from xml.sax.saxutils import escape

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "Vera", "VeraBd"
# Fonts by name only, with a codec that knows what letters each has; the Japanese one has Cyrillic, too.
ASIAN = {
    "HeiseiKakuGo-W5": "shift_jis",
    "STSong-Light": "gbk",
    "HYGothic-Medium": "cp949",
    "MSung-Light": "big5",
}
UNKNOWN = "?"


@cache
def load() -> None:
    """Make the fonts known to reportlab, once a process."""
    for name in (PLAIN, BOLD):
        registerFont(TTFont(name, f"{name}.ttf"))
    registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    for name in ASIAN:
        registerFont(UnicodeCIDFont(name))


@cache
def _plain_glyphs() -> frozenset[int]:
    return frozenset(TTFont(PLAIN, f"{PLAIN}.ttf").face.charToGlyph)


def marked(text: object) -> str:
    """`text` as a paragraph's markup, escaped, with the font of each stretch of it."""
    normal = normalize("NFC", str(text))
    asian = _asian_font(normal)
    letters = [_letter(each, asian) for each in normal]
    runs = ((font, "".join(each for each, _font in run)) for font, run in groupby(letters, lambda pair: pair[1]))
    return "".join(f'<font name="{font}">{escape(run)}</font>' if font else escape(run) for font, run in runs)


def _letter(letter: str, asian: str) -> tuple[str, str]:
    """What is drawn for `letter`, and the font's name; "" is the paragraph's own."""
    if ord(letter) in _plain_glyphs():
        return letter, ""
    for font in (asian, *ASIAN):
        if _has(font, letter):
            return letter, font
    base = normalize("NFD", letter)[0]
    return (base if ord(base) in _plain_glyphs() else UNKNOWN), ""


def _asian_font(text: str) -> str:
    """The one that has most of what the plain font lacks, so that a name is written in one hand."""
    lacking = [each for each in text if ord(each) not in _plain_glyphs()]
    return max(ASIAN, key=lambda font: _count(font, lacking))


def _count(font: str, letters: Iterable[str]) -> int:
    return sum(_has(font, each) for each in letters)


def _has(font: str, letter: str) -> bool:
    try:
        return len(letter.encode(ASIAN[font])) > 1  # one byte is a control character
    except UnicodeEncodeError:
        return False
