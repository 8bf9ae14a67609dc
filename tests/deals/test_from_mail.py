"""Answering from the mail: what a link can do, what ends it, and that it is no session (product.md §10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Organization, User
from cosell import clock
from cosell.events import letters
from cosell.events.enums import Channel
from cosell.events.models import Delivery, Event
from deals import actions, mail_links, rules, tasks
from deals.enums import Action, DeclineReason, EventKind, Stage
from deals.models import Deal
from tests.cast import accept, client_for, fresh, new_deal, side_of, user, who
from tests.deals.test_races import at_once

pytestmark = pytest.mark.django_db
NORTHLAKE = "Northlake Services"


@pytest.fixture
def side() -> Deal:
    """What Contoso sent to Northlake, where Priya decides."""
    return side_of(new_deal(invites=[NORTHLAKE]), NORTHLAKE)


def mail_of(name: str, message: str = "opportunity_received") -> Delivery:
    return Delivery.objects.get(channel=Channel.MAIL, message=message, user=user(name))


def link_of(name: str, message: str = "opportunity_received") -> str:
    found = mail_links.link(mail_of(name, message))
    assert found.startswith("/answer/")
    return found


def anybody() -> Client:
    """A browser that knows nobody and has no cookie."""
    return Client(headers={"accept-language": "en"})


def accepting(side: Deal, **fields: Any) -> dict[str, Any]:
    given = {"name": side.name, "value": side.value, "currency": side.currency, "close_on": side.close_on, **fields}
    return {"way": "accept", **{f"accept-{name}": value for name, value in given.items()}}


def declining(note: str = "No time.", reason: str = "timeline") -> dict[str, str]:
    return {"way": "decline", "decline-reason": reason, "decline-note": note}


def handing(to: str, note: str = "Yours?") -> dict[str, Any]:
    return {"way": "hand_over", "hand_over-to": user(to).pk, "hand_over-note": note}


def test_the_mail_carries_the_link_and_it_is_not_kept_anywhere(side: Deal) -> None:
    delivery = mail_of("priya")
    mail = letters.mail(delivery)
    assert link_of("priya") in mail.body
    assert str(delivery.uid.hex) in link_of("priya"), "it is the delivery, signed"


def test_it_shows_what_is_needed_to_decide_and_no_contact(side: Deal) -> None:
    page = anybody().get(link_of("priya"))
    assert page.status_code == 200
    words = page.content.decode()
    for said in ("A. Datum Corporation", "40,000", "Proof of concept", "two plants", "Ana Souza", side.name):
        assert said in words, said
    assert "Priya Nair" in words, "who answers"
    assert "Sam Okoro" in words, "to whom it can be handed over"
    assert "customer.example" not in words
    assert {page[name] for name in ("Cache-Control", "Referrer-Policy")} == {"no-store", "strict-origin"}
    assert "noindex" in page["X-Robots-Tag"]


def test_looking_at_it_does_nothing(side: Deal) -> None:
    """Scanners of mail follow every link, some twice."""
    events = Event.objects.count()
    for method in ("get", "head", "get"):
        assert getattr(anybody(), method)(link_of("priya") + "?way=decline").status_code == 200
    assert Event.objects.count() == events
    assert fresh(side).stage == Stage.RECEIVED
    assert mail_of("priya").acted_at is None


def test_it_accepts_as_who_is_signed_in_does(side: Deal) -> None:
    page = anybody().post(link_of("priya"), accepting(side, notes="We are in.", share_notes="on", crm_id="N-1"))
    assert (page.status_code, "The link in the mail does nothing any more" in page.content.decode()) == (200, True)
    mailed, other = fresh(side), side_of(new_deal(invites=[NORTHLAKE]), NORTHLAKE)
    accept("priya", other, notes="We are in.", share_notes=True, crm_id="N-1")
    assert (mailed.stage, mailed.crm_id) == (Stage.ACCEPTED, "N-1")
    assert [member.user for member in mailed.team.all()] == [user("priya")]
    first, second = (Event.objects.get(deal_id=each.pk, kind=EventKind.ACCEPTED) for each in (mailed, other))
    assert first.data == {**second.data, "from_mail": True}
    told = [set(each.deliveries.values_list("message", "recipient_key", "channel")) for each in (first, second)]
    assert told[0] == told[1]
    assert first.actor == user("priya")


def test_a_decline_can_be_undone_by_who_signs_in(side: Deal) -> None:
    assert anybody().post(link_of("priya"), declining()).status_code == 200
    declined = fresh(side)
    assert (declined.stage, declined.close_reason) == (Stage.DECLINED, DeclineReason.TIMELINE)
    link = anybody().get(mail_links.address(mail_of("priya")))
    assert link.status_code == 410
    assert actions.undo(who("priya"), side.pk).stage == Stage.RECEIVED


def test_it_is_handed_over_to_a_colleague_who_has_a_link_of_their_own(side: Deal) -> None:
    assert "Sam Okoro" in anybody().post(link_of("priya"), handing("sam")).content.decode()
    assert fresh(side).stage == Stage.RECEIVED
    assert anybody().post(link_of("sam", "handed_over"), accepting(side)).status_code == 200
    assert fresh(side).stage == Stage.ACCEPTED


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (accepting, {"accept-name": "Ours", "accept-value": "-1", "accept-notes": "Long thoughts."}),
        (lambda side: declining(reason="other", note=""), {"decline-reason": "other"}),
        (lambda side: handing("sam") | {"hand_over-to": "1"}, {"hand_over-note": "Yours?"}),
        (lambda side: {"way": "nonsense"}, {}),
    ],
)
def test_what_lacks_something_is_said_and_nothing_typed_is_lost(
    side: Deal, sent: Callable[[Deal], dict], kept: dict[str, str]
) -> None:
    page = anybody().post(link_of("priya"), {**sent(side), **kept})
    assert page.status_code == 422
    words = page.content.decode()
    assert all(text in words for text in kept.values())
    assert mail_of("priya").acted_at is None, "it still works"


def test_a_faster_colleague_is_named_and_the_words_are_kept(side: Deal) -> None:
    link = link_of("priya")
    actions.hand_over(who("priya"), side.pk, user("sam"))
    actions.decline_deal(who("sam"), side.pk, reason=DeclineReason.BUDGET)
    page = anybody().post(link, accepting(side, notes="Long thoughts."))
    assert page.status_code == 409
    assert "Sam Okoro" in page.content.decode()
    assert "Long thoughts." in page.content.decode()


# --------------------------------------------------------------------------------------------------- when it is over


def role(change: Callable[[Any], Any]) -> Callable[[Deal], Any]:
    return lambda side: change(Membership.objects.filter(user=user("priya"), organization=side.organization))


def person(**fields: Any) -> Callable[[Deal], Any]:
    return lambda side: User.objects.filter(pk=user("priya").pk).update(**fields)


def a_second_later(side: Deal) -> None:
    User.objects.filter(pk=user("priya").pk).update(links_valid_from=clock.now() + timedelta(seconds=1))


DEAD: dict[str, tuple[Callable[[Deal], Any], int, str]] = {
    "used": (lambda side: actions.answer_from_mail(mail_of("priya"), lambda who, deal: deal), 410, "was used on"),
    "left": (person(is_active=False), 410, "sign-in is closed"),
    "signed out everywhere": (a_second_later, 410, "signed out everywhere"),
    "no role": (role(lambda rows: rows.update(is_active=False)), 410, "no role any more"),
    "role that reads": (role(lambda rows: rows.update(role="referrals_viewer")), 403, "not change it"),
    "switched off": (
        lambda side: Organization.objects.filter(name=NORTHLAKE).update(acts_from_mail=False),
        410,
        "wants its people to sign in",
    ),
    "accepted": (lambda side: accept("priya", side), 409, "Priya Nair set the deal to Accepted"),
    "declined": (
        lambda side: actions.decline_deal(who("priya"), side.pk, reason=DeclineReason.BUDGET),
        409,
        "Priya Nair set the deal to Declined",
    ),
    "withdrawn": (lambda side: actions.withdraw_invitation(who("ana"), side.pk), 409, "set the deal to Expired"),
}


@pytest.mark.parametrize("why", list(DEAD))
def test_a_link_that_is_over_says_why_and_nothing_of_the_deal(side: Deal, why: str) -> None:
    end, status, words = DEAD[why]
    link = link_of("priya")
    end(side)
    before = Deal.objects.filter(pk=side.pk).values().get()
    for page in (anybody().get(link), anybody().post(link, accepting(side)), anybody().post(link, declining())):
        said = page.content.decode()
        assert (page.status_code, words in said) == (status, True), said
        assert f"/deals/{side.uid}/" in said, "a way on"
        assert not [fact for fact in ("Datum Corp", "40,000", "two plants", side.engagement.reference) if fact in said]
    assert Deal.objects.filter(pk=side.pk).values().get() == before
    assert mail_links.link(mail_of("priya")) == "", "a mail sent now carries none"


@pytest.mark.parametrize(
    ("days", "status", "words"), [(13.99, 200, ""), (14, 409, "The 14 days"), (15, 410, "too old")]
)
def test_it_ends_with_the_invitation(side: Deal, days: float, status: int, words: str) -> None:
    """At 336 hours to the second, whether or not the job has run."""
    link = link_of("priya")
    with clock.moved_by(side.expires_at - timedelta(days=14) + timedelta(days=days) - clock.now()):
        page = anybody().get(link)
        assert (page.status_code, words in page.content.decode()) == (status, True)


def test_a_link_of_a_reminder_is_one_of_its_own(side: Deal) -> None:
    with clock.moved_by(timedelta(days=8)):
        tasks.remind_due()
        assert link_of("priya") != link_of("priya", "opportunity_expiring")
        assert anybody().post(link_of("priya", "opportunity_expiring"), accepting(side)).status_code == 200
        assert "Priya Nair" in anybody().get(mail_links.address(mail_of("priya"))).content.decode()


def test_an_address_that_was_never_a_link_tells_nothing(side: Deal) -> None:
    good = link_of("priya").split("/")[2]
    bell = Delivery.objects.get(channel=Channel.BELL, message="opportunity_received", user=user("priya"))
    actions.withdraw_invitation(who("ana"), side.pk)
    withdrawn = mail_of("priya", "opportunity_withdrawn")
    unsigned = good.split(".")[0]
    wrong = [
        unsigned,
        f"{unsigned}.",
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        mail_links._signer.sign("0" * 32),
        mail_links._signer.sign("nonsense"),
        mail_links._signer.sign(bell.uid.hex),
        mail_links._signer.sign(withdrawn.uid.hex),
    ]
    for token in wrong:
        for page in (anybody().get(f"/answer/{token}/"), anybody().post(f"/answer/{token}/", accepting(side))):
            assert page.status_code == 404
            assert "Datum" not in page.content.decode()
    assert mail_links.link(bell) == mail_links.link(withdrawn) == ""


def test_a_person_outside_gets_no_link() -> None:
    outsider = actions.Person("Freda Lance", "1", "freda@elsewhere.example")
    new_deal(invites=[NORTHLAKE])
    delivery = mail_of("priya")
    delivery.user, delivery.address = None, outsider.email
    assert mail_links.link(delivery) == ""


# ---------------------------------------------------------------------------------------------------- as whom it acts


def test_no_session_is_made_or_read(side: Deal) -> None:
    browser = anybody()
    sessions = Session.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answers = [browser.get(link_of("priya")), browser.post(link_of("priya"), declining())]
    assert Session.objects.count() == sessions
    assert not [query for query in asked.captured_queries if "django_session" in query["sql"]]
    assert {name for page in answers for name in page.cookies} == {"csrftoken"}
    assert browser.get("/profile/").status_code == 302, "it opens nothing else"


def test_who_else_is_signed_in_makes_no_difference(side: Deal) -> None:
    """The page acts for the reader of the mail, in their language, and the other one stays signed in."""
    User.objects.filter(pk=user("priya").pk).update(language="pt-br")
    ana = client_for("ana")
    page = ana.get(link_of("priya"))
    words = page.content.decode()
    assert 'lang="pt-br"' in words
    assert "Priya Nair" in words
    assert "Ana Souza" in words
    assert 'class="shell"' not in words
    assert ana.post(link_of("priya"), accepting(side)).status_code == 200
    assert Event.objects.get(deal_id=side.pk, kind=EventKind.ACCEPTED).actor == user("priya")
    assert ana.get("/profile/").context["user"] == user("ana")


def test_a_forged_form_is_refused(side: Deal) -> None:
    careful = Client(enforce_csrf_checks=True)
    assert careful.post(link_of("priya"), declining()).status_code == 403
    token = careful.get(link_of("priya")).cookies["csrftoken"].value
    assert careful.post(link_of("priya"), {**declining(), "csrfmiddlewaretoken": token}).status_code == 200


@pytest.mark.parametrize("name", ["priya", "sam", "mia"])
def test_the_same_rights_as_signed_in(side: Deal, name: str) -> None:
    """Also where a mail went to somebody who may not: a company's last resort, or one whose role has changed."""
    delivery = mail_of("priya")
    delivery.user = user(name)
    delivery.save()
    found = who(name)
    may = not rules.refusals(found, side, Action.ACCEPT, clock.now())
    assert may == (name == "priya")
    assert bool(mail_links.link(delivery)) == may
    page = anybody().post(mail_links.address(delivery), accepting(side))
    assert (page.status_code == 200) == may
    assert (fresh(side).stage == Stage.ACCEPTED) == may


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_answer_once() -> None:
    side = side_of(new_deal(invites=[NORTHLAKE]), NORTHLAKE)
    link, browsers = link_of("priya"), [anybody() for _ in range(8)]
    sent = [accepting(side) if number % 2 else handing("sam") for number in range(8)]
    results = at_once(*[lambda b=b, data=data: b.post(link, data) for b, data in zip(browsers, sent, strict=True)])
    assert sorted(results) == [200, *[410] * 7]
    assert Event.objects.filter(kind__in=(EventKind.ACCEPTED, EventKind.HANDED_OVER)).count() == 1
