"""Who is told about an invitation: never nobody, nobody twice, and more people the nearer its end (product.md §8)."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import set_away
from accounts.enums import Role, Scope, SolutionKind
from accounts.models import Location, Membership, Organization, RoutingRule, Solution, User
from accounts.routing import route_to
from accounts.who import Who
from cosell import clock
from cosell.events import letters
from cosell.events.models import Delivery
from deals import actions, perms, tasks
from deals.audience import told_about, who_can_answer
from deals.enums import Help
from deals.models import Deal, TeamMember
from deals.receivers import ESCALATION, Spot, can_answer, is_anybody_there, posts_of, told
from deals.workflow import REMIND_AT
from tests.cast import accept, clock_at, customer, invitation, new_deal, side_of, solutions, user, who

pytestmark = pytest.mark.usefixtures("cast")
MARKS = (None, 168, 72, 24)


def from_host(by: str, of: str, asked: str, **fields: Any) -> Deal:
    """Contoso's side of what a seller of the host sends."""
    asks = invitation("Contoso Data", team=[by, *fields.pop("names", [])], solutions=solutions(asked))
    return side_of(new_deal(by, of=of, invitations=[asks], **fields), "Contoso Data")


def first_names(deal: Deal, hours_left: int | None, *, able: bool = True) -> str:
    told = [each.user for each in told_about(deal, hours_left) if each.can_answer == able]
    return " ".join(sorted(each.email.partition(".")[0] for each in told))


# whose side: who is told at once, and who as well with 7 days, 3 days, 24 hours left (who cannot answer in brackets)
CHAINS = {
    "at the global location": ("ana", "ana julia", "ana julia", "ana julia [diego]"),
    "at São Paulo": ("julia", "julia", "ana julia", "ana julia [diego]"),
    "at London, which has no admin": ("ana", "ana", "ana", "ana [diego]"),
    "of Northlake": ("priya", "priya", "priya", "priya"),
    "of the host, nobody named": ("lee", "lee", "erik lee", "erik lee"),
    "of the host, on the account": ("beatriz", "beatriz lee", "beatriz erik lee", "beatriz erik lee"),
    "of the host, nobody's market": ("erik", "erik", "erik", "erik"),
}


def side(whose: str) -> Deal:
    if whose.startswith("of the host"):
        of = "Société Première Énergie" if "nobody's" in whose else "A. Datum Corporation"
        if "account" in whose:
            customer(of).team.set([user("beatriz"), user("noor")])  # a reviewer on it answers nothing
        return side_of(new_deal(of=of, asks=Help.POC), "Microsoft")
    if whose == "of Northlake":
        return side_of(new_deal(invites=["Northlake Services"]), "Northlake Services")
    return {
        "at the global location": lambda: from_host("lee", "A. Datum Corporation", "SOL-10471-CLH"),
        "at São Paulo": lambda: from_host("beatriz", "Fabrikam Seguros S.A.", "SOL-10471-CLH"),
        "at London, which has no admin": lambda: from_host("lee", "Northwind Traders Ltd", "SOL-10471-CLH"),
    }[whose]()


@pytest.mark.parametrize("whose", list(CHAINS))
def test_who_is_told_at_each_mark(whose: str) -> None:
    deal = side(whose)
    found = []
    for mark in MARKS:
        unable = first_names(deal, mark, able=False)
        found.append(first_names(deal, mark) + (f" [{unable}]" if unable else ""))
    assert tuple(found) == CHAINS[whose]
    # whoever is asked to answer may, and nobody is left out who may by a post: the same as perms say
    posts = posts_of(deal.organization_id, deal.engagement.customer.country, deal.engagement.customer_id)
    spot = Spot(deal.location_id, deal.organization.locations.get(is_global=True).pk)
    able = {post.user for post in posts if can_answer(post, spot)}
    for membership in Membership.objects.filter(organization=deal.organization):
        one = Who.of(membership.user, deal.organization)
        assert one is not None
        assert (one.user in able) == perms.is_editor(one, deal), one.user


