"""`make bars`: what must hold in size and number of queries. Each line prints the figure and its goal; short fails."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cosell.local.cast.deals import load_deals
from deals.enums import Direction
from deals.models import Deal
from tests.cast import client_for, load_cast

STATIC = re.compile(r'(?:href|src)="/static/([^"#?]+)')
OWN_CSS = ("base", "shell", "parts", "forms", "tables")


def packed(*contents: bytes) -> float:
    """Kilobytes over the wire."""
    return round(sum(len(gzip.compress(content, 9)) for content in contents) / 1024, 1)


def static(name: str) -> bytes:
    found = finders.find(name)
    assert found, f"the page asks for {name}, which does not exist"
    return Path(found).read_bytes()


def test_bars(db: None) -> None:
    load_cast()
    load_deals()
    ana = client_for("ana")
    deal = Deal.objects.get(name="Adatum lakehouse", direction=Direction.OUTBOUND)
    page = ana.get("/opportunities/outbound/").content
    swap = ana.get("/opportunities/outbound/?status=open", headers={"HX-Request": "true"}).content
    files = {*STATIC.findall(page.decode()), "icons.svg"}
    bars = [
        ("first view over the wire, compressed", packed(page, *map(static, sorted(files))), 150, "KB"),
        ("one htmx swap of the list", packed(swap), 15, "KB"),
        ("own CSS, compressed", packed(*(static(f"css/{name}.css") for name in OWN_CSS)), 15, "KB"),
    ]
    for name, url, goal in (("list page", "/opportunities/outbound/", 8), ("deal page", f"/deals/{deal.uid}/", 12)):
        with CaptureQueriesContext(connection) as queries:
            assert ana.get(url).status_code == 200
        bars.append((f"{name} with navigation", len(queries), goal, "queries"))
    for name, figure, goal, unit in bars:
        print(f"\nBAR {name}: {figure} {unit} (goal {goal} {unit}) {'ok' if figure <= goal else 'short'}", end="")
    assert all(figure <= goal for _name, figure, goal, _unit in bars)
