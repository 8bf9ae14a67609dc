"""Can this deal be registered, in which program? Pure: facts in, criteria out (product.md §7, fact sheet 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from deals.enums import Kind, Standing
from deals.rules import Criterion
from registrations.enums import ProgramCode
from registrations.facts import Facts
from registrations.programs import PROGRAMS, Rules
from registrations.rules import criteria


@dataclass(frozen=True)
class Judged:
    """One program's criteria as they stand."""

    code: ProgramCode
    criteria: list[Criterion]

    @property
    def met(self) -> bool:
        """Nothing that is required lacks: the deal can be registered."""
        return all(each.standing == Standing.MET for each in self.criteria if each.required)

    @property
    def hopeless(self) -> bool:
        """Something that is required stands against it, as the deal is now."""
        return any(each.standing == Standing.NOT_MET for each in self.criteria if each.required)

    @property
    def standing(self) -> Standing:
        return Standing.MET if self.met else Standing.NOT_MET if self.hopeless else Standing.NOT_YET


def judge_by(rules: Rules, facts: Facts) -> Judged:
    """Every criterion of one program that asks something of this deal; of an assessment none does but the first."""
    if facts.kind == Kind.ASSESSMENT:
        return Judged(rules.code, [criteria.kind(facts)])
    return Judged(rules.code, [found for rule in rules.criteria if (found := rule(facts)) is not None])


def judge(facts: Facts) -> list[Judged]:
    """The programs that the deal's solutions lead to; Azure IP where they lead to none."""
    programs = [rules for rules in PROGRAMS.values() if rules.applies(facts)]
    return [judge_by(rules, facts) for rules in programs or [PROGRAMS[ProgramCode.AZURE_IP]]]


def best(facts: Facts) -> Judged:
    """The program that the deal comes nearest to; of equals the first."""
    ranks = (Standing.MET, Standing.NOT_YET, Standing.NOT_MET)
    return min(judge(facts), key=lambda judged: ranks.index(judged.standing))
