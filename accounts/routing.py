"""To which location an opportunity of the host's sellers goes (fact sheet 2.2, 2.3; docs/routing.md).

Pure: what is decided stands in `route`, from rows in hand. It holds for what is sent from now on, never for what was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Because, RuleClass
from accounts.models import Location, Organization, RoutingRule, Solution
from cosell.web.countries import country_name

Pivot = tuple[str, int | None]  # market, ISO alpha-2 ("" is all), and solution id (None is all)
DEFAULT: Pivot = ("", None)


@dataclass(frozen=True)
class Routed:
    """Where it goes, by which rule (None while there are none), and a code for the reason."""

    location: Location
    rule: RoutingRule | None
    because: Because

    @property
    def words(self) -> str:
        """The reason as a sentence."""
        rule = label(self.rule.market, self.rule.solution.name if self.rule.solution else "") if self.rule else ""
        return sentence(self.because, self.location.name, rule)

    @property
    def data(self) -> dict[str, str]:
        """What the register keeps of it, in codes."""
        kept = {"because": self.because.value}
        if self.rule:
            kept |= {"market": self.rule.market, "solution": self.rule.solution.code if self.rule.solution else ""}
        return kept


def class_of(rule: RoutingRule) -> RuleClass:
    if rule.solution_id is not None:
        return RuleClass.SOLUTION_AND_MARKET if rule.market else RuleClass.SOLUTION
    return RuleClass.MARKET if rule.market else RuleClass.DEFAULT


def in_order(rules: Sequence[RoutingRule]) -> list[RoutingRule]:
    """As they are looked at: by class, then by the names that people read."""
    return sorted(
        rules, key=lambda rule: (class_of(rule), rule.solution.name if rule.solution else "", rule.market, rule.pk)
    )


def route(
    rules: Sequence[RoutingRule],
    *,
    market: str,
    solutions: Sequence[Solution],
    organization_id: int,
    global_location: Location,
) -> Routed:
    """Where an opportunity goes whose customer is in `market` and which asks for `solutions`, in their order.

    The first class with a matching rule wins: solution and market, solution, market, default; within a class the
    order of the solutions. Solutions of other companies count for nothing, and "all solutions" are all of the
    company's: where there is no own one, no rule but the default holds.
    Without rules: the location of the first own solution. Where nothing holds: the global one.
    """
    own = [solution for solution in solutions if solution.organization_id == organization_id]
    if not rules:
        location = own[0].location if own else None
        return Routed(location or global_location, None, Because.SOLUTION if location else Because.GLOBAL)
    by_pivot: dict[Pivot, RoutingRule] = {(rule.market, rule.solution_id): rule for rule in rules}
    rule = next((by_pivot[pivot] for pivot in _pivots(market, own) if pivot in by_pivot), None)
    if rule is None:
        return Routed(global_location, None, Because.GLOBAL)
    is_foreign = rule.is_default and not own
    return Routed(rule.location, rule, Because.FOREIGN if is_foreign else Because.RULE)


def _pivots(market: str, own: Sequence[Solution]) -> Iterator[Pivot]:
    """What is looked up, in the order of evaluation."""
    yield from ((market, solution.pk) for solution in own)
    yield from (("", solution.pk) for solution in own)
    if own:
        yield (market, None)
    yield DEFAULT


def rules_of(organization: Organization) -> list[RoutingRule]:
    return in_order(list(organization.routing_rules.select_related("location", "solution")))


def route_to(organization: Organization, *, market: str, solutions: Sequence[Solution]) -> Routed:
    """`route` by the organization's own rules as they are now: three questions to the database at most."""
    return route(
        rules_of(organization),
        market=market,
        solutions=solutions,
        organization_id=organization.pk,
        global_location=organization.locations.get(is_global=True),
    )


def label(market: str, solution: str) -> str:
    """ "United Kingdom · All solutions"; both empty is the default."""
    if not market and not solution:
        return _("Default")
    return f"{country_name(market) if market else _('All markets')} · {solution or _('All solutions')}"


def sentence(because: str, location: str, rule: str) -> str:
    """Why it went to `location`; `rule` as `label` says it."""
    texts = {
        Because.RULE: _("Routed to %(location)s by the rule %(rule)s."),
        Because.FOREIGN: _("Routed to %(location)s by the default rule: none of its solutions is the company's."),
        Because.SOLUTION: _("Sent to %(location)s: the solution belongs there, and there are no routing rules."),
        Because.GLOBAL: _("Sent to %(location)s, the global location: no rule and no solution says another one."),
    }
    return texts[Because(because)] % {"location": location, "rule": rule}


def said(data: Mapping[str, Any], location: str) -> str:
    """What the register kept (`Routed.data`) as a sentence; "" for what was not routed."""
    if not data:
        return ""
    return sentence(data["because"], location, label(data.get("market", ""), data.get("solution", "")))
