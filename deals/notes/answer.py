"""What comes from the model, as it comes: two notes with a line of equals signs between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from deals.notes.template import LIMIT

PARTS = ("problem", "help")
_SEPARATOR = re.compile(r"\s*={3,}\s*")


class Garbage(ValueError):
    """The answer is not two notes of a fair length."""


class Answer:
    """Takes the text in pieces of any size, and gives it on as soon as it is known which note it belongs to."""

    def __init__(self) -> None:
        self.texts = dict.fromkeys(PARTS, "")
        self._part = 0
        self._line = ""  # the present line, as far as it was not given on: it may become the separator
        self._is_text = False  # the present line is known to be none

    def feed(self, text: str) -> Iterator[tuple[str, str]]:
        """Pairs of part and text. Raises Garbage for a third part, and for one that is too long."""
        *whole, rest = (self._line + "".join(filter(_is_kept, text))).split("\n")
        for line in whole:
            if not self._is_text and _SEPARATOR.fullmatch(line):
                self._turn()
            else:
                yield from self._add(line + "\n")
            self._is_text = False
        self._line = rest
        if rest and (self._is_text or rest.strip(" =\t")):
            self._is_text, self._line = True, ""
            yield from self._add(rest)

    def end(self) -> Iterator[tuple[str, str]]:
        """What was held back. Raises Garbage when a note is missing."""
        yield from self._add(self._line)
        if not all(text.strip() for text in self.texts.values()):
            raise Garbage

    def _turn(self) -> None:
        if self._part:
            raise Garbage
        self._part = 1

    def _add(self, text: str) -> Iterator[tuple[str, str]]:
        part = PARTS[self._part]
        if not self.texts[part]:
            text = text.lstrip()
        if text:
            self.texts[part] += text
            if len(self.texts[part]) > LIMIT:
                raise Garbage
            yield part, text


def _is_kept(char: str) -> bool:
    """No control characters (no form takes a NUL) and no halves of characters (no encoding takes them)."""
    return char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}
