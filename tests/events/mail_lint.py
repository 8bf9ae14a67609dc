"""What mail programs draw, as a small table: everything else is left out of our mails.

From caniemail.com and the clients' own lists: Gmail keeps one style block of at most 8192 characters and clips a mail
at 102 KB; Outlook for Windows draws with Word's engine (no flex, grid, position, float, no padding on a paragraph).
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

STYLE_LIMIT, MAIL_LIMIT = 8_192, 102_000
TABLE = {"class", "role", "width", "align", "cellpadding", "cellspacing", "border"}
TAGS: dict[str, set[str]] = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "name", "content"},
    "title": set(),
    "style": set(),
    "body": set(),
    "table": TABLE,
    "tr": set(),
    "th": {"scope", "align", "valign"},
    "td": {"class", "align", "valign"},
    "a": {"href"},
    **{tag: set() for tag in ("h1", "h2", "p", "b", "strong", "br", "ul", "li", "blockquote")},
}
VOID = {"meta", "br"}
PROPERTIES = {
    *("color", "background-color", "color-scheme", "supported-color-schemes"),
    *("font-family", "font-size", "font-weight", "line-height", "text-align", "text-decoration", "vertical-align"),
    *("width", "max-width", "display", "word-break", "border-collapse"),
    *("margin", "padding", "padding-left", "border", "border-left", "border-color"),
}
SELECTOR = re.compile(r"(:root|\.?[a-z][a-z0-9]*)( [a-z][a-z0-9]*)?")
VALUE = re.compile(r"[\w#.,%\"\s-]+")  # no url(), var(), calc(), no !important
QUERY = "@media (prefers-color-scheme: dark)"


class Lint(HTMLParser):
    """`faults` says what a mail program would leave out, what is not closed, and what is empty."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[tuple[str, str]] = []  # tag, and the text in it
        self.count: dict[str, int] = {}
        self.feed(html)
        self.faults += [f"<{tag}> is not closed" for tag, _text in self.open]
        self.faults += [f"{len(html)} characters"] if len(html.encode()) > MAIL_LIMIT else []
        for tag, count in {"h1": 1, "style": 1, "title": 1}.items():
            self.faults += [f"{self.count.get(tag, 0)} <{tag}>"] if self.count.get(tag, 0) != count else []
        buttons = html.count('class="button"')
        self.faults += [f"{buttons} buttons"] if buttons > 1 else []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        given = dict(attrs)
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        self.faults += [f"<{tag} {name}>" for name in given.keys() - TAGS.get(tag, set())]
        if tag == "a" and not re.match(r"https?://", given.get("href") or ""):
            self.faults.append(f"leads nowhere: {given.get('href')}")
        if tag not in VOID:
            self.open.append((tag, ""))

    def handle_data(self, data: str) -> None:
        self.open = [(tag, text + data) for tag, text in self.open]
        if self.open and self.open[-1][0] == "style":
            self.faults += style_faults(data)

    def handle_endtag(self, tag: str) -> None:
        opened, text = self.open.pop()
        if opened != tag:
            self.faults.append(f"</{tag}> closes <{opened}>")
        if not text.strip() and tag not in ("meta", "br"):
            self.faults.append(f"<{tag}> is empty")


def style_faults(css: str) -> Iterator[str]:
    if len(css) > STYLE_LIMIT:
        yield f"style of {len(css)} characters"
    flat = css.replace(QUERY, "").strip()
    for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", flat.replace("{\n", "{\n", 1)):
        selectors, block = rule
        for selector in selectors.strip(" \n{").split(","):
            if not SELECTOR.fullmatch(selector.strip()):
                yield f"selector {selector.strip()}"
        for declaration in filter(None, (each.strip() for each in block.split(";"))):
            name, _colon, value = declaration.partition(":")
            if name.strip() not in PROPERTIES:
                yield f"property {name}"
            if not VALUE.fullmatch(value.strip()):
                yield f"value {value}"
    if "@" in flat or "/*" in flat:
        yield "a rule that is none of selectors"
