"""Guards against classes of mistakes: each rule of the house that a program can see (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import template as templates_to_words

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = {".git", ".venv", ".local", "node_modules", "shots", "staticfiles", "test-results", "__pycache__"}
CODE = ("accounts", "cosell", "deals", "registrations")
TEXT = {".py", ".html", ".txt", ".md", ".css", ".js", ".toml", ".yaml", ".yml", ".po", ".json", ".svg", ""}
LOCALE = ROOT / "locale/pt_BR/LC_MESSAGES/django.po"


@cache
def files(*suffixes: str) -> list[Path]:
    """What is kept in the repository, by kind."""
    found = (path for path in ROOT.rglob("*") if not LEFT_OUT & set(path.relative_to(ROOT).parts))
    caches = re.compile(r"^\.\w+_cache$|^\.hypothesis$")
    return sorted(
        path
        for path in found
        if path.is_file() and path.suffix in suffixes and not any(caches.match(part) for part in path.parts)
    )


def code() -> list[Path]:
    """Our Python, without tests and migrations."""
    return [path for path in files(".py") if name(path).startswith(CODE) and "/migrations/" not in name(path)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def templates() -> list[Path]:
    return [path for path in files(".html", ".txt") if path.is_relative_to(ROOT / "templates")]


def template_name(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def is_mail(path: Path) -> bool:
    return "email" in path.relative_to(ROOT / "templates").parts


def is_page(path: Path) -> bool:
    """Not a part that is included, nor one that replaces a part of Django or allauth."""
    parts = path.relative_to(ROOT / "templates").parts
    is_part = parts[-1].startswith("_") or parts[0] in {"components", "django", "admin"} or "elements" in parts
    return path.suffix == ".html" and not is_part and not is_mail(path)


def without_comments(text: str) -> str:
    text = re.sub(r"\{%\s*comment\s*%\}.*?\{%\s*endcomment\s*%\}", "", text, flags=re.S)
    return re.sub(r"\{#.*?#\}", "", text)


def lines(pattern: str, paths: list[Path], flags: int = 0) -> list[str]:
    """Where a pattern stands: file, line, what was found."""
    found = []
    for path in paths:
        text = path.read_text()
        for match in re.finditer(pattern, without_comments(text) if path.suffix == ".html" else text, flags):
            found.append(f"{name(path)}: {match[0].strip()[:100]}")
    return found


# the state of a deal


def test_only_actions_change_a_stage() -> None:
    wrong = []
    for path in code():
        if name(path).startswith("deals/actions"):
            continue
        for node in ast.walk(tree(path)):
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            sets = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and any(
                isinstance(target, ast.Attribute) and target.attr in {"stage", "registration_state"}
                for target in targets
            )
            if sets or _writes_a_stage(node):
                wrong.append(f"{name(path)}:{node.lineno}")
    assert wrong == []


def _writes_a_stage(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    words = {keyword.arg for keyword in node.keywords}
    return (called in {"update", "update_or_create", "setattr"} and "stage" in words) or (
        called == "setattr" and any(isinstance(arg, ast.Constant) and arg.value == "stage" for arg in node.args)
    )


# time


def test_one_clock() -> None:
    """Tests and the demo move `cosell.clock`; whoever reads another one stays behind."""
    wrong = []
    for path in code():
        if name(path) == "cosell/clock.py":
            continue
        calls = {id(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            read = f"{node.value.id}.{node.attr}"
            if read not in {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "datetime.today"}:
                continue
            if name(path) == "accounts/models.py" and id(node) not in calls:
                continue  # when a row was made: the default of a column, no rule reads it
            wrong.append(f"{name(path)}:{node.lineno} {read}")
    assert wrong == []


def test_no_rule_reads_the_clock_of_the_database() -> None:
    paths = [path for path in code() if name(path).startswith(("accounts/", "deals/"))]
    assert lines(r"import .*\bNow\b|CURRENT_TIMESTAMP|\bNOW\(\)", paths) == []


# the vendor is nobody special


def test_the_name_of_the_vendor_is_data() -> None:
    wrong = []
    for path in code():
        if name(path).startswith("cosell/local/"):
            continue
        docstrings = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
        wrong += [
            f"{name(path)}:{node.lineno}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
            if "microsoft" in node.value.lower()
        ]
    assert wrong == []
    assert lines(r".*\bmicrosoft\b.*", templates(), re.I) == []


def test_workflow_rules_and_actions_know_no_vendor() -> None:
    rooms = [path for path in code() if re.match(r"deals/(workflow|rules|perms|queries|actions/)", name(path))]
    assert rooms
    assert lines(r".*\b(vendor|microsoft)\b.*", rooms, re.I) == []


# templates


def test_every_page_stands_in_the_base_page() -> None:
    stands_alone = {"base.html", "fragment.html", "500.html"}  # the last may need nothing that broke
    wrong = []
    for path in templates():
        if not is_page(path) or template_name(path) in stands_alone:
            continue
        above, seen = path, []
        while above is not None and template_name(above) != "base.html" and above not in seen:
            seen.append(above)
            first = re.match(r"\{% extends (\S+) %\}", above.read_text())
            target = first[1].strip("\"'") if first else ""
            if target == "request|layout":  # base.html, or fragment.html for htmx
                target = "base.html"
            above = ROOT / "templates" / target if target else None
        if above is None:
            wrong.append(template_name(path))
    assert wrong == []


def test_pages_carry_no_style_and_no_script_of_their_own() -> None:
    """The content security policy would drop them. Mails have nothing but inline style."""
    pages = [path for path in templates() if path.suffix == ".html" and not is_mail(path)]
    assert lines(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\ssrc=)", pages, re.I) == []
    assert lines(r"hx-on\S*=|hx-vals\s*=\s*[\"']js:|hx-(vals|headers)\s*=\s*[\"']javascript:", pages) == []


def test_everything_is_escaped() -> None:
    assert lines(r"\|\s*(safe|safeseq)\b", templates()) == []
    pages = [path for path in templates() if path.suffix == ".html"]
    assert lines(r"\{%\s*autoescape off\s*%\}", pages) == []
    wrong = []
    for path in code():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"mark_safe", "SafeString"}:
                parts = [part for arg in node.args for part in (_ends(arg))]
                if not all(isinstance(part, ast.Constant) for part in parts):
                    wrong.append(f"{name(path)}:{node.lineno}")
    assert wrong == [], "only what stands in the code itself is safe; everything else through format_html"


def _ends(node: ast.expr) -> list[ast.expr]:
    """What an expression can come to."""
    return [*_ends(node.body), *_ends(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def test_every_template_is_used() -> None:
    """By its name in Python or another template, by a name that is put together, or because it replaces another's."""
    sources = {path: path.read_text() for path in [*code(), *templates()]}
    replaced = (
        "admin/index.html",
        "django/",
        "account/",
        "allauth/",
        "mfa/",
        "400.html",
        "403.html",
        "404.html",
        "500.html",
    )
    unused = []
    for path in templates():
        own = template_name(path)
        if own.startswith(replaced):
            continue
        stem = re.sub(r"_(subject|body)\.(txt|html)$", "", own)
        folder, last = own.rsplit("/", 1) if "/" in own else ("", own)
        named = f'"{stem.rsplit("/", 1)[-1]}"' if stem != own else own  # a message of the catalogue
        wanted = [own, named, f"{folder}/{{", re.sub(r"\.\w+$", ".", own)]
        texts = [text for source, text in sources.items() if source != path]
        if last.startswith("_"):
            wanted = [own]
        if not any(word in text for text in texts for word in wanted):
            unused.append(own)
    assert unused == []


