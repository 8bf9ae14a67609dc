"""The two questions × the kind × the company's entitlement → type, required fields, or the refusal (product.md §5).

Spelt out once more, and held against the rule, the action and the wizard's forms, which read one table.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Organization, PartnerProgram, SolutionPlay
from cosell import clock
from deals import actions, rules
from deals.actions.create import creation_refusals
from deals.enums import Help, Kind, PartnerRole
from deals.forms.details import OF_A_KIND, DetailsStep, offered_kinds
from deals.forms.solutions import AssessmentStep
from tests.cast import CONTACT, LAKEHOUSE, MIGRATION, customer, invitation, organization, person, solutions, who

ALWAYS = {"name", "location", "value", "currency", "close_on", "notes", "team"}
OF_IP = {*ALWAYS, "intent", "solutions"}
OF_SERVICES = {*ALWAYS, "partner_role", "solution_area", "solution_play"}
OF_ASSESSMENT = {*ALWAYS, "assessment_type", "payout_location", "contact", "help_needed"}
QUESTIONS = {"help"}
HELPED = {"contact", "customer_problem", "help_needed"}


@dataclass(frozen=True)
class Line:
    """What is chosen and answered, what it makes of the deal, what it requires."""

    kind: Kind
    help: Help
    shown: bool
    by_host: bool
    visibility: str
    required: set[str]


HELPS = [help for help in Help if help != Help.NONE]
TABLE = [
    Line(Kind.IP, Help.NONE, False, False, "private", OF_IP | QUESTIONS),
    Line(Kind.IP, Help.NONE, True, False, "partner_led", OF_IP | QUESTIONS),
    *(Line(Kind.IP, help, True, False, "cosell", OF_IP | QUESTIONS | HELPED) for help in HELPS),
    *(Line(Kind.IP, help, False, False, "cosell", OF_IP | QUESTIONS | HELPED) for help in HELPS),
    Line(Kind.SERVICES, Help.NONE, False, False, "private", OF_SERVICES | QUESTIONS),
    Line(Kind.SERVICES, Help.NONE, True, False, "partner_led", OF_SERVICES | QUESTIONS),
    *(Line(Kind.SERVICES, help, False, False, "cosell", OF_SERVICES | QUESTIONS | HELPED) for help in HELPS),
    *(Line(Kind.ASSESSMENT, Help.NONE, shown, False, "cosell", OF_ASSESSMENT) for shown in (True, False)),
    Line(Kind.IP, Help.NONE, False, True, "cosell", (OF_IP - {"solutions"}) | {"invitations"}),
    Line(Kind.SERVICES, Help.NONE, False, True, "cosell", OF_SERVICES | {"invitations"}),
]  # fmt: skip
NEVER = {
    Kind.IP: {"partner_role", "partner_program", "assessment_type", "payout_location"},
    Kind.SERVICES: {"intent", "partner_program", "assessment_type", "payout_location"},
    Kind.ASSESSMENT: {
        "partner_role", "partner_program", "intent", "solutions", "help", "customer_problem", "invitations"},
}  # fmt: skip

# whose company may create what, and why not
ENTITLED = {
    "Contoso Data": {Kind.SERVICES: "no_designation", Kind.ASSESSMENT: "not_vetted"},
    "Northlake Services": {},
    "Relecloud": {
        Kind.IP: "no_cosell_ready_solution", Kind.SERVICES: "no_designation", Kind.ASSESSMENT: "not_vetted"},
    "Microsoft": {Kind.ASSESSMENT: "partners_only"},
}  # fmt: skip


def name_of(line: Line) -> str:
    return f"{line.kind}-{line.help}-{'shown' if line.shown else 'hidden'}-{'host' if line.by_host else 'partner'}"


@pytest.mark.parametrize("line", TABLE, ids=name_of)
def test_the_answers_make_the_type_and_say_what_is_required(line: Line) -> None:
    made = rules.visibility_of(line.help, shown=line.shown, kind=line.kind, by_host=line.by_host)
    assert made == line.visibility
    table = rules.asked(line.kind, help=line.help, by_host=line.by_host)
    assert table.keys() == rules.FIELDS.keys()
    assert {field for field, ask in table.items() if ask == rules.Ask.REQUIRED} == line.required
    if not line.by_host:
        assert {field for field, ask in table.items() if ask == rules.Ask.NO} == NEVER[line.kind]


def everything(line: Line) -> actions.NewDeal:
    """All that could be said, by Priya or, for the host, Lee."""
    name = "lee" if line.by_host else "priya"
    location = who(name).organization.locations.get()
    play = SolutionPlay.objects.select_related("area").first()
    chosen = solutions("SOL-00101-DIM" if line.kind == Kind.ASSESSMENT else MIGRATION)
    return actions.NewDeal(
        kind=line.kind,
        host=Organization.objects.host(),
        customer=customer(),
        location=location,
        name="Datum",
        value=Decimal(0),
        currency="USD",
        close_on=(clock.now() + timedelta(days=90)).date(),
        notes="Met at the fair.",
        team=[person(name)],
        solutions=chosen,
        intent="yes",
        partner_role=PartnerRole.DESIGN,
        partner_program=PartnerProgram.objects.first(),
        solution_area=play.area,
        solution_play=play,
        payout_location=location,
        contact=CONTACT,
        help=line.help,
        show_to_host=line.shown,
        customer_problem="P",
        help_needed="H",
        invitations=[invitation("Relecloud", team=[name])] if "invitations" in line.required else [],
    )


LACKING: dict[str, Any] = {
    "name": "", "location": None, "value": None, "currency": "", "close_on": None, "notes": "", "team": [],
    "intent": "", "solutions": [], "partner_role": "", "solution_area": None, "solution_play": None,
    "payout_location": None, "contact": None, "customer_problem": "", "help_needed": "", "invitations": [],
}  # fmt: skip


def test_the_action_requires_the_same_and_keeps_nothing_else(cast: None) -> None:
    seen = set()
    for line in TABLE:
        if (line.kind, line.visibility, line.by_host) in seen:
            continue
        seen.add((line.kind, line.visibility, line.by_host))
        by, full = who("lee" if line.by_host else "priya"), everything(line)
        assert creation_refusals(by, full) == [], name_of(line)
        for field in line.required - QUESTIONS - {"location"}:  # without a location there is no deal to judge
            lacks = {"solutions" if field == "assessment_type" else field}
            if field == "solution_area":
                lacks.add("solution_play")  # a play without its area is another refusal
            given = replace(full, **{name: LACKING[name] for name in lacks})
            fields = {reason.field for reason in creation_refusals(by, given)}
            expected = {"help" if name in ("customer_problem", "help_needed") else name for name in lacks}
            if line.kind == Kind.ASSESSMENT and field == "help_needed":
                expected = {"help_needed"}
            assert fields == expected, f"{name_of(line)} without {field}"
        deal = actions.create_deal(by, full)
        assert deal.engagement.visibility == line.visibility
        table = rules.asked(line.kind, help=line.help, by_host=line.by_host)
        kept = {name for name in LACKING if getattr(deal.engagement, name, None) not in (None, "")}
        assert not {name for name in kept if table.get(name) == rules.Ask.NO}, name_of(line)
        assert deal.engagement.help == line.help
        assert deal.engagement.sides.count() == (2 if line.visibility == "cosell" else 1), "who is invited"


def test_what_the_company_lacks_refuses_the_kind(cast: None) -> None:
    host = Organization.objects.host()
    for name, refused in ENTITLED.items():
        company = organization(name)
        for kind in Kind:
            codes = [reason.code for reason in rules.creation_gate(company, host, kind)]
            assert codes == ([refused[kind]] if kind in refused else []), f"{name}, {kind}"
        assert [value for value, _label in offered_kinds(company, host)] == [k for k in Kind if k not in refused]
    line = next(line for line in TABLE if line.kind == Kind.ASSESSMENT)
    contoso = organization("Contoso Data").locations.get(is_global=True)
    tried = replace(everything(line), location=contoso, payout_location=contoso)
    assert [reason.code for reason in creation_refusals(who("ana"), tried)] == ["not_vetted"]


@pytest.mark.parametrize("by", ["ana", "priya", "lee"])
def test_the_forms_ask_what_the_table_says(cast: None, by: str) -> None:
    """Of the kind that is chosen; fields that no kind on offer asks are not there at all."""
    me, host = who(by), Organization.objects.host()
    offered = [Kind(value) for value, _label in offered_kinds(me.organization, host)]
    for kind in offered:
        table = rules.asked(kind, by_host=by == "lee")
        form = DetailsStep({"kind": kind.value}, who=me, host=host)
        for name in form.fields.keys() & table.keys():
            assert form.fields[name].required == (table[name] == rules.Ask.REQUIRED), f"{kind}: {name}"
        on_offer = {
            name
            for name in OF_A_KIND
            if any(rules.asked(each, by_host=by == "lee")[name] != rules.Ask.NO for each in offered)
        }
        assert form.fields.keys() & OF_A_KIND.keys() == on_offer
    if Kind.ASSESSMENT in offered:
        fields = AssessmentStep(who=me, host=host).fields
        assert all(fields[name].required for name in ("assessment_type", "payout_location", "help_needed"))


def test_a_solution_that_does_not_fit_the_kind_is_refused(cast: None) -> None:
    def codes(line: Line, *chosen: str) -> list[str]:
        tried = replace(everything(line), solutions=solutions(*chosen))
        return [reason.code for reason in creation_refusals(who("priya"), tried)]

    assessment = next(line for line in TABLE if line.kind == Kind.ASSESSMENT)
    ip = TABLE[0]
    assert codes(assessment, "SOL-00101-DIM", "SOL-00102-APM") == ["one_assessment_type"]
    assert codes(assessment, "SOL-00101-DIM", LAKEHOUSE) == ["one_assessment_type"]
    assert codes(assessment, LAKEHOUSE) == ["no_assessment_type", "one_assessment_type"]
    assert codes(ip, "SOL-00101-DIM") == ["assessment_type"]
    invited = replace(everything(assessment), invitations=[invitation("Relecloud", team=["priya"])])
    assert [reason.code for reason in creation_refusals(who("priya"), invited)] == ["no_partners_here"]
