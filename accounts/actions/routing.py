"""Routing rules: who gets what the host's sellers send (fact sheet 2.3; docs/routing.md).

Each action locks the organization, checks on its rules, writes, and records old and new. A change holds at once, for
what is sent from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.door import lock_organization, tell
from accounts.actions.organizations import By, is_operator, keeps_all_referrals
from accounts.enums import EventKind, OrganizationKind
from accounts.models import Location, Organization, RoutingRule, Solution
from accounts.routing import label, rules_of
from cosell import clock
from cosell.web.countries import country_choices
from cosell.web.reasons import Reason, Refused


def may_keep_rules(by: By, organization: Organization) -> bool:
    """Referrals admins of the entire company, of a partner: to the host nothing is sent by its own sellers."""
    is_partner = organization.kind == OrganizationKind.PARTNER
    return is_partner and (is_operator(by) or keeps_all_referrals(by, organization))


def save_rule(
    by: By, organization_id: int, rule_id: int | None, *, market: str, solution: Solution | None, location: Location
) -> RoutingRule:
    """Add a rule (None), or change one. `market` "" is all markets, `solution` None all solutions.

    1. lock the organization; the right (403); the rule (404)
    2. refused (422) with each reason at its field: the rule that stands in the way is named
    3. write and record; what stays as it is leaves no trace
    """
    with transaction.atomic():
        organization = _enter(by, organization_id)
        rule = _rule(organization, rule_id) if rule_id else RoutingRule(organization=organization)
        values = {"market": market, "solution": solution, "location": location}
        if reasons := _refusals(organization, rule, market, solution, location):
            raise Refused(reasons, 422)
        if changes := _changes(rule, values):
            for name, value in values.items():
                setattr(rule, name, value)
            rule.save()
            data = {"rule": rule.pk, **({} if rule_id else {"added": True})}
            _tell(EventKind.ROUTING_CHANGED, organization, by, data, changes)
        return rule


def delete_rule(by: By, organization_id: int, rule_id: int) -> None:
    """Refused (409) for the default while others stand."""
    with transaction.atomic():
        organization = _enter(by, organization_id)
        rule = _rule(organization, rule_id)
        if reasons := deleting_refusals(rule):
            raise Refused(reasons)
        changes = {name: [old, ""] for name, (_none, old) in _changes(RoutingRule(), _values(rule)).items()}
        rule.delete()
        _tell(EventKind.ROUTING_CHANGED, organization, by, {"rule": rule_id, "removed": True}, changes)


def import_defaults(by: By, organization_id: int) -> list[RoutingRule]:
    """The rules by which everything goes where it went without any: each active solution to its location, the rest to
    the global one. Refused (409) where there are rules."""
    with transaction.atomic():
        organization = _enter(by, organization_id)
        if organization.routing_rules.exists():
            raise Refused(
                [
                    Reason(
                        "rules_exist",
                        _("There are routing rules already."),
                        _("The default rules are imported only where there are none."),
                    )
                ]
            )
        home = organization.locations.get(is_global=True)
        solutions = organization.solutions.filter(is_active=True).select_related("location").order_by("name", "pk")
        places = [*((each, each.location or home) for each in solutions), (None, home)]
        rules = RoutingRule.objects.bulk_create(
            RoutingRule(organization=organization, solution=solution, location=location)
            for solution, location in places
        )
        changes = {"rules": ["", [str(rule) for rule in rules]]}
        _tell(EventKind.ROUTING_IMPORTED, organization, by, {"rules": len(rules)}, changes)
        return rules


def deleting_refusals(rule: RoutingRule) -> list[Reason]:
    others = RoutingRule.objects.filter(organization=rule.organization_id).exclude(pk=rule.pk)
    if not rule.is_default or not others.exists():
        return []
    return [
        Reason(
            "default_stays",
            _("The default stays while there are other rules: what no rule names has to go somewhere."),
            _("Change its location, or delete the others first."),
        )
    ]


def _refusals(
    organization: Organization, rule: RoutingRule, market: str, solution: Solution | None, location: Location
) -> list[Reason]:
    """Why a rule cannot be so; each reason names the field."""
    found = []
    if market and market not in {code for code, _name in country_choices()}:
        text = _("No country has the code %(codes)s.") % {"codes": market}
        found.append(Reason("unknown_market", text, field="market"))
    if solution and solution.organization_id != organization.pk:
        found.append(Reason("foreign_solution", _("Choose a solution of the company."), field="solution"))
    if location.organization_id != organization.pk:
        found.append(Reason("foreign_location", _("Choose a location of the company."), field="location"))
    becomes_default = not market and solution is None
    if rule.pk and rule.is_default and not becomes_default:
        fix = _("Add a rule of its own for this market or solution.")
        found.append(Reason("default_stays", _("Of the default only the location can be changed."), fix, "market"))
    others = [each for each in rules_of(organization) if each.pk != rule.pk]
    if not becomes_default and not any(each.is_default for each in others) and not (rule.pk and rule.is_default):
        text = _("First say where everything goes that no rule names.")
        found.append(Reason("no_default", text, _("Import the default rules, or add the default."), field="market"))
    if other := _same(others, market, solution):
        found.append(_conflict(other))
    return found


def _same(rules: Sequence[RoutingRule], market: str, solution: Solution | None) -> RoutingRule | None:
    wanted = (market, solution.pk if solution else None)
    return next((rule for rule in rules if (rule.market, rule.solution_id) == wanted), None)


def _conflict(other: RoutingRule) -> Reason:
    names = {
        "rule": label(other.market, other.solution.name if other.solution else ""),
        "location": other.location.name,
    }
    return Reason(
        "conflict",
        _("There is a rule for this already: %(rule)s → %(location)s.") % names,
        _("Change the location of that rule."),
        field="market",
    )


def _enter(by: By, organization_id: int) -> Organization:
    """The locked organization, whose rules `by` may change; else Refused (403)."""
    organization = lock_organization(organization_id)
    if may_keep_rules(by, organization):
        return organization
    text = _("Only a referrals admin of the entire company changes routing rules.")
    if organization.kind != OrganizationKind.PARTNER:
        text = _("Routing rules are for partners: they say where goes what %(host)s sends.") % {
            "host": organization.name
        }
    raise Refused([Reason("not_yours", text)], 403)


def _rule(organization: Organization, rule_id: int) -> RoutingRule:
    """Refused (404) when there is none with this number, or it is another company's."""
    rule = organization.routing_rules.select_related("location", "solution").filter(pk=rule_id).first()
    if rule is None:
        raise Refused([Reason("no_rule", _("This rule does not exist any more."))], 404)
    return rule


def _values(rule: RoutingRule) -> dict[str, Any]:
    return {"market": rule.market, "solution": rule.solution, "location": rule.location}


def _changes(rule: RoutingRule, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """{field: [old, new]} in words; of a new rule all that is said."""
    old = _values(rule) if rule.pk else dict.fromkeys(values)
    pairs = {name: (old[name] or "", new or "") for name, new in values.items()}
    return {name: [str(before), str(after)] for name, (before, after) in pairs.items() if before != after}


def _tell(
    kind: EventKind, organization: Organization, by: By, data: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    facts = {**data, "fields": sorted(changes)}
    tell(kind, organization, clock.now(), by, data=facts, details={"changes": changes} if changes else None)
