"""Where an opportunity of the host's sellers goes, and who may say so (fact sheet 2.2, 2.3; docs/routing.md)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actions import delete_rule, import_defaults, save_rule
from accounts.enums import Because, EventKind, Role, RuleClass
from accounts.models import Location, Organization, RoutingRule, Solution, User
from accounts.routing import class_of, in_order, route, route_to, said
from cosell.events.models import Event
from cosell.web.reasons import Refused
from deals import actions
from tests.cast import client_for, invitation, new_deal, organization, side_of, solutions, user, who
from tests.deals.test_races import DONE, at_once
from tests.factories import make_location, make_organization, make_solution, make_who

# ------------------------------------------------------- the worked example of the fact sheet, each class, in memory

CONTOSO = Organization(pk=1, name="Contoso")
REDMOND, LONDON, SINGAPORE, BENGALURU = (
    Location(pk=number, organization=CONTOSO, name=name, is_global=name == "Redmond")
    for number, name in enumerate(("Redmond", "London", "Singapore", "Bengaluru"), 1)
)
PQR, ABC, HOMELESS = (
    Solution(pk=number, organization=CONTOSO, code=f"SOL-{name}", name=name, location=location)
    for number, name, location in ((1, "PQR", LONDON), (2, "ABC", SINGAPORE), (3, "NEW", None))
)
XYZ = Solution(pk=9, organization=Organization(pk=2), code="SOL-XYZ", name="XYZ", location=None)


def rule(pk: int, market: str, solution: Solution | None, location: Location) -> RoutingRule:
    return RoutingRule(pk=pk, organization=CONTOSO, market=market, solution=solution, location=location)


EXAMPLE = [
    rule(1, "", None, REDMOND),
    rule(2, "IN", None, BENGALURU),
    rule(3, "", ABC, SINGAPORE),
    rule(4, "GB", PQR, LONDON),
]


def go(rules: list[RoutingRule], market: str, *asked: Solution) -> tuple[str, int | None, Because]:
    routed = route(rules, market=market, solutions=asked, organization_id=1, global_location=REDMOND)
    return routed.location.name, routed.rule and routed.rule.pk, routed.because


@pytest.mark.parametrize(
    ("market", "asked", "location", "by"),
    [
        ("GB", [PQR], "London", 4),  # the worked example
        ("NG", [ABC], "Singapore", 3),
        ("IN", [PQR], "Bengaluru", 2),
        ("US", [XYZ], "Redmond", 1),
        ("US", [PQR], "Redmond", 1),  # no rule for it
        ("IN", [ABC], "Singapore", 3),  # solution and all markets goes before all solutions and market
        ("IN", [XYZ], "Redmond", 1),  # another company's solution: the default, not the market
        ("IN", [], "Redmond", 1),
        ("GB", [ABC, PQR], "London", 4),  # the earliest class wins, whatever the order
        ("IN", [XYZ, PQR], "Bengaluru", 2),  # the foreign one counts for nothing
    ],
)
def test_the_order_of_evaluation(market: str, asked: list[Solution], location: str, by: int) -> None:
    because = Because.RULE if any(each.organization_id == 1 for each in asked) else Because.FOREIGN
    assert go(EXAMPLE, market, *asked) == (location, by, because)
    assert go(EXAMPLE[::-1], market, *asked) == (location, by, because), "in whatever order they were entered"


def test_within_a_class_the_order_of_the_solutions_decides() -> None:
    rules = [*EXAMPLE, rule(5, "", PQR, BENGALURU)]
    assert go(rules, "NG", PQR, ABC)[:2] == ("Bengaluru", 5)
    assert go(rules, "NG", ABC, PQR)[:2] == ("Singapore", 3)


@pytest.mark.parametrize(
    ("asked", "location", "because"),
    [
        ([PQR, ABC], "London", Because.SOLUTION),
        ([XYZ, ABC], "Singapore", Because.SOLUTION),
        ([HOMELESS, PQR], "Redmond", Because.GLOBAL),
        ([XYZ], "Redmond", Because.GLOBAL),
        ([], "Redmond", Because.GLOBAL),
    ],
)
def test_without_rules_the_first_own_solution_decides(asked: list[Solution], location: str, because: Because) -> None:
    assert go([], "GB", *asked) == (location, None, because)


def test_rules_without_a_default_leave_the_rest_to_the_global_location() -> None:
    assert go(EXAMPLE[1:], "US", PQR) == ("Redmond", None, Because.GLOBAL)


def test_rules_stand_in_the_order_of_their_evaluation_and_say_what_they_did() -> None:
    assert [class_of(each) for each in in_order(EXAMPLE)] == list(RuleClass)
    routed = route(EXAMPLE, market="IN", solutions=[PQR], organization_id=1, global_location=REDMOND)
    assert routed.words == "Routed to Bengaluru by the rule India · All solutions."
    assert said(routed.data, "Bengaluru") == routed.words, "the register keeps as much"
    assert said({}, "Bengaluru") == ""


# --------------------------------------------------------------------------------------- who changes the rules, how


@pytest.fixture
def northwind(db: None) -> Organization:
    return make_organization(name="Northwind Data")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_a_rule_is_added_changed_and_removed_and_the_register_says_from_what_to_what(northwind: Organization) -> None:
    ana = make_who(organization=northwind)
    home, leeds = northwind.locations.get(), make_location(organization=northwind, name="Leeds")
    lake = make_solution(organization=northwind, name="Lake")
    save_rule(ana, northwind.pk, None, market="", solution=None, location=home)
    made = save_rule(ana, northwind.pk, None, market="GB", solution=lake, location=home)
    save_rule(ana, northwind.pk, made.pk, market="GB", solution=lake, location=leeds)
    save_rule(ana, northwind.pk, made.pk, market="GB", solution=lake, location=leeds)  # nothing new
    delete_rule(ana, northwind.pk, made.pk)
    events = Event.objects.filter(kind=EventKind.ROUTING_CHANGED).order_by("seq")
    assert [event.details.get(key="changes").value for event in events] == [
        {"location": ["", str(home)]},
        {"market": ["", "GB"], "solution": ["", "Lake"], "location": ["", str(home)]},
        {"location": [str(home), str(leeds)]},
        {"market": ["GB", ""], "solution": ["Lake", ""], "location": [str(leeds), ""]},
    ]
    assert {event.actor for event in events} == {ana.user}


def test_what_cannot_be_a_rule_is_refused_with_its_reason(northwind: Organization) -> None:
    ana, other = make_who(organization=northwind), make_organization()
    home, lake = northwind.locations.get(), make_solution(organization=northwind, name="Lake")

    def refused(rule_id: int | None = None, **given: object) -> list[str]:
        with pytest.raises(Refused) as caught:
            save_rule(ana, northwind.pk, rule_id, **{"market": "", "solution": None, "location": home, **given})
        assert caught.value.status == 422
        return codes(caught)

    assert refused(market="GB") == ["no_default"]
    default = save_rule(ana, northwind.pk, None, market="", solution=None, location=home)
    save_rule(ana, northwind.pk, None, market="GB", solution=lake, location=home)
    assert refused(market="XX") == ["unknown_market"]
    assert refused(market="GB", solution=make_solution(organization=other)) == ["foreign_solution"]
    assert refused(market="BR", location=other.locations.get()) == ["foreign_location"]
    assert refused(default.pk, market="BR") == ["default_stays"]
    assert refused() == ["conflict"]
    with pytest.raises(Refused, match=r"United Kingdom · Lake → .*"):
        save_rule(ana, northwind.pk, None, market="GB", solution=lake, location=home)
    with pytest.raises(Refused) as caught:
        delete_rule(ana, northwind.pk, default.pk)
    assert (codes(caught), caught.value.status) == (["default_stays"], 409)
    save_rule(
        ana, northwind.pk, None, market="GB", solution=None, location=home
    )  # wider and narrower ones may overlap
    with pytest.raises(Refused) as caught:
        delete_rule(ana, northwind.pk, RoutingRule.objects.latest("pk").pk + 1)
    assert caught.value.status == 404


def test_the_defaults_are_imported_once_and_change_nothing_of_where_things_go(northwind: Organization) -> None:
    ana = make_who(organization=northwind)
    leeds = make_location(organization=northwind, name="Leeds")
    lake = make_solution(organization=northwind, name="Lake", location=leeds)
    loose, gone = make_solution(organization=northwind, name="Loose"), make_solution(organization=northwind)
    Solution.objects.filter(pk=gone.pk).update(is_active=False)
    asked = [[lake, loose], [loose, lake], [loose]]
    before = [route_to(northwind, market="GB", solutions=each).location for each in asked]
    rules = import_defaults(ana, northwind.pk)
    assert [(each.solution, each.location.name) for each in in_order(rules)] == [
        (lake, "Leeds"),
        (loose, northwind.locations.get(is_global=True).name),
        (None, northwind.locations.get(is_global=True).name),
    ]
    assert [route_to(northwind, market="GB", solutions=each).location for each in asked] == before
    assert Event.objects.get(kind=EventKind.ROUTING_IMPORTED).data["rules"] == 3
    with pytest.raises(Refused) as caught:
        import_defaults(ana, northwind.pk)
    assert (codes(caught), caught.value.status) == (["rules_exist"], 409)


def test_only_referrals_admins_of_the_entire_company_change_rules(northwind: Organization) -> None:
    home = northwind.locations.get()
    given = {"market": "", "solution": None, "location": home}
    for by in (
        make_who(organization=northwind, locations=[home]),
        make_who(organization=northwind, role=Role.ACCOUNT_ADMIN),
        make_who(organization=northwind, role=Role.REFERRALS_USER),
        make_who(),  # of another company
    ):
        for act in (
            lambda by=by: save_rule(by, northwind.pk, None, **given),
            lambda by=by: import_defaults(by, northwind.pk),
        ):
            with pytest.raises(Refused) as caught:
                act()
            assert (codes(caught), caught.value.status) == (["not_yours"], 403)
    operator = User.objects.create_superuser("o@cosell.example", full_name="Olga")
    assert save_rule(operator, northwind.pk, None, **given).is_default


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_save_the_same_rule_at_once_make_one(cast: None) -> None:
    ana, contoso = who("ana"), organization("Contoso Data")
    place = contoso.locations.get(is_global=True)
    save = [lambda: save_rule(ana, contoso.pk, None, market="JP", solution=None, location=place)] * 6
    results = at_once(*save)
    assert results.count(DONE) == 1
    assert {reason.code for one in results if one != DONE for reason in one.reasons} == {"conflict"}
    assert "Japan · All solutions" in str(next(one for one in results if one != DONE))


# ----------------------------------------------------------------------------------------------------- in invitations


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    ("by", "of", "asked", "location"),
    [
        ("lee", "Northwind Traders Ltd", "SOL-10471-CLH", "Contoso London"),  # GB and the lakehouse
        ("lee", "Northwind Traders Ltd", "SOL-10472-CFR", "Contoso Data"),  # else in GB: the default
        ("beatriz", "Fabrikam Seguros S.A.", "SOL-10472-CFR", "Contoso São Paulo"),  # BR
        ("priya", "Fabrikam Seguros S.A.", "SOL-10472-CFR", "Contoso Data"),  # a partner's is never routed
    ],
)
def test_only_what_the_hosts_sellers_send_is_routed(by: str, of: str, asked: str, location: str) -> None:
    sent = new_deal(by, of=of, invitations=[invitation("Contoso Data", team=[by], solutions=solutions(asked))])
    side = side_of(sent, "Contoso Data")
    place = side.location.name if not side.location.is_global else "Contoso Data"
    assert place == location
    data = Event.objects.get(kind="deal.invited", deal_id=side.pk).data
    assert ("route" in data) == (by != "priya")
    if location == "Contoso São Paulo":
        assert (
            said(data["route"], side.location.name)
            == "Routed to Contoso São Paulo by the rule Brazil · All solutions."
        )


@pytest.mark.usefixtures("cast")
def test_a_company_where_nobody_could_answer_is_not_invited_and_the_reason_says_what_to_do() -> None:
    deal = new_deal("ana")
    user("mia").memberships.filter(role=Role.REFERRALS_ADMIN).update(is_active=False)
    asked = invitation("Relecloud")
    actions.withdraw_invitation(
        who("ana"), actions.invite_partner(who("ana"), deal.pk, asked).pk
    )  # Mia gives out roles
    user("mia").memberships.update(is_active=False)  # a viewer is left
    with pytest.raises(Refused) as caught:
        actions.invite_partner(who("ana"), deal.pk, asked)
    assert codes(caught) == ["nobody_there"]
    assert "Microsoft" in caught.value.reasons[0].fix


# ------------------------------------------------------------------------------------------------------------- pages


@pytest.mark.usefixtures("cast")
def test_every_member_reads_the_rules_and_what_would_happen() -> None:
    page = client_for("tom").get(reverse("deals:routing"), {"market": "GB", "solutions": "SOL-10471-CLH"})
    words = " ".join(page.content.decode().split())
    assert "Routed to Contoso London by the rule United Kingdom · Contoso Lakehouse." in words
    assert "Ana Souza" in words
    assert "Change the rules" not in words
    assert "Change the rules" in client_for("ana").get(reverse("deals:routing")).content.decode()
    assert client_for("tom").get(reverse("deals:routing"), {"market": "??"}).status_code == 422
    foreign = client_for("tom").get(reverse("deals:routing"), {"market": "GB", "solutions": "SOL-20111-NFC"})
    assert foreign.status_code == 422, "another company's solution is not a choice"
    host = client_for("lee").get(reverse("deals:routing"), {"market": "BR"}).content.decode()
    assert "Beatriz Lima" in host


@pytest.mark.usefixtures("cast")
def test_in_the_admin_a_conflict_is_said_by_name_and_what_was_typed_stays() -> None:
    ana, contoso = client_for("ana"), organization("Contoso Data")
    place = contoso.locations.get(is_global=True)
    listed = ana.get(reverse("admin:accounts_routingrule_changelist")).content.decode()
    assert listed.index("United Kingdom") < listed.index("Brazil") < listed.index("4 · Default")
    assert "Import the default rules" not in listed
    add = reverse("admin:accounts_routingrule_add")
    page = ana.post(add, {"market": "BR", "solution": "", "location": place.pk})
    assert page.status_code == 422
    assert "Brazil · All solutions → Contoso São Paulo" in page.content.decode()
    assert 'value="BR" selected' in page.content.decode()
    assert ana.post(add, {"market": "JP", "solution": "", "location": place.pk}).status_code == 302
    default = contoso.routing_rules.get(market="", solution=None)
    assert (
        ana.post(reverse("admin:accounts_routingrule_delete", args=[default.pk]), {"post": "yes"}).status_code != 302
    )
    assert contoso.routing_rules.filter(pk=default.pk).exists()
    change = reverse("admin:accounts_routingrule_change", args=[default.pk])
    assert ana.post(change, {"location": contoso.locations.get(partner_id="100202").pk}).status_code == 302
    assert contoso.routing_rules.get(pk=default.pk).location.partner_id == "100202"
    priya = client_for("priya")
    assert priya.get(change).status_code == 404
    assert priya.post(reverse("admin:accounts_routingrule_import")).status_code == 302
    assert organization("Northlake Services").routing_rules.count() == 3