def test_the_marks_are_those_of_the_workflow() -> None:
    assert tuple(ESCALATION) == tuple(int(mark.total_seconds() // 3600) for mark in REMIND_AT)


# ------------------------------------------------------------------------------------------ random organizations

HOME, COUNTRIES = 0, ("GB", "BR", "US")
PLACES, GOODS = st.integers(0, 2), st.integers(0, 3)  # the last solution is another company's
ROLES = [*[Role.REFERRALS_ADMIN] * 3, Role.ACCOUNT_ADMIN, Role.REFERRALS_USER, Role.REFERRALS_VIEWER]
SCOPES = [frozenset(places) for places in ((), (0,), (1,), (2,), (1, 2))]  # or None, the entire company
person = st.fixed_dictionaries(
    {
        "active": st.sampled_from([True, True, True, False]),
        "roles": st.lists(
            st.tuples(
                st.sampled_from(ROLES),
                st.sampled_from([True, True, False]),  # the role is active
                st.sampled_from([*SCOPES, None]),
            ),
            max_size=3,
            unique_by=lambda role: role[0],
        ),
    }
)
company = st.fixed_dictionaries(
    {
        "people": st.lists(person, max_size=5),
        "rules": st.dictionaries(
            st.tuples(st.sampled_from(["", *COUNTRIES]), st.sampled_from([None, 0, 1, 2])), PLACES, max_size=6
        ),
        "homes": st.lists(st.sampled_from([None, 0, 1, 2]), min_size=3, max_size=3),  # where each solution is at home
        "market": st.sampled_from(COUNTRIES),
        "asked": st.lists(GOODS, max_size=3, unique=True),
    }
)


def where(spec: dict[str, Any]) -> int:
    """Fact sheet 2.2 and 2.3, read once more: every rule that matches gets a rank; the lowest wins."""
    own = [number for number in spec["asked"] if number < 3]
    if not spec["rules"]:
        return spec["homes"][own[0]] or HOME if own else HOME
    ranked = [(99, 0, HOME)]
    for (market, good), place in spec["rules"].items():
        if market in ("", spec["market"]) and (good is None or good in own) and (own or (market, good) == ("", None)):
            rank = 1 + (market == "") + 2 * (good is None)
            ranked.append((rank, own.index(good) if good is not None else 0, place))
    return min(ranked)[2]


def readers(spec: dict[str, Any], place: int, hours_left: int | None) -> tuple[set[int], set[int]]:
    """Product.md §8, §10, §11, read once more in sets of people: who is asked to answer, who to help."""
    works = {n: [role for role in one["roles"] if role[1]] for n, one in enumerate(spec["people"]) if one["active"]}
    works = {n: roles for n, roles in works.items() if roles}

    def holding(role: str, *scopes: Any) -> set[int]:
        return {n for n, roles in works.items() if any(r[0] == role and (not scopes or r[2] in scopes) for r in roles)}

    admins, keepers = holding(Role.REFERRALS_ADMIN), holding(Role.ACCOUNT_ADMIN)
    whole = holding(Role.REFERRALS_ADMIN, None)
    at = {p: holding(Role.REFERRALS_ADMIN, *(s for s in SCOPES if s and p in s)) for p in range(3)}
    anywhere = set.union(*at.values())
    answers = whole | at[place] | (anywhere if place == HOME else set())
    steps = (at[place], (whole | at[HOME]) & answers, answers)
    ask = next((step for step in steps if step), set())
    help_out = set() if ask else next((s for s in (whole | at[HOME] | keepers, admins, set(works)) if s), set())
    if hours_left is not None:
        ask |= (answers - whole) if hours_left <= 168 else set()
        ask |= ((whole | at[HOME]) & answers) if hours_left <= 72 else set()
        help_out |= keepers if hours_left <= 24 else set()
    ask |= help_out & answers
    return ask, help_out - answers


number = count(1)


def rows(spec: dict[str, Any]) -> tuple[Organization, list[Location], list[Solution], list[User]]:
    """The random company in the database, in few statements."""
    n = next(number)
    made = Organization.objects.create(name=f"Random {n}", country="US")
    places = Location.objects.bulk_create(
        Location(organization=made, name=f"Place {p}", partner_id=f"R{n}-{p}", country="US", is_global=p == HOME)
        for p in range(3)
    )
    goods = Solution.objects.bulk_create(
        Solution(
            organization=made,
            code=f"R{n}-{g}",
            name=f"Good {g}",
            kind=SolutionKind.IP,
            location=None if home is None else places[home],
        )
        for g, home in enumerate(spec["homes"])
    )
    RoutingRule.objects.bulk_create(
        RoutingRule(organization=made, market=m, solution=None if g is None else goods[g], location=places[p])
        for (m, g), p in spec["rules"].items()
    )
    people = User.objects.bulk_create(
        User(email=f"r{n}-{p}@random.example", full_name=f"R {p}", is_active=one["active"])
        for p, one in enumerate(spec["people"])
    )
    held = [(person, role) for person, one in zip(people, spec["people"], strict=True) for role in one["roles"]]
    posts = Membership.objects.bulk_create(
        Membership(
            user=person,
            organization=made,
            role=role,
            is_active=active,
            scope=Scope.COMPANY if scope is None else Scope.LOCATIONS,
        )
        for person, (role, active, scope) in held
    )
    Membership.locations.through.objects.bulk_create(
        Membership.locations.through(membership=post, location=places[place])
        for post, (_person, (_role, _active, scope)) in zip(posts, held, strict=True)
        for place in scope or ()
    )
    return made, places, goods, people


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(spec=company)
def test_random_companies_send_it_where_the_fact_sheet_says_and_tell_who_the_design_says(spec: dict[str, Any]) -> None:
    with transaction.atomic():
        made, places, goods, people = rows(spec)
        foreign = Solution.objects.get(code="SOL-20111-NFC")
        asked = [(*goods, foreign)[good] for good in spec["asked"]]
        place = places.index(route_to(made, market=spec["market"], solutions=asked).location)
        assert place == where(spec)
        posts, spot = posts_of(made.pk, spec["market"], None), Spot(places[place].pk, places[HOME].pk)
        for hours_left in MARKS:
            found = told(posts, spot, hours_left)
            assert len({each.user for each in found}) == len(found), "nobody twice"
            ask, help_out = readers(spec, place, hours_left)
            assert {people.index(each.user) for each in found if each.can_answer} == ask
            assert {people.index(each.user) for each in found if not each.can_answer} == help_out
            assert found or not is_anybody_there(made), "never nobody"
        transaction.set_rollback(True)


# --------------------------------------------------------------------------------------- messages, and who reads them


def addressees(message: str) -> list[str]:
    mails = Delivery.objects.filter(message=message, channel="mail").order_by("pk")
    return [address.partition(".")[0] for address in mails.values_list("address", flat=True)]


def test_who_cannot_answer_reads_whom_to_ask_and_nothing_of_the_deal() -> None:
    deal = from_host("lee", "A. Datum Corporation", "SOL-10471-CLH")
    with clock_at(deal.expires_at - timedelta(hours=20)):
        tasks.remind_due()
    assert sorted(addressees("opportunity_expiring")) == ["ana", "julia"]
    assert addressees("opportunity_unanswered") == ["diego"]
    letter = letters.mail(Delivery.objects.get(message="opportunity_unanswered", channel="mail"))
    words = f"{letter.subject} {letter.body} {strip_tags(str(letter.alternatives[0][0]))}"
    assert "Ana Souza" in words
    assert "/admin/accounts/membership/" in words
    for secret in ("Datum", "310", deal.name, str(deal.uid)):
        assert secret not in words


def test_where_nobody_can_answer_the_admin_of_the_roles_is_told_at_once() -> None:
    for name in ("ana", "julia"):
        user(name).memberships.update(is_active=False)
    deal = from_host("lee", "A. Datum Corporation", "SOL-10471-CLH")
    assert (addressees("opportunity_received"), addressees("opportunity_unattended")) == ([], ["diego"])
    delivery = Delivery.objects.get(message="opportunity_unattended", channel="mail")
    assert "Nobody can answer it now. Give somebody the role “Referrals admin”" in str(letters.mail(delivery).body)
    assert who_can_answer(deal) == []


def test_who_is_named_by_the_inviter_and_can_answer_spares_the_admin_of_the_roles() -> None:
    for name in ("ana", "julia"):
        user(name).memberships.update(is_active=False)
    deal = from_host("lee", "A. Datum Corporation", "SOL-10471-CLH", names=["rui", "tom"])
    assert sorted(addressees("opportunity_received")) == ["rui", "tom"]
    assert addressees("opportunity_unattended") == []
    assert who_can_answer(deal) == [user("rui"), user("tom")]


def test_who_is_named_but_may_not_see_the_deal_gets_no_link_to_it() -> None:
    from_host("beatriz", "Fabrikam Seguros S.A.", "SOL-10471-CLH", names=["rui", "tom"])  # Tom is of London
    assert sorted(addressees("opportunity_received")) == ["julia", "rui"]


def test_two_roles_and_a_place_on_the_team_make_one_mail() -> None:
    mia = new_deal(invitations=[invitation("Relecloud", team=["ana", "mia"])])
    assert addressees("opportunity_received") == ["mia"]
    assert addressees("opportunity_unattended") == []
    assert side_of(mia, "Relecloud").team.count() == 1


def test_who_has_left_is_told_nothing_though_still_on_the_team() -> None:
    deal = new_deal(invites=["Northlake Services"], team=["rui", "vera"])
    user("rui").memberships.update(is_active=False)
    User.objects.filter(pk=user("vera").pk).update(is_active=False)
    accept("priya", side_of(deal, "Northlake Services"))
    assert TeamMember.objects.filter(deal=deal).count() == 3
    assert addressees("opportunity_accepted") == ["ana"]


AWAY: list[tuple[str, str, str, list[str]]] = [
    # who is away, their delegate, where the deal is, who is told when it comes
    ("ana", "julia", "A. Datum Corporation", ["ana", "julia"]),
    ("ana", "vera", "A. Datum Corporation", ["ana", "vera"]),
    ("ana", "rui", "A. Datum Corporation", ["ana"]),  # a user who is not on the team does not see it
    ("julia", "ana", "Fabrikam Seguros S.A.", ["julia", "ana"]),
]


@pytest.mark.parametrize(("away", "delegate", "of", "expected"), AWAY)
def test_a_delegate_who_may_see_the_deal_is_told_too(away: str, delegate: str, of: str, expected: list[str]) -> None:
    today = clock.now().date()
    set_away(user(away), today - timedelta(days=1), today + timedelta(days=3), user(delegate))
    deal = from_host("beatriz" if "Seguros" in of else "lee", of, "SOL-10471-CLH")
    assert addressees("opportunity_received") == expected
    with clock_at(deal.expires_at - timedelta(days=7)):  # back at work
        tasks.remind_due()
    back = {"ana", "julia"} if of.startswith("A. Datum") else {"julia"}
    assert set(addressees("opportunity_expiring")) == back


def test_a_delegate_who_left_or_of_a_withdrawn_invitation_is_not_told() -> None:
    today = clock.now().date()
    set_away(user("ana"), today - timedelta(days=1), today + timedelta(days=20), user("vera"))
    deal = from_host("lee", "A. Datum Corporation", "SOL-10471-CLH")
    actions.withdraw_invitation(who("lee"), deal.pk)
    assert addressees("opportunity_withdrawn") == ["ana"], "there is nothing to answer any more"
    user("vera").memberships.update(is_active=False)
    from_host("lee", "A. Datum Corporation", "SOL-10471-CLH")
    assert addressees("opportunity_received") == ["ana", "vera", "ana"]
