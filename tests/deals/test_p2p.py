"""Partner to partner: who may be invited, with which people, and what each then sees of the others (product.md §5)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Organization, Solution
from cosell import clock
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from cosell.web.reasons import Refused
from deals import actions, disclosure
from deals.enums import DeclineReason, Help, Stage
from deals.models import Deal
from deals.workflow import ANSWER_WITHIN
from tests.cast import accept, client_for, fresh, invitation, new_deal, organization, person, side_of, who
from tests.deals.journey import create, good_answers, invite_answers, send, start, team
from tests.factories import make_membership, make_organization, make_solution, make_user

NORTHLAKE, RELECLOUD = "Northlake Services", "Relecloud"
BOTH = ["ana", "rui", "sam", "priya"]  # people of both companies
OUTSIDER = actions.Person("Freda Lance", "1", "freelancer@elsewhere.example")


def emails(deal: Deal) -> set[str]:
    return {member.email.split(".")[0] for member in deal.team.all()}


# who may be invited


def twenty() -> list[actions.Invitation]:
    made = []
    for number in range(20):
        partner = make_organization(name=f"Zava {number:02}")
        make_membership(organization=partner, user=make_user(email=f"admin{number:02}@zava.example"))
        make_solution(organization=partner)
        made.append(invitation(partner.name, value=number))
    return made


def test_twenty_partners_are_invited_at_once() -> None:
    """Each with a side, a clock, an own share and a mail; nobody reads the mail of another."""
    deal = new_deal(invitations=twenty())
    sides = list(Deal.objects.filter(invited_from=deal).order_by("organization__name"))
    assert [side.value for side in sides] == list(range(20))
    assert {(side.stage, side.expires_at - side.invited_at) for side in sides} == {(Stage.RECEIVED, ANSWER_WITHIN)}
    mails = Delivery.objects.filter(message="opportunity_received", channel=Channel.MAIL).order_by("user__email")
    told = [(mail.user.email, mail.event.deal_id) for mail in mails.select_related("user", "event")]
    assert told == [(f"admin{number:02}@zava.example", side.pk) for number, side in enumerate(sides)]


def test_one_bad_invitation_refuses_all_and_names_the_partner() -> None:
    invitations = twenty()
    invitations[13] = invitation("Zava 13", solutions=[])
    with pytest.raises(Refused) as refused:
        new_deal(invitations=invitations)
    assert [reason.code for reason in refused.value.reasons] == ["no_solution"]
    assert "Zava 13" in refused.value.reasons[0].text
    assert not Deal.objects.exists()


def with_team(asked: actions.Invitation, people: Iterable[actions.Person]) -> actions.Invitation:
    return replace(asked, team=list(people))


def crowd() -> list[actions.Person]:
    return [actions.Person(f"Person {number}", "1", f"person{number}@zava.example") for number in range(51)]


def outside() -> actions.Invitation:
    Organization.objects.filter(name=RELECLOUD).update(transacts=False)
    return invitation(RELECLOUD)


REFUSED: dict[str, Callable[[], actions.Invitation]] = {
    "own_company": lambda: invitation("Contoso Data"),
    "is_host": lambda: invitation("Microsoft"),
    "not_in_ecosystem": outside,
    "already_invited": lambda: invitation(NORTHLAKE),
    "no_solution": lambda: invitation(RELECLOUD, solutions=[]),
    "foreign_solution": lambda: invitation(RELECLOUD, solutions=list(Solution.objects.filter(code="SOL-10471-CLH"))),
    "team_full": lambda: with_team(invitation(RELECLOUD), crowd()),
}


@pytest.mark.parametrize("code", REFUSED)
def test_who_cannot_be_invited_is_said(code: str) -> None:
    deal, asked = new_deal(invites=[NORTHLAKE]), REFUSED[code]()
    with pytest.raises(Refused) as refused:
        actions.invite_partner(who("ana"), deal.pk, asked)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert Deal.objects.count() == 2
    if code in ("own_company", "is_host", "not_in_ecosystem", "already_invited"):  # known before anything is typed
        url = reverse("deals:invite", args=[deal.uid])
        page = client_for("ana").get(url, {"add": asked.organization.uid})
        assert page.context["not_this_one"][0].code == code
        assert 'id="invitation"' in page.content.decode()
        answers = client_for("ana").post(url, invite_answers(asked.organization))
        assert answers.status_code == 422


# people of both companies


def test_the_team_of_an_invitation_may_hold_people_of_both_companies() -> None:
    """Theirs are on their team at once; ours are named to them, and get nothing that is their own."""
    deal = new_deal(team=["rui"])
    asked = with_team(invitation(NORTHLAKE), [*map(person, BOTH), OUTSIDER])
    side = actions.invite_partner(who("ana"), deal.pk, asked)
    assert emails(side) == {"sam", "priya"}
    page = client_for("sam", NORTHLAKE).get(reverse("deals:detail", args=[side.uid]))
    assert page.status_code == 200, "Sam is on no other deal, and sees this one from the start"
    named = page.content.decode()
    assert all(name in named for name in ("Ana Souza", "Rui Prado", "Freda Lance"))
    accept("priya", side)
    assert emails(fresh(side)) == {"sam", "priya"}, "Priya is there once"
    before = Delivery.objects.count()
    actions.add_note(who("priya"), side.pk, "Between us")
    told = {delivery.user.email for delivery in Delivery.objects.order_by("pk")[before:] if delivery.user}
    assert told == {"sam.okoro@northlake.example"}
    for name, mine, theirs in (("ana", deal, {"sam", "priya"}), ("priya", side, {"ana", "rui"})):
        [card] = disclosure.other_sides(who(name), fresh(mine))
        assert {member.email.split(".")[0] for member in card.team} == theirs, f"{name} sees the other team"


def test_a_person_without_a_role_there_any_more_is_not_theirs() -> None:
    deal = new_deal()
    make_user(email="gone@northlake.example")
    who("sam", NORTHLAKE).user.memberships.filter(organization__name=NORTHLAKE).update(is_active=False)
    people = [person("sam"), actions.Person("Gone", "1", "gone@northlake.example")]
    assert emails(actions.invite_partner(who("ana"), deal.pk, with_team(invitation(NORTHLAKE), people))) == set()


def rows(*names: str, **more: Any) -> dict[str, Any]:
    """The team of an invitation as the page sends it."""
    people = team(*((p.name, p.phone, p.email) for p in map(person, names)))
    return {f"invite-{key}": value for key, value in people.items()} | more


def test_the_wizard_keeps_a_team_for_each_invitation() -> None:
    """Filled in with the team of the deal; a person is added and removed without JavaScript."""
    northlake, ana = organization(NORTHLAKE), client_for("ana")
    draft = start(ana)
    send(ana, draft, "details", good_answers()["details"])
    url = reverse("deals:draft", args=[draft.uid, "partners"])
    shown = ana.get(url, {"add": northlake.uid})
    assert [row["email"].value() for row in shown.context["team"]] == ["ana.souza@contoso.example"]
    answers = invite_answers(northlake) | rows("ana")
    more = send(ana, draft, "partners", {**answers, "invite-notes": "", "go": "add_person"})
    assert more.status_code == 200
    assert len(more.context["team"].forms) == 2
    assert not more.context["form"].errors, "only being filled in"
    wrong = send(ana, draft, "partners", {**answers, "invite-team-0-phone": ""})
    assert wrong.status_code == 422
    assert wrong.context["team"].errors == [{"phone": ["This field is required."]}]
    assert 'href="#id_invite-team-0-phone"' in wrong.content.decode()
    invites = [invite_answers(northlake) | rows("ana", "sam", "rui", **{"invite-team-2-DELETE": "on"})]
    side = side_of(create(ana, good_answers(), invites=invites), NORTHLAKE)
    assert emails(side) == {"sam"}
    timeline = client_for("priya").get(reverse("deals:detail", args=[side.uid])).context["entries"]
    assert [entry.people for entry in timeline if entry.people] == [["Ana Souza <ana.souza@contoso.example>"]]


def test_rows_of_a_team_may_be_nonsense() -> None:
    deal, northlake, ana = new_deal(), organization(NORTHLAKE), client_for("ana")
    url, draft = reverse("deals:invite", args=[deal.uid]), start(ana)
    for total, go in (("-5", "add_person"), ("9" * 5000, "add_person"), ("", "invite"), ("1000000", "invite")):
        answers = invite_answers(northlake) | {"invite-team-TOTAL_FORMS": total, "go": go}
        assert ana.post(url, answers).status_code in {200, 422}
        assert send(ana, draft, "partners", answers).status_code in {200, 302, 422}
    assert not Deal.objects.filter(organization=northlake).exists()
    assert ana.get(reverse("deals:draft", args=[draft.uid, "partners"])).status_code == 200


def test_a_partner_that_left_meanwhile_is_refused_by_name_at_create() -> None:
    ana = client_for("ana")
    draft = start(ana)
    for slug, answers in good_answers().items():
        if slug == "partners":
            send(ana, draft, slug, invite_answers(organization(RELECLOUD)))
            outside()
        response = send(ana, draft, slug, answers)
    assert response.status_code == 422
    assert "Relecloud does not co-sell here yet." in response.content.decode()
    assert not Deal.objects.exists()


# on the deal page


def test_one_partner_after_the_other() -> None:
    deal, ana = new_deal(), client_for("ana")
    url = reverse("deals:invite", args=[deal.uid])
    assert ana.post(url).status_code == 422
    for partner, go, then in (
        (NORTHLAKE, "another", url),
        (RELECLOUD, "send", reverse("deals:detail", args=[deal.uid])),
    ):
        answers = invite_answers(organization(partner)) | rows("ana") | {"go": "add_person"}
        more = ana.post(url, answers)
        assert (more.status_code, len(more.context["form"].team.forms)) == (200, 2)
        sent = ana.post(url, {**answers, "go": go})
        assert (sent.status_code, sent["Location"]) == (302, then)
    found = ana.get(url, headers={"HX-Request": "true", "HX-Target": "partners-found"}).context["found"]
    assert [(each.partner.name, bool(each.taken)) for each in found] == [(NORTHLAKE, True), (RELECLOUD, True)]


# all sides at a glance


@pytest.fixture
def shared() -> Deal:
    """Of Ana; Lee has accepted, Northlake declined once and accepted then, Relecloud has not answered."""
    deal = new_deal(asks=Help.POC, invites=[NORTHLAKE, RELECLOUD], team=["rui"])
    accept("lee", side_of(deal, "Microsoft"))
    actions.decline_deal(who("priya"), side_of(deal, NORTHLAKE).pk, reason=DeclineReason.BUDGET, notes="CANARY-NO")
    with clock.moved_by(timedelta(minutes=5)):
        actions.invite_partner(who("ana"), deal.pk, invitation(NORTHLAKE))
        accept("priya", side_of(deal, NORTHLAKE), value=777_123)
    return deal


SEES = {
    "ana": ["Contoso Data", "Microsoft", RELECLOUD, NORTHLAKE],
    "lee": ["Microsoft", "Contoso Data", RELECLOUD, NORTHLAKE],
    "priya": [NORTHLAKE, "Contoso Data", "Microsoft", RELECLOUD],
    "mia": [RELECLOUD, "Contoso Data"],
}


def test_all_sides_at_a_glance_within_what_each_may_see(shared: Deal) -> None:
    for name, expected in SEES.items():
        own = side_of(shared, who(name).organization.name)
        page = client_for(name).get(reverse("deals:sides", args=[own.uid]))
        cards = page.context["sides"]
        assert [card.organization.name for card in cards] == expected, name
        assert [card.own for card in cards] == [True, *[False] * (len(cards) - 1)]
        words = page.content.decode()
        assert "CANARY-NO" not in words
        assert "777,123" not in words
        assert "310,000" not in words
        assert page.context["is_out"] == (name == "mia")
        by_name = {card.organization.name: card for card in cards}
        assert (by_name["Contoso Data"].percent, str(by_name["Contoso Data"].next_step)) == (10, "Qualified")
        assert [member.name for member in by_name["Contoso Data"].team] == ["Ana Souza", "Rui Prado"]
        assert by_name["Contoso Data"].value == (None if name in ("priya", "mia") else 310_000)
        if NORTHLAKE in by_name:
            assert [card.stage for card in by_name[NORTHLAKE].earlier] == [Stage.DECLINED], name
            assert by_name[NORTHLAKE].invited_by == "Contoso Data"
            assert not by_name[RELECLOUD].team, "shown once it accepts"
    assert client_for("sam", NORTHLAKE).get(reverse("deals:sides", args=[own.uid])).status_code == 404


def test_who_may_not_invite_is_told_why_on_the_page(shared: Deal) -> None:
    priya, side = client_for("priya"), side_of(shared, NORTHLAKE)
    page = priya.get(reverse("deals:sides", args=[side.uid]))
    assert page.context["can"] == {"invite": False, "edit": True}
    assert "Ask Contoso Data to invite them." in page.content.decode()
    refused = priya.get(reverse("deals:invite", args=[side.uid]))
    assert refused.status_code == 403
    assert "Ask Contoso Data to invite them." in refused.content.decode()
    assert "partner-search" not in refused.content.decode()


def test_as_many_questions_for_many_sides_as_for_few(django_assert_num_queries: Any) -> None:
    few, many = new_deal(invites=[NORTHLAKE]), new_deal(invitations=twenty()[:6])
    ana = client_for("ana")
    ana.get(reverse("deals:sides", args=[few.uid]))
    with django_assert_num_queries(13, exact=False) as asked:
        ana.get(reverse("deals:sides", args=[few.uid]))
    with django_assert_num_queries(len(asked)):
        ana.get(reverse("deals:sides", args=[many.uid]))
