"""A person who clicks on everything: each link, form and hx- attribute of each page, from the start pages on.

What a POST writes is undone after its answer was read.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

VARIANTS = 4  # of one page by its query: sorts, filters and pages of a list are alike
NOT_FOLLOWED = ("/sign-in/", "/language", "/static/", "/healthz", "/readyz")


@dataclass(frozen=True)
class Step:
    """A request, and where it was found."""

    method: str
    url: str
    data: tuple[tuple[str, str], ...] = ()
    htmx: bool = False
    found_on: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        return self.method, urlsplit(self.url).path, urlsplit(self.url).query, self.data, self.htmx

    def __str__(self) -> str:
        return f"{self.method} {self.url} (from {self.found_on or 'the start'})"


@dataclass
class Crawl:
    """`read(step, text)` is called with every answer: its headers and its body."""

    client: Client
    read: Callable[[Step, str], None]
    most: int  # pages
    seen: set[tuple[object, ...]] = field(default_factory=set)
    variants: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked: int = 0

    def run(self, starts: Iterable[str]) -> None:
        waiting = deque(Step("GET", url) for url in starts)
        while waiting and self.asked < self.most:
            step = waiting.popleft()
            if self._is_new(step):
                waiting.extend(self.ask(step))

    def ask(self, step: Step) -> list[Step]:
        """Read the answer; what can be clicked on it."""
        self.asked += 1
        headers = {"HX-Request": "true"} if step.htmx else {}
        with transaction.atomic():
            if step.method == "GET":
                response = self.client.get(step.url, headers=headers)
            else:
                body = urlencode(step.data)
                kind = "application/x-www-form-urlencoded"
                response = self.client.post(step.url, body, content_type=kind, headers=headers, follow=True)
            text = text_of(response)
            transaction.set_rollback(step.method == "POST")
        self.read(step, text)
        return list(clickable(text, step)) if "html" in response.get("Content-Type", "") else []

    def _is_new(self, step: Step) -> bool:
        path = urlsplit(step.url).path
        if step.key in self.seen or path.startswith(NOT_FOLLOWED) or self.variants[step.method, path] >= VARIANTS:
            return False
        self.seen.add(step.key)
        self.variants[step.method, path] += 1
        return True


def text_of(response: HttpResponse) -> str:
    """All that went over the wire, the answers before a redirect included."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    hops = [url for url, _status in getattr(response, "redirect_chain", ())]
    headers = [f"{name}: {value}" for name, value in response.headers.items() if name != "Set-Cookie"]
    return "\n".join([*hops, *headers, body.decode(errors="replace")])


def clickable(text: str, step: Step) -> Iterable[Step]:
    """The links, forms and hx- attributes of a page of ours."""
    soup = BeautifulSoup(text, "html.parser")
    for link in soup.select("a[href]"):
        yield from _to("GET", step, link["href"])
    for node in soup.select("[hx-get]"):
        yield from _to("GET", step, node["hx-get"], _typed(node), htmx=True)
    for node in soup.select("[hx-post]"):
        yield from _to("POST", step, node["hx-post"], _typed(node.find_parent("form") or node), htmx=True)
    for form in soup.select("form"):
        method = (form.get("method") or "get").upper()
        for button in [None, *form.select("button[name]")]:
            pressed = [(button["name"], button.get("value", ""))] if button else []
            yield from _to(method, step, form.get("action") or step.url, [*_typed(form), *pressed])


def _to(
    method: str, step: Step, target: str, data: Iterable[tuple[str, str]] = (), *, htmx: bool = False
) -> list[Step]:
    url = urlsplit(urljoin(step.url, target))
    if url.netloc not in ("", "testserver") or url.scheme not in ("", "http"):
        return []
    data = tuple(data)
    query = [*parse_qsl(url.query, keep_blank_values=True), *(data if method == "GET" else ())]
    where = url.path + (f"?{urlencode(query)}" if query else "")
    return [Step(method, where, data if method == "POST" else (), htmx, urlsplit(step.url).path)]


def _typed(form: Tag) -> list[tuple[str, str]]:
    """What the browser would send of a form that nobody touched."""
    data = []
    for node in form.select("input[name], textarea[name], select[name]"):
        kind = node.get("type", "text")
        if kind in ("submit", "button", "file") or (kind in ("checkbox", "radio") and not node.has_attr("checked")):
            continue
        if node.name == "textarea":
            data.append((node["name"], node.get_text().removeprefix("\n")))
        elif node.name == "select":
            chosen = node.select("option[selected]") or node.select("option")[:1]
            data += [(node["name"], option.get("value", "")) for option in chosen]
        else:
            data.append((node["name"], node.get("value", "on" if kind == "checkbox" else "")))
    return data


class Log(logging.Handler):
    """Every line that is logged meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")