# files


GENERATED = re.compile(r"/(vendor|migrations)/")


def test_files_stay_readable() -> None:
    long = {name(path): len(path.read_text().splitlines()) for path in files(".py", ".html", ".css", ".js")}
    assert {path: count for path, count in long.items() if count > 600 and not GENERATED.search(path)} == {}


def test_no_path_of_one_machine() -> None:
    """The repository works in any folder of any machine."""
    machine = r"(?<![\w.~}\])-])/(?:work|root|Users|home/\w+)/[\w.-]+"
    paths = [path for path in files(*TEXT) if path != Path(__file__)]
    assert lines(machine, paths) == []


def test_locks_name_no_registry_and_hold_hashes() -> None:
    locks = sorted(ROOT.glob("requirements*.txt"))
    assert len(locks) == 3
    assert lines(r"https?://\S+|--(?:extra-)?index-url.*|--find-links.*", locks) == []
    for lock in locks:
        pinned = re.findall(r"^[a-z0-9][^\s]*==\S+(?: ;[^\\\n]*)?( \\)?$", lock.read_text(), re.M | re.I)
        assert pinned
        assert all(pinned), f"{lock.name}: a version without a hash"


def test_vendored_files_are_what_the_manifest_says() -> None:
    folder = ROOT / "static/vendor"
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest:
        content = (folder / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]
        assert entry["version"]
        assert entry["license"]
    ours = {"manifest.json", "README.md", "refresh.py"}
    assert {path.name for path in folder.iterdir() if path.is_file()} - ours <= {entry["file"] for entry in manifest}


