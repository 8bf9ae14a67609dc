"""What the documents say is so."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from cosell.local.cast import PASSWORD, SIGN_INS
from cosell.local.management.commands import workflow_docs
from deals.enums import Kind, RegistrationState, Stage
from registrations import workflow

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_workflow_pages_are_up_to_date() -> None:
    for name, page in workflow_docs.PAGES.items():
        with translation.override("en"):
            fresh = "\n".join(page())
        assert (workflow_docs.DOCS / name).read_text() == fresh, "run manage.py workflow_docs"
    call_command("workflow_docs", "--check", stdout=StringIO())


@pytest.mark.parametrize("kind", Kind)
def test_the_diagram_draws_every_end(kind: Kind) -> None:
    drawn = "\n".join(workflow_docs.diagram(kind))
    for stage in (Stage.RECEIVED, Stage.ACCEPTED, Stage.WON, Stage.LOST, Stage.DECLINED, Stage.EXPIRED, Stage.ERROR):
        assert f"--> {stage}" in drawn


def test_the_diagram_of_registrations_draws_every_state() -> None:
    drawn = "\n".join(workflow_docs.registration_diagram())
    for state in (RegistrationState.WAIVED, *workflow.SUBMITTED):
        assert f"--> {state}:" in drawn


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://", "#")):
            continue
        assert (document.parent / target.split("#")[0]).exists(), target


def test_the_readme_lists_the_sign_ins() -> None:
    readme = (ROOT / "README.md").read_text()
    assert f"`{PASSWORD}`" in readme
    for email, *facts in SIGN_INS:
        assert f"| `{email}` | {' | '.join(facts)} |" in readme
    assert readme.count(".example` |") == len(SIGN_INS)


def test_the_commands_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.M))
    commands = {path.stem for path in ROOT.glob("*/**/management/commands/*.py")}
    known = {"migrate", "collectstatic", "createsuperuser", "shell", "check", "makemigrations"}  # Django's
    for page in PAGES:
        text = page.read_text()
        named = set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, re.M))
        assert named <= targets, f"{page.name}: {named - targets}"
        named = set(re.findall(r"manage\.py ([a-z_]+)", text))
        assert named <= commands | known, f"{page.name}: {named - commands - known}"


def test_the_files_that_are_named_exist() -> None:
    """`deals/rules.py` and the like, in the pages of this folder."""
    for page in [path for path in PAGES if path.name != "CHANGELOG.md"]:
        for named in re.findall(
            r"`((?:cosell|accounts|deals|templates|static|tests|docs|locale)/[\w./-]+)`", page.read_text()
        ):
            assert (ROOT / named).exists(), f"{page.name}: {named}"


def test_the_tree_in_the_readme_exists() -> None:
    tree = re.search(r"```\n(cosell/.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert tree
    above = ""
    for line in tree[1].splitlines():
        indented, folder = line.startswith("  "), line.split()[0]
        above = above if indented else folder
        assert (ROOT / (above + folder if indented else folder)).is_dir(), line


def test_decisions_are_numbered_without_gaps() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        assert page.name.startswith(f"{number:04}-")
        assert page.read_text().startswith(f"# {number}. ")
        assert "**Status:**" in page.read_text()
