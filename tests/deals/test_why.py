"""Why can I (not) see this? The words come from the conditions that decide, and strangers get none."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.who import Who
from cosell.local.cast.deals import load_deals
from cosell.local.cast.people import ALSO, PEOPLE
from deals import actions, perms
from deals.enums import Action, Help, Way
from deals.models import Deal
from deals.why import cannot_change, explain, explained
from tests.cast import client_for, fresh, new_deal, organization, person, side_of, user, who

CAST = [(person[0], person[5]) for person in PEOPLE] + [(email, name) for email, name, _role in ALSO]


def everybody() -> Iterator[Who]:
    for email, name in CAST:
        yield who(email.partition(".")[0], name)


def test_the_words_agree_with_the_lists_for_everybody_and_every_deal_of_the_demo() -> None:
    load_deals()
    seen: set[str] = set()
    for one in everybody():
        visible = set(Deal.objects.visible_to(one).values_list("pk", flat=True))
        rows = Deal.objects.with_needs(one)
        for side in rows.select_related("organization", "engagement__customer", "engagement__creator"):
            told = explained(one, side)
            assert bool(told.ways) == (side.pk in visible), f"{one.user} at {side}"
            if side.organization == one.organization:
                assert told.ways or told.lacks, f"{one.user} at {side}: not a word"
            elif not told.ways:
                assert side.engagement.host_id == one.organization.pk or not told.lacks, f"{one.user} at {side}"
            seen |= {reason.code for reason in told.ways}
    assert seen == set(Way)


@pytest.fixture
def sides() -> dict[str, Deal]:
    """P, S, L are private: at the global location with Rui, in São Paulo, in London. V is partner-led, of a German
    customer; C an American co-sell, CM its side of Microsoft."""
    given = {
        "P": new_deal("ana", team=["rui"]),
        "S": new_deal("julia", of="Fabrikam Seguros S.A.", at="100201"),
        "L": new_deal("tom", of="Northwind Traders Ltd", at="100202"),
        "V": new_deal("ana", of="Proseware GmbH", shown=True),
        "C": new_deal("ana", asks=Help.POC),
    }
    return given | {"CM": side_of(given["C"], "Microsoft")}


ROLE_ADMIN = "An account admin of Contoso Data can change roles and their locations."
# Who, which side, by which ways, what lacks on which others, and words that are said.
SAID: list[tuple[str, str, str, str, list[str]]] = [
    ("ana", "P", "admin", "", ["As Referrals admin you see every deal of Contoso Data."]),
    ("julia", "S", "admin", "", ["every deal of these locations: Contoso Data, Contoso São Paulo."]),
    ("julia", "L", "", "admin", ["only these locations: Contoso Data, Contoso São Paulo. The deal is at", ROLE_ADMIN]),
    ("vera", "L", "viewer", "", ["As Referrals viewer you see every deal of Contoso Data."]),
    ("rui", "P", "team", "role", ["You are on the team of this deal, and as Referrals user", "Referrals viewer."]),
    ("rui", "L", "", "team role", ["You are not on the team of this deal.", "admin of Contoso Data can add you."]),
    ("tom", "P", "", "team role", ["You are not on the team of this deal."]),
    ("tom", "S", "", "team role", ["Contoso Data, Contoso London. The deal is at", ROLE_ADMIN, "can add you."]),
    ("diego", "P", "", "role", ["None of your roles opens deals.", ROLE_ADMIN]),
    ("lee", "CM", "market account", "team role", ["As Seller you cover the customer's market: United States."]),
    (
        "beatriz", "CM", "", "team market account role",
        ["none of the markets that you cover", "not named on", "vendor admin of Microsoft can change", "Reviewer."],
    ),
    ("lee", "V", "market", "account role", ["Contoso Data leads this deal and shows it to Microsoft.", "Germany"]),
    ("noor", "V", "viewer", "", ["As Reviewer you see every deal that partners show to Microsoft."]),
    ("beatriz", "V", "", "market account role", ["none of the markets that you cover"]),
    # Nothing is said where it is nobody's business.
    ("erik", "P", "", "", []),
    ("erik", "C", "", "", []),
    ("mia", "P", "", "", []),
    ("priya", "V", "", "", []),
]  # fmt: skip


def test_each_person_is_told_by_which_way_and_what_lacks(sides: dict[str, Deal]) -> None:
    for name, slug, ways, lacks, words in SAID:
        told = explain(who(name), sides[slug])
        assert [reason.code for reason in told.ways] == ways.split(), f"{name} at {slug}"
        assert [reason.code for reason in told.lacks] == lacks.split(), f"{name} at {slug}"
        text = " ".join(f"{reason.text} {reason.fix}" for reason in (*told.ways, *told.lacks))
        for each in words:
            assert each in text, f"{name} at {slug}: {text}"
    with CaptureQueriesContext(connection) as captured:
        explain(who("ana"), sides["P"])
    assert sum("deals_deal" in query["sql"] for query in captured) == 1


def test_what_is_said_to_help_helps(sides: dict[str, Deal]) -> None:
    people = [actions.Person(one.name, one.phone, one.email) for one in (person("tom"), person("rui"))]
    actions.edit_team(who("ana"), sides["L"].pk, fresh(sides["L"]).version, people)
    assert [way.code for way in explain(who("rui"), sides["L"]).ways] == ["team"]
    sides["CM"].engagement.customer.team.add(user("beatriz"))
    assert [way.code for way in explain(who("beatriz"), sides["CM"]).ways] == ["account"]
    assert cannot_change(who("beatriz"), fresh(sides["CM"])) == []


def test_a_colleague_is_told_why_and_nothing_of_the_deal(sides: dict[str, Deal]) -> None:
    User.objects.filter(full_name="Rui Prado").update(language="en")
    deal, rui = sides["L"], client_for("rui")
    names = ("detail", "why", "invite", "note", "favorite", "seen", "undo")
    urls = [reverse(f"deals:{name}", args=[deal.uid]) for name in names]
    urls += [reverse("deals:act", args=[deal.uid, "win"]), reverse("deals:edit", args=[deal.uid, "details"])]
    for url in urls:
        for ask in (rui.get, rui.post):
            answer = ask(url)
            assert answer.status_code in (403, 405), url
        page = rui.get(url) if answer.status_code == 405 else answer
        html = page.content.decode()
        assert "You are not on the team of this deal." in html
        assert "A referrals admin of Contoso Data can add you." in html
        for secret in (deal.name, "Northwind", "310", deal.engagement.reference, "Tom", "London"):
            assert secret not in html, f"{secret} at {url}"


def test_who_reads_only_learns_why(sides: dict[str, Deal]) -> None:
    vera = client_for("vera").get(reverse("deals:why", args=[sides["L"].uid])).content.decode()
    assert "As Referrals viewer you see every deal of Contoso Data." in vera
    assert perms.refusals(who("vera"), fresh(sides["L"]), Action.EDIT)[0].text in vera
    assert "<select" not in vera


def test_admins_ask_about_colleagues_and_about_nobody_else(sides: dict[str, Deal]) -> None:
    url = {slug: reverse("deals:why", args=[deal.uid]) for slug, deal in sides.items()}

    def asked(name: str, slug: str, about: Any) -> tuple[int, str]:
        answer = client_for(name).get(url[slug], {"person": about})
        return answer.status_code, answer.content.decode()

    status, page = asked("ana", "S", user("tom").pk)
    assert status == 200
    assert "Tom Fisher cannot see it" in page
    assert "A referrals admin of Contoso Data can add Tom Fisher to the team." in page
    assert "Tom Fisher can see it" in asked("ana", "L", user("tom").pk)[1]
    assert "Vera Novak can read this deal, not change it." in asked("ana", "L", user("vera").pk)[1]
    assert "Lee Chan covers the customer&#x27;s market: Germany." in asked("erik", "V", user("lee").pk)[1]
    shown = client_for("erik").get(url["V"])
    assert "<dt>Location</dt>" not in shown.content.decode(), "where a partner keeps a deal is its own business"
    people = shown.context["form"].fields["person"].queryset
    assert {one.full_name for one in people} == {"Beatriz Lima", "Erik Holm", "Lee Chan", "Noor Haddad"}
    user("tom").memberships.update(is_active=False)
    for stranger in (user("priya").pk, user("lee").pk, user("tom").pk, 10**12, "nonsense"):
        assert asked("ana", "P", stranger)[0] == 404, stranger
    assert asked("vera", "P", user("ana").pk)[0] == 403
    assert asked("rui", "P", user("priya").pk)[0] == 403
    assert asked("lee", "V", user("erik").pk)[0] == 403
    assert asked("rui", "P", user("rui").pk)[0] == 200
    assert asked("priya", "P", user("priya").pk)[0] == 404


def test_admins_find_the_page_and_who_only_reads(sides: dict[str, Deal]) -> None:
    url, link = (reverse(f"deals:{name}", args=[sides["P"].uid]) for name in ("detail", "why"))
    found = {name: link in client_for(name).get(url).content.decode() for name in ("ana", "rui", "vera")}
    assert found == {"ana": True, "rui": False, "vera": True}, "Vera is told there that she only reads"


def test_an_account_admin_who_may_open_the_deal_asks_too() -> None:
    deal = new_deal("ana")
    vera = who("vera")
    assert not perms.can_ask_about_others(vera, deal)
    vera.user.memberships.create(organization=organization("Contoso Data"), role="account_admin")
    assert perms.can_ask_about_others(who("vera"), deal)
