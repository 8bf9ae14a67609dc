"""Handing a side over to a colleague: who can be chosen, what it gives them, who is told (product.md §10)."""

import pytest
from django.urls import reverse

from accounts.models import Membership, User
from cosell.events import letters
from cosell.events.chain import Counts, problems
from cosell.events.enums import Channel
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals import actions, mail_links, perms, rules
from deals.enums import EventKind, Help, Stage
from deals.models import MAX_TEAM, Deal, TeamMember
from tests.cast import accept, client_for, fresh, new_deal, side_of, user, who

pytestmark = pytest.mark.django_db


def of_northlake() -> Deal:
    return side_of(new_deal(invites=["Northlake Services"]), "Northlake Services")


def refusal(by: str, deal: Deal, to: str) -> Refused:
    with pytest.raises(Refused) as refused:
        actions.hand_over(who(by), deal.pk, user(to))
    return refused.value


def test_the_colleague_can_answer_then_and_not_before() -> None:
    side = of_northlake()
    assert not perms.is_editor(who("sam"), side)
    actions.hand_over(who("priya"), side.pk, user("sam"), "You know them.")
    assert fresh(side).version == side.version + 1
    assert accept("sam", side).stage == Stage.ACCEPTED
    event = Event.objects.get(kind=EventKind.HANDED_OVER)
    assert (event.visibility, event.data["to"]) == ("organization", user("sam").pk)
    assert event.details.get(key="changes").value["team"][1][-1] == "Sam Okoro <sam.okoro@northlake.example>"
    assert [str(problem) for problem in problems(Counts())] == []


def test_the_colleague_is_told_what_is_needed_and_how_to_answer() -> None:
    side = of_northlake()
    actions.hand_over(who("priya"), side.pk, user("sam"), "You know them.")
    told = Delivery.objects.filter(message="handed_over")
    assert {(each.user, each.channel) for each in told} == {(user("sam"), Channel.MAIL), (user("sam"), Channel.BELL)}
    delivery = told.get(channel=Channel.MAIL)
    mail = letters.mail(delivery)
    for words in (mail.body, str(mail.alternatives[0].content)):
        for said in ("Priya Nair", "Contoso Data", "A. Datum Corporation", "40,000", "two plants", "You know them."):
            assert said in words, said
        assert mail_links.link(delivery) in words
    assert "customer.example" not in mail.body


def test_an_active_deal_is_handed_over_to_go_on_with_it() -> None:
    deal = new_deal()
    User.objects.filter(pk=user("rui").pk).update(language="en")
    actions.hand_over(who("ana"), deal.pk, user("rui"))
    assert perms.is_editor(who("rui"), fresh(deal))
    delivery = Delivery.objects.get(message="handed_over", channel=Channel.MAIL)
    assert mail_links.link(delivery) == "", "there is nothing to answer"
    assert "go on with this deal" in letters.mail(delivery).body
    actions.hand_over(who("rui"), deal.pk, user("ana"), "Back to you.")
    assert deal.team.count() == 2, "who is on the team already is told, not put on it twice"


def test_others_on_the_deal_do_not_read_it() -> None:
    deal = new_deal(asks=Help.POC)
    accept("lee", side_of(deal, "Microsoft"))
    actions.hand_over(who("ana"), deal.pk, user("rui"), "Between us.")
    page = client_for("lee").get(reverse("deals:detail", args=[side_of(deal, "Microsoft").uid]))
    assert "Between us." not in page.content.decode()
    assert "Between us." in client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()


@pytest.mark.parametrize(
    ("by", "to", "code"),
    [
        ("ana", "ana", "yourself"),
        ("ana", "priya", "no_colleague"),
        ("ana", "vera", "cannot_act"),
        ("ana", "diego", "cannot_act"),
        ("vera", "rui", "read_only"),
        ("lee", "rui", "not_your_side"),
    ],
)
def test_who_cannot(by: str, to: str, code: str) -> None:
    deal = new_deal()
    refused = refusal(by, deal, to)
    assert [reason.code for reason in refused.reasons] == [code]
    assert refused.status == (403 if code in ("read_only", "not_your_side") else 422)
    assert deal.team.count() == 1


def test_a_location_that_is_not_theirs_is_named() -> None:
    deal = new_deal(at="100201")
    assert "São Paulo" in refusal("ana", deal, "tom").reasons[0].text
    User.objects.filter(pk=user("rui").pk).update(is_active=False)
    assert refusal("ana", deal, "rui").reasons[0].code == "no_colleague"


def test_a_full_team_takes_nobody_more() -> None:
    deal = new_deal()
    TeamMember.objects.bulk_create(
        TeamMember(deal=deal, name="Freda Lance", phone="1", email=f"freda{number}@elsewhere.example")
        for number in range(MAX_TEAM - 1)
    )
    assert refusal("ana", deal, "rui").reasons[0].code == "team_full"


def test_somebody_named_before_they_had_a_sign_in_gets_their_place() -> None:
    deal = new_deal()
    TeamMember.objects.create(deal=deal, name="Rui", phone="1", email=user("rui").email)
    actions.hand_over(who("ana"), deal.pk, user("rui"))
    assert perms.is_editor(who("rui"), fresh(deal))


@pytest.mark.parametrize("place", ["100201", "100202", "global", "host", "brazilian"])
def test_the_choice_holds_exactly_those_whom_the_action_takes(place: str) -> None:
    if place in ("host", "brazilian"):
        customer = {"host": "A. Datum Corporation", "brazilian": "Fabrikam Seguros S.A."}[place]
        by, deal = who("erik"), side_of(new_deal(asks=Help.POC, of=customer), "Microsoft")
    else:
        by, deal = who("ana"), new_deal(at="" if place == "global" else place)
    offered = set(rules.colleagues(by, deal))
    everybody = User.objects.filter(pk__in=Membership.objects.values("user"))
    taken = {each for each in everybody if not rules.colleague_refusals(by, deal, each)}
    assert offered == taken
    assert offered


def test_the_dialog_on_the_page_of_the_deal() -> None:
    side = of_northlake()
    priya = client_for("priya")
    address = reverse("deals:act", args=[side.uid, "hand_over"])
    assert address in priya.get(reverse("deals:detail", args=[side.uid])).content.decode()
    refused = priya.post(address, {"to": user("rui").pk, "note": "Thoughts."})
    assert (refused.status_code, "Thoughts." in refused.content.decode()) == (422, True)
    done = priya.post(address, {"to": user("sam").pk}, follow=True)
    assert "Handed over: Sam Okoro is being told." in done.content.decode()
