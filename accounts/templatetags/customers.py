"""{% load customers %}: what was typed, seen again in the names that were found."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.names import words_of

register = template.Library()
_WORD = re.compile(r"(\w+)")


@register.filter
def marked(name: str, typed: str) -> SafeString:
    """`name` with <mark> around the beginnings of words that were typed."""
    asked = words_of(typed) if typed else ()
    parts = _WORD.split(name) if asked else [name]
    return format_html_join(
        "", "{}", ((_marked(part, asked) if index % 2 else part,) for index, part in enumerate(parts))
    )


def _marked(word: str, asked: tuple[str, ...]) -> str:
    [key, *_more] = words_of(word) or ("",)
    begun = [each for each in asked if key.startswith(each)]
    if not begun:
        return word
    # letters that are written as two ("ß") do not count the same: then the whole word
    length = len(max(begun, key=len)) if len(key) == len(word) else len(word)
    return format_html("<mark>{}</mark>{}", word[:length], word[length:])