# words

WORDS = {"_", "_now", "_lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
LITERAL = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""


def words_in_code() -> Iterator[tuple[str, str, str]]:
    """Context, words and where they stand."""
    for path in code():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            if called in WORDS and given and isinstance(given[0], str):
                yield "", given[0], f"{name(path)}:{node.lineno}"
            elif called in IN_CONTEXT and len(given) > 1 and isinstance(given[1], str):
                yield str(given[0]), given[1], f"{name(path)}:{node.lineno}"


def words_in_templates() -> Iterator[tuple[str, str, str]]:
    call = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext|_)\(\s*u?({LITERAL})(?:\s*,\s*u?({LITERAL}))?", re.S)
    for path in templates():
        for kind, first, second in call.findall(templates_to_words.templatize(path.read_text())):
            given = [ast.literal_eval(literal) for literal in (first, second) if literal]
            context, words = (given[0], given[1]) if "pgettext" in kind else ("", given[0])
            yield context, words, name(path)


@pytest.fixture(scope="module")
def portuguese() -> dict[tuple[str, str], object]:
    with LOCALE.open("rb") as source:
        catalog = read_po(source, locale="pt_BR")
    found = {}
    for message in catalog:
        if message.id:
            words = message.id if isinstance(message.id, str) else message.id[0]
            found[message.context or "", words] = message
    return found


def test_every_word_is_translated(portuguese: dict) -> None:
    used = {(context, words): where for context, words, where in [*words_in_code(), *words_in_templates()] if words}
    missing = sorted(f"{where}: {key[1][:70]}" for key, where in used.items() if key not in portuguese)
    assert missing == []


def test_no_translation_is_empty_or_a_guess(portuguese: dict) -> None:
    empty = [
        words
        for (_, words), message in portuguese.items()
        if message.fuzzy or not all([message.string] if isinstance(message.string, str) else message.string)
    ]
    assert empty == []


def test_translations_keep_their_places(portuguese: dict) -> None:
    """A name left out of a translation, or misspelt, is a sentence without its subject or a page that breaks."""
    place = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
    wrong = []
    for (_, words), message in portuguese.items():
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = set(place.findall(" ".join(sources)))
        for translated in [message.string] if isinstance(message.string, str) else message.string:
            kept = set(place.findall(translated))
            if not kept <= wanted or (len(sources) == 1 and kept != wanted):
                wrong.append(words)
    assert wrong == []
