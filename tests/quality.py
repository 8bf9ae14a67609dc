"""How well customers are found, with every miss of the open set: `make quality`. The sealed set shows figures only."""

import pytest
from django.core.management import call_command

from cosell.local.bench import quality
from tests.factories import make_who


@pytest.mark.django_db
def test_quality() -> None:
    call_command("import_customers", str(quality.ACCOUNTS), verbosity=0)
    who = make_who()
    opened, sealed = (quality.judge(who, quality.cases(path)) for path in (quality.OPEN, quality.SEALED))
    print("\n".join(["", *opened.misses, f"open set: {opened}", f"sealed set: {sealed}"]))
    lines = []
    for name, score in (("open", opened), ("sealed", sealed)):
        for what, figure, goal, good in (
            ("right account in top 5", score.top_5, f">= {quality.TOP_5:g} %", score.top_5 >= quality.TOP_5),
            ("right account in top 1", score.top_1, f">= {quality.TOP_1:g} %", score.top_1 >= quality.TOP_1),
            (
                "false hits for strangers",
                score.false,
                f"<= {quality.FALSE_HITS:g} %",
                score.false <= quality.FALSE_HITS,
            ),
        ):
            lines.append(f"BAR {what}, {name} set: {figure:.1f} % (goal {goal}) {'ok' if good else 'short'}")
    print("\n".join(lines))
    assert not any(line.endswith("short") for line in lines)
