"""Colours that everybody can read; icons and tokens that exist; a page that is quick to load."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = sorted((ROOT / "static/css").glob("*.css"))
TOKENS = ROOT / "static/vendor/fluent-tokens.css"
KILOBYTE = 1024
SOFT = {"ok", "warn", "bad", "info"}


def declared() -> dict[str, str]:
    text = TOKENS.read_text() + (ROOT / "static/css/base.css").read_text()
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", text))


def colour(name: str, theme: int) -> tuple[float, float, float]:
    """A token as red, green and blue from 0 to 1; `theme` 0 is light, 1 dark."""
    return _value(declared()[name], theme)


def _value(text: str, theme: int) -> tuple[float, float, float]:
    text = text.strip()
    if text.startswith("light-dark("):
        return _value(_arguments(text)[theme], theme)
    if text.startswith("var("):
        return colour(text[6:-1], theme)
    if text.startswith("color-mix("):
        _space, first, second = _arguments(text)
        name, share = first.rsplit(" ", 1)
        part = float(share.rstrip("%")) / 100
        mixed = zip(_value(name, theme), _value(second, theme), strict=True)
        red, green, blue = (a * part + b * (1 - part) for a, b in mixed)
        return red, green, blue
    digits = text.lstrip("#")
    return int(digits[:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255


def _arguments(text: str) -> list[str]:
    """What stands between the outer brackets, split at the outer commas."""
    inside, parts, depth = text[text.index("(") + 1 : -1], [""], 0
    for letter in inside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def contrast(one: str, other: str, theme: int) -> float:
    """WCAG 2.2, relative luminance."""
    light = []
    for name in (one, other):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour(name, theme)]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(light) + 0.05) / (min(light) + 0.05)


TEXT_ON = [
    *((text, ground) for text in ("text", "muted", "link") for ground in ("bg", "surface", "surface-2")),
    *((text, ground) for text in ("text", "muted") for ground in ("hover", "brand-soft")),
    *((name, ground) for name in sorted(SOFT) for ground in ("surface", "surface-2", f"{name}-soft")),
    ("brand-text", "brand-soft"),
    ("bad", "bg"),
    ("colorNeutralForegroundOnBrand", "colorBrandBackground"),
    ("colorNeutralForegroundOnBrand", "colorBrandBackgroundHover"),
    ("colorNeutralForegroundOnBrand", "colorStatusDangerBackground3"),
]
SHAPE_ON = [("accent", "surface"), ("accent", "bg"), ("line-input", "surface"), ("accent", "hover")]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read(text: str, ground: str, theme: int) -> None:
    assert contrast(text, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_ON)
def test_shapes_can_be_seen(shape: str, ground: str, theme: int) -> None:
    assert contrast(shape, ground, theme) >= 3


def test_every_token_that_is_used_is_there() -> None:
    used = {name for path in CSS for name in re.findall(r"var\(--([\w-]+)\)", path.read_text())}
    assert used - declared().keys() == set()
    assert {name for name in declared() if name.startswith(("color", "shadow"))} - used == set()


def test_every_icon_that_is_used_is_there() -> None:
    there = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    pages = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    used = set(re.findall(r"""(?:icon |icon_name=|icon_name\|default:)["']([\w-]+)["']""", pages))
    assert used - there == set()


def test_our_style_stays_small() -> None:
    packed = sum(len(gzip.compress(path.read_bytes(), 9)) for path in (*CSS, TOKENS))
    assert packed <= 15 * KILOBYTE
    assert len(gzip.compress((ROOT / "static/js/app.js").read_bytes(), 9)) <= 6 * KILOBYTE
