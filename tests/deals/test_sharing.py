"""Private, partner-led, co-sell: one way, later, and again after a no; and who sees what when (product.md §5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from cosell import clock
from cosell.events import outbox
from cosell.events.enums import Channel
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals import actions, rules
from deals.enums import DeclineReason, EventKind, Help, Kind, Stage, Visibility
from deals.models import Deal
from tests.cast import (
    CONTACT,
    FORECAST,
    LAKEHOUSE,
    PROBLEM,
    WANTED,
    accept,
    client_for,
    fresh,
    new_deal,
    organization,
    side_of,
    solutions,
    who,
)
from tests.deals.journey import do, listed

ASKED = {"help": Help.POC, "customer_problem": PROBLEM, "help_needed": WANTED, "contact": CONTACT}
SHOWN = {"help": Help.NONE}
ASSESSMENT = {
    "kind": Kind.ASSESSMENT,
    "intent": "",
    "contact": CONTACT,
    "help_needed": "They gave us read access to the inventory.",
}


def assessment() -> Deal:
    payout = organization("Northlake Services").locations.get(is_global=True)
    return new_deal("priya", solutions=solutions("SOL-00101-DIM"), payout_location=payout, **ASSESSMENT)


def refusal(*args: Any, **kwargs: Any) -> list[str]:
    """The codes of a refused sharing; none when it went through."""
    try:
        actions.share_deal(*args, **kwargs)
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    return []


def declined(deal: Deal) -> Deal:
    actions.decline_deal(
        who("lee"), side_of(deal, "Microsoft").pk, reason=DeclineReason.BUDGET, notes="Not this year."
    )
    return deal


# How the deal stands, what is answered to the two questions: what comes of it, or the code of the refusal.
ANSWERS = [
    ("private", SHOWN, Visibility.PARTNER_LED),
    ("private", ASKED, Visibility.COSELL),
    ("partner-led", SHOWN, "already_shared"),
    ("partner-led", ASKED, Visibility.COSELL),
    ("invited", SHOWN, "already_shared"),
    ("invited", ASKED, "already_shared"),
    ("accepted", ASKED, "already_shared"),
    ("declined", SHOWN, "already_shared"),
    ("declined", ASKED, Visibility.COSELL),
    ("lost", ASKED, "wrong_stage"),
    ("private", ASKED | {"contact": None}, "no_contact"),
    ("private", ASKED | {"customer_problem": ""}, "no_help_notes"),
    ("private", ASKED | {"help_needed": ""}, "no_help_notes"),
    ("declined", ASKED | {"contact": None}, Visibility.COSELL),  # the one given before stays
    ("sent by the host", SHOWN, "not_creator"),
]


def standing(name: str) -> Deal:
    deal = new_deal(
        asks=Help.NONE if name in ("private", "partner-led", "lost") else Help.ARCHITECTURE,
        shown=name == "partner-led",
    )
    if name == "declined":
        declined(deal)
    elif name == "accepted":
        accept("lee", side_of(deal, "Microsoft"))
    elif name == "lost":
        actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    elif name == "sent by the host":
        return side_of(deal, "Microsoft")
    return deal


def test_what_the_two_questions_make_of_each_deal() -> None:
    for name, said, expected in ANSWERS:
        deal = standing(name)
        before = fresh(deal).engagement.visibility
        codes = refusal(who("lee" if name == "sent by the host" else "ana"), deal.pk, **said)
        after = fresh(deal).engagement
        if expected in Visibility.values:
            assert (codes, after.visibility) == ([], expected), f"{name}, {said}"
            invited = side_of(deal, "Microsoft") if expected == Visibility.COSELL else None
            assert invited is None or invited.stage == Stage.RECEIVED, f"{name}, {said}"
        else:
            assert (codes, after.visibility) == ([expected], before), f"{name}, {said}"


# What each person meets of the deal: lists (tab: sides of whom), its own page, bell and mail.
NOTHING = {"lists": {}, "page": 404, "told": 0}
MOMENTS: dict[str, dict[str, dict[str, Any]]] = {
    "private": {"lee": NOTHING, "mia": NOTHING},
    "partner-led": {
        "lee": {"lists": {"partner-led": "Contoso Data", "all": "Contoso Data"}, "page": 200, "told": 0},
        "mia": NOTHING,
    },
    "co-sell": {
        "lee": {"lists": {"inbound": "Microsoft", "all": "Microsoft"}, "page": 200, "told": 2},
        "mia": NOTHING,
    },
}


def meets(name: str, deal: Deal) -> dict[str, Any]:
    client = client_for(name)
    own = Deal.objects.visible_to(who(name)).filter(engagement=deal.engagement_id).order_by("-pk").first() or deal
    lists = {}
    for tab in ("inbound", "outbound", "favorites", "partner-led", "all"):
        if tab == "partner-led" and name != "lee":
            continue
        url = reverse("deals:list", args=[tab])
        context = client.get(url, {"q": "Secret plan"}, headers={"HX-Request": "true"}).context
        found = context["page"].rows
        assert context["counts"].get(tab, len(found)) == len(found), f"{name} counts in {tab} what is not listed"
        if found:
            lists[tab] = ", ".join(row.organization.name for row in found)
    page = client.get(reverse("deals:detail", args=[own.uid]))
    told = Delivery.objects.filter(user__email__startswith=f"{name}.", event__stream=deal.engagement.stream)
    bell = deal.engagement.reference in client.get(reverse("events:bell")).content.decode()
    assert bell == told.filter(channel=Channel.BELL).exists(), f"the bell of {name}"
    return {"lists": lists, "page": page.status_code, "told": told.count()}


def test_each_side_sees_more_at_that_moment_and_not_before() -> None:
    deal = new_deal(name="Secret plan", invites=["Northlake Services"], crm_id="CANARY-1", notes="CANARY-2")
    partner = accept("priya", side_of(deal, "Northlake Services"))

    def look(moment: str) -> str:
        outbox.send_due()
        for name, expected in MOMENTS[moment].items():
            assert meets(name, deal) == expected, f"{name}, when it is {moment}"
        return client_for("priya").get(reverse("deals:detail", args=[partner.uid])).content.decode()

    assert "Private" in look("private")
    actions.share_deal(who("ana"), deal.pk, **SHOWN)
    seen = look("partner-led")
    assert ("Partner-led" in seen, 'aria-label="Microsoft"' in seen) == (True, False), "the partner invited before"
    page = client_for("lee").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert (deal.solutions.get().name in page, "310,000" in page) == (True, True), "what is shown once it is shared"
    assert "CANARY" not in page
    actions.share_deal(who("ana"), deal.pk, **ASKED)
    seen = look("co-sell")
    assert 'aria-label="Microsoft"' in seen, "the partner invited before sees who is there now"
    host = client_for("lee").get(reverse("deals:detail", args=[side_of(deal, "Microsoft").uid])).content.decode()
    assert PROBLEM in host.replace("&#x27;", "'")
    assert "CANARY" not in host
    assert CONTACT.email not in host, "not before it has accepted"


ENDS = {
    "declined": (Stage.DECLINED, "Microsoft declined on", "because: Project budget isn&#x27;t adequate"),
    "expired": (Stage.EXPIRED, "Microsoft did not answer. The invitation ended on", ""),
    "overdue": (Stage.EXPIRED, "", ""),  # hour 336 has passed, and the job has not come by yet
    "withdrawn": (Stage.EXPIRED, "The invitation was withdrawn on", ""),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_host_is_asked_again_by_a_new_invitation_and_the_old_one_stays(end: str) -> None:
    deal = new_deal(asks=Help.ARCHITECTURE)
    old = side_of(deal, "Microsoft")
    stage, sentence, why = ENDS[end]
    with clock.moved_by(timedelta(days=15) if end in ("expired", "overdue") else timedelta(hours=1)):
        if end == "declined":
            declined(deal)
        elif end == "expired":
            actions.expire_deal(old.pk)
        elif end == "withdrawn":
            actions.withdraw_invitation(who("ana"), old.pk)
        page = client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()
        assert "Ask again" in page
        assert sentence in page
        assert why in page
        assert ("You can ask again." in page) == bool(sentence)
        only_reads = client_for("vera").get(reverse("deals:detail", args=[deal.uid])).content.decode()
        assert sentence in only_reads
        assert "sk again" not in only_reads
        assert fresh(deal).engagement.visibility == Visibility.COSELL, "what is shared stays shared"

        dialog = client_for("ana").get(reverse("deals:act", args=[deal.uid, "share"])).context["form"]
        assert [dialog[name].value() for name in ("help", "customer_problem", "help_needed")] == [
            Help.ARCHITECTURE, PROBLEM, WANTED,
        ]  # fmt: skip
        assert "contact_name" not in dialog.fields
        assert Help.NONE not in dict(dialog.fields["help"].choices)
        do(client_for("ana"), deal, "share", help="poc", customer_problem="Another one.", help_needed=WANTED)

        new = side_of(deal, "Microsoft")
        assert new.pk != old.pk
        assert new.expires_at - clock.now() > timedelta(hours=335, minutes=59), "a clock of its own"
        assert (fresh(old).stage, new.stage, new.invite_help) == (stage, Stage.RECEIVED, Help.POC)
        said = Event.objects.filter(deal_id=deal.pk, kind=EventKind.EDITED).latest("seq")
        changes = said.details.get(key="changes").value
        assert changes == {"help": ["architecture", "poc"], "customer_problem": [PROBLEM, "Another one."]}
        assert not Event.objects.filter(deal_id=deal.pk, kind=EventKind.SHARED).exists(), "it was shared before"
        assert refusal(who("ana"), deal.pk, **ASKED) == ["already_shared"], "one invitation at a time"
        assert [row.pk for row in listed(client_for("lee"), "inbound")] == [new.pk]
        page = client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()
        assert "sk again" not in page
        assert "Proof of concept" in page


def test_a_decline_undone_cannot_be_asked_again_and_one_asked_again_cannot_be_undone() -> None:
    deal = new_deal(asks=Help.POC)
    old = side_of(deal, "Microsoft")
    declined(deal)
    actions.undo(who("lee"), old.pk)
    assert refusal(who("ana"), deal.pk, **ASKED) == ["already_shared"]
    declined(deal)
    assert refusal(who("ana"), deal.pk, **ASKED) == []
    with pytest.raises(Refused) as refused:
        actions.undo(who("lee"), old.pk)
    assert [reason.code for reason in refused.value.reasons] == ["acted_since"]


# What is sent by the dialog of a private deal: the fields that are wrong.
LACKS = [
    ({}, ["help"]),
    ({"help": "none"}, []),
    ({"help": "poc"}, ["customer_problem", "help_needed", "contact_name"]),
    ({"help": "poc", "customer_problem": "A", "help_needed": "B", "contact_name": "C"}, ["contact_phone", "contact_email", "consent"]),  # noqa: E501
    ({"help": "none", "contact_name": "C", "contact_phone": "1", "contact_email": "c@c.example"}, ["consent"]),
]  # fmt: skip


def test_the_dialog_says_what_it_means_and_what_is_missing() -> None:
    deal, ana = new_deal(), client_for("ana")
    asked = ana.get(reverse("deals:act", args=[deal.uid, "share"])).content.decode()
    for words in (
        "sellers of Microsoft see of your side: deal name, value, close date, stage, solutions and team",
        "never see internal notes, CRM ID or marketing campaign ID",
        "This cannot be taken back",
        "Identify the type of help you&#x27;d like from Microsoft",
    ):
        assert words in asked
    for given, wrong in LACKS:
        form_errors = [] if not wrong else do(ana, deal, "share", 422, **given).context["form"].errors
        assert sorted(form_errors) == sorted(wrong), given
    drafted = ana.post(reverse("deals:deal_notes", args=[deal.uid]), {"help": "poc", "go": "draft"})
    assert drafted.status_code == 200
    assert drafted.context["form"].offer, "a draft of the notes, beside them"
    do(ana, deal, "share", **{"help": "none"})
    asked = ana.get(reverse("deals:act", args=[deal.uid, "share"])).content.decode()
    assert "see this deal already" in asked
    do(
        ana, deal, "share", help="poc", customer_problem=PROBLEM, help_needed=WANTED, consent="on",
        contact_name=CONTACT.name, contact_phone=CONTACT.phone, contact_email=CONTACT.email,
    )  # fmt: skip
    contact = fresh(deal).engagement.contact
    assert (contact.name, contact.email, contact.consent_by) == (CONTACT.name, CONTACT.email, who("ana").user)
    declined(deal)
    other = actions.Contact("Somebody Else", "1", "else@customer.example")
    actions.share_deal(who("ana"), deal.pk, **ASKED | {"contact": other})
    contact.refresh_from_db()
    assert contact.name == CONTACT.name, "a contact given before stays"


def test_an_assessment_is_asked_again_with_its_notes_for_the_specialist() -> None:
    deal = assessment()
    old, priya = side_of(deal, "Microsoft"), client_for("priya")
    url = reverse("deals:detail", args=[deal.uid])
    for client, at in ((priya, url), (client_for("lee"), reverse("deals:detail", args=[old.uid]))):
        page = client.get(at).content.decode()
        assert "Notes for the specialist" in page
        assert ASSESSMENT["help_needed"] in page
    assert refusal(who("priya"), deal.pk, help_needed="Again.") == ["already_shared"]
    declined(deal)
    assert "Ask again" in priya.get(url).content.decode()
    form = priya.get(reverse("deals:act", args=[deal.uid, "share"])).context["form"]
    assert [*form.fields] == ["help_needed"]
    assert form["help_needed"].value() == ASSESSMENT["help_needed"]
    do(priya, deal, "share", 422, help_needed="")
    assert refusal(who("priya"), deal.pk) == ["no_specialist_notes"]
    do(priya, deal, "share", help_needed="The inventory is complete now.")
    new = side_of(deal, "Microsoft")
    assert (new.pk != old.pk, new.stage) == (True, Stage.RECEIVED)
    page = client_for("lee").get(reverse("deals:detail", args=[new.uid])).content.decode()
    assert "The inventory is complete now." in page


# A kind of deal and its solution: the criterion that mails of account matching say.
KINDS = [
    (Kind.IP, LAKEHOUSE, "customer managed by Microsoft"),
    (Kind.SERVICES, FORECAST, "this kind of deal"),
    (Kind.SERVICES, LAKEHOUSE, "customer managed by Microsoft"),  # it counts as IP (product.md §5)
    (Kind.ASSESSMENT, LAKEHOUSE, "this kind of deal"),
]


@pytest.mark.parametrize(("kind", "code", "label"), KINDS)
def test_what_can_never_be_registered_says_so(kind: Kind, code: str, label: str) -> None:
    deal = new_deal(shown=True, solutions=solutions(code))
    engagement = fresh(deal).engagement
    engagement.kind = kind
    criterion = rules.matched_criterion(engagement)
    assert criterion.label == label
    if label == "this kind of deal":
        assert criterion.standing == "not_met"
        assert ("never" in criterion.text) == (kind == Kind.ASSESSMENT)


def test_only_a_deal_that_may_be_registered_is_asked_about_an_early_win() -> None:
    for given, early in (({"shown": True}, True), ({}, False), ({"shown": True, "value": Decimal(24_999)}, False)):
        deal = fresh(new_deal(solutions=solutions(LAKEHOUSE), **given))
        safe = deal.engagement.created_at + rules.SAFE_TO_WIN_AFTER
        asked = [rules.win_is_early(deal, at) for at in (safe - timedelta(seconds=1), safe)]
        assert asked == [early, False], given
