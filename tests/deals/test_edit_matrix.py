"""What may be changed when (fact sheet 1.12): a table of its own, walked by rule and by form, later by the API too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from html import unescape
from operator import or_
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Location, PartnerProgram, Solution, SolutionArea, SolutionPlay
from cosell.events.models import Event
from cosell.web.reasons import Refused
from deals import actions, editing
from deals.editing import Field
from deals.enums import EventKind, Help, Kind
from deals.models import CustomerContact, Deal, Engagement
from tests.cast import (
    CONTACT,
    LAKEHOUSE,
    PROBLEM,
    WANTED,
    accept,
    client_for,
    customer,
    new_deal,
    organization,
    side_of,
    who,
)
from tests.deals.journey import ahead, team

pytestmark = pytest.mark.django_db

# The sides: a partner's own private IP deal, one shared for help, a services deal, an assessment; a services deal of
# the host; of these, once accepted, the host's side of the shared one, an invited partner's, and Contoso's of the
# host's; then an invitation not answered, a won deal, and the partner's side as its inviter meets it.
TABLE = """
field             private  cosell   services assessed hosted  | invited  partner  ofhost  | received won   inviter
name              yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
value             yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
currency          yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
close_on          yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
crm_id            yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
campaign_id       yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
notes             yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
location          creation creation creation creation creation  creation creation creation  state    state theirs
customer          matching matching matching matching matching  matching matching matching  state    state theirs
contact           yes      cosell   yes      cosell   cosell    creator  creator  creator   state    state theirs
consent           yes      cosell   yes      cosell   cosell    creator  creator  creator   state    state theirs
visibility        yes      shared   yes      shared   -         creator  creator  -         state    state theirs
help              yes      shared   yes      -        -         creator  creator  -         state    state theirs
customer_problem  yes      shared   yes      -        -         creator  creator  -         state    state theirs
help_needed       yes      shared   yes      shared   -         creator  creator  -         state    state theirs
intent            yes      yes      -        -        -         creator  creator  -         state    state theirs
partner_role      -        -        yes      -        yes       -        -        creator   state    state theirs
solution_area     yes      yes      yes      yes      yes       creator  creator  creator   state    state theirs
solution_play     yes      yes      yes      yes      yes       creator  creator  creator   state    state theirs
partner_program   -        -        -        -        yes       -        -        creator   state    state theirs
team              yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
solutions         yes      yes      yes      -        yes       yes      yes      yes       state    state theirs
assessment_type   -        -        -        creation -         -        -        -         state    state theirs
payout_location   -        -        -        creation -         -        -        -         state    state theirs
stage             yes      yes      yes      yes      yes       yes      yes      yes       state    state theirs
invitations       yes      yes      yes      -        yes       bring    bring    yes       state    state theirs
invited_value     -        -        -        -        -         yes      yes      yes       state    state sent
invited_close_on  -        -        -        -        -         yes      yes      yes       state    state sent
invited_team      -        -        -        -        -         yes      yes      yes       state    state sent
"""
CODES = {
    "yes": "",
    "-": "no_such_field",
    "creation": "since_creation",
    "matching": "by_matching",
    "cosell": "cosell",
    "shared": "stays_shared",
    "creator": "creator_decides",
    "bring": "invited_by_partner",
    "state": "wrong_stage",
    "theirs": "not_your_side",
    "sent": "invitation_sent",
}


AT = {"ofhost": "Contoso Data"}  # where somebody works in two companies


@dataclass(frozen=True)
class Case:
    """`code` is the reason's; empty where the field may be changed."""

    side: str
    field: Field
    code: str


def cases() -> Iterator[Case]:
    """Every side × field, written out above and read from nowhere else."""
    head, *rows = [line.replace("|", " ").split() for line in TABLE.strip().splitlines()]
    for name, *cells in rows:
        for side, cell in zip(head[1:], cells, strict=True):
            yield Case(side, Field(name), CODES[cell])


def sides() -> dict[str, tuple[str, Deal]]:
    """By the name in the table: who edits it, and the side."""
    area = SolutionArea.objects.get(name="AI Business Solutions")
    play = area.plays.get(name="Secure AI Productivity")
    services = {"kind": Kind.SERVICES, "intent": "", "partner_role": "design"}
    services |= {"solution_area": area, "solution_play": play}
    cosell = new_deal(team=["rui"], asks=Help.POC, invites=["Northlake Services"])
    hosted = new_deal("lee", invites=["Contoso Data"], solutions=[], contact=CONTACT, **services)
    assessed = new_deal(
        "priya",
        kind=Kind.ASSESSMENT,
        intent="",
        solutions=list(Solution.objects.filter(kind="assessment")[:1]),
        payout_location=organization("Northlake Services").locations.get(),
        contact=CONTACT,
        help_needed=WANTED,
    )
    waiting = new_deal(invites=["Northlake Services"])
    won = actions.win_deal(who("ana"), new_deal().pk, early_confirmed=True)
    partner = accept("priya", side_of(cosell, "Northlake Services"))
    made = {
        "private": ("ana", new_deal(contact=CONTACT)),
        "cosell": ("rui", cosell),
        "services": ("priya", new_deal("priya", **services)),
        "assessed": ("priya", assessed),
        "hosted": ("lee", hosted),
        "invited": ("lee", accept("lee", side_of(cosell, "Microsoft"))),
        "partner": ("priya", partner),
        "ofhost": ("ana", accept("ana", side_of(hosted, "Contoso Data"))),
        "received": ("priya", side_of(waiting, "Northlake Services")),
        "won": ("ana", won),
        "inviter": ("ana", partner),
    }
    fresh = Deal.objects.select_related("engagement", "invited_from")
    return {side: (name, fresh.get(pk=deal.pk)) for side, (name, deal) in made.items()}


def by_rule(known: dict[str, tuple[str, Deal]]) -> Iterator[str]:
    for case in cases():
        name, deal = known[case.side]
        reason = editing.fixed(who(name, AT.get(case.side, "")), deal, case.field)
        if (reason.code if reason else "") != case.code:
            yield f"{case.side} {case.field}: {reason.code if reason else 'yes'}, not {case.code or 'yes'}"
        elif reason and not (reason.text and reason.field == case.field):
            yield f"{case.side} {case.field}: the reason lacks a sentence or the field"


# by form: what stands in each section, and what somebody sends who wants another value

NO_FORM = {Field.NOTES, Field.STAGE, Field.INVITATIONS, *editing.OF_INVITATION}
WHOLE = {
    "contact": {Field.CONTACT, Field.CONSENT},
    "team": {Field.TEAM},
    "solutions": {Field.SOLUTIONS, Field.ASSESSMENT_TYPE},
}
SECTIONS = {**WHOLE, "details": {*Field} - NO_FORM - WHOLE["team"] - WHOLE["solutions"]}
OTHER_CONTACT = {"contact_name": "Carl Caller", "contact_phone": "+1 555 0178", "contact_email": "carl@else.example"}


def changed(field: Field, deal: Deal) -> dict[str, Any]:
    """What a form is sent instead of the present value."""
    other = Location.objects.exclude(pk__in=[deal.location_id, deal.engagement.payout_location_id or 0]).latest("pk")
    play = SolutionPlay.objects.get(area__name="Cloud and AI Platforms")
    return {
        Field.VALUE: {"value": "17.50"},
        Field.CURRENCY: {"currency": "EUR"},
        Field.CLOSE_ON: {"close_on": ahead(45)},
        Field.LOCATION: {"location": other.pk},
        Field.PAYOUT_LOCATION: {"payout_location": other.pk},
        Field.CUSTOMER: {"customer": customer("Proseware GmbH").uid},
        Field.CONTACT: OTHER_CONTACT,
        Field.CONSENT: {"consent": "" if deal.engagement.kind == "assessment" else "again"},
        Field.VISIBILITY: {"visibility": "partner_led"},
        Field.HELP: {"help": "quotes"},
        Field.INTENT: {"intent": "no"},
        Field.PARTNER_ROLE: {"partner_role": "managed"},
        Field.SOLUTION_AREA: {"solution_area": play.area_id},
        Field.SOLUTION_PLAY: {"solution_play": play.pk},
        Field.PARTNER_PROGRAM: {"partner_program": PartnerProgram.objects.earliest("pk").pk},
        Field.TEAM: team(("Somebody Else", "1", "somebody@else.example")),
        Field.SOLUTIONS: {"first_party": ["SOL-00002-AVM"]},
        Field.ASSESSMENT_TYPE: {"own": [LAKEHOUSE]},
    }.get(field, {field.value: "Something else"})


def rows(deal: Deal) -> list[Any]:
    """Everything that an edit could write."""
    return [
        *Deal.objects.filter(pk=deal.pk).values(),
        *Engagement.objects.filter(pk=deal.engagement_id).values(),
        *CustomerContact.objects.filter(engagement=deal.engagement_id).values(),
        *deal.team.values_list("email", flat=True),
        *deal.solutions.values_list("code", flat=True),
    ]


@dataclass
class Page:
    """A section of the edit page as one person sees it."""

    section: str
    url: str
    client: Client
    deal: Deal
    shown: HttpResponse

    def send(self, data: Iterable[dict[str, Any]]) -> tuple[HttpResponse, bool, set[str]]:
        """Other values instead of those shown: the answer, was anything written, what its events name; then undone."""
        form = self.shown.context["form"]
        typed = {name: form[name].value() for name in getattr(form, "open", ())}
        typed = {name: "" if value is None else str(value) for name, value in typed.items()}
        before, last = rows(self.deal), Event.objects.latest("pk").pk
        with transaction.atomic():
            answer = self.client.post(self.url, reduce(or_, data, {"version": self.deal.version, **typed}))
            told = {name for event in Event.objects.filter(pk__gt=last) for name in event.data["fields"]}
            written = rows(self.deal) != before
            transaction.set_rollback(True)
        return answer, written, told


def words(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def test_rule_page_and_form_say_what_the_table_says() -> None:
    known, table = sides(), list(cases())
    assert {case.field for case in table} == set(Field)
    assert list(by_rule(known)) == []
    # a viewer of the same company changes nothing, whatever the table says
    private = known["private"][1]
    assert {reason.code for reason in editing.fixed_fields(who("vera"), private).values()} == {"read_only"}
    assert client_for("vera").get(reverse("deals:edit", args=[private.uid, "contact"])).status_code == 403
    wrong = []
    for side, (name, deal) in known.items():
        client = client_for(name, AT.get(side, ""))
        here = {case.field: case for case in table if case.side == side}
        for section, fields in SECTIONS.items():
            url = reverse("deals:edit", args=[deal.uid, section])
            page = Page(section, url, client, deal, client.get(url))
            if side == "inviter":
                problems = [] if page.shown.status_code == 404 else ["another company's side has a page"]
            else:
                problems = judge(page, {field: here[field].code for field in fields})
            wrong += [f"{side} {section}: {problem}" for problem in problems]
    assert not wrong, "\n" + "\n".join(wrong)


def judge(page: Page, codes: dict[Field, str]) -> Iterator[str]:
    if page.section == "solutions":  # one field or the other
        codes = {field: code for field, code in codes.items() if code != "no_such_field"}
    blocked = "wrong_stage" in codes.values()
    other = {field: changed(field, page.deal) for field in codes}
    why = {field: sentence(page, field) for field in codes}
    can = {field for field, code in codes.items() if not code and editing.MATRIX[field].through == page.section}
    shown = words(page.shown)
    if page.shown.status_code != (409 if blocked else 200):
        yield f"the page answers {page.shown.status_code}"
    if page.section == "details" and not blocked and str(page.deal.engagement.customer) not in shown:
        yield "what is fixed is not shown"
    for field, code in codes.items():
        has_input = any(f'name="{name}"' in shown for name in other[field])
        if has_input != (field in can):
            yield f"{field} is {'an' if has_input else 'no'} input"
        if code != "no_such_field" and why[field] not in shown:
            yield f"{field}: the page does not say why"
    if can:
        answer, written, told = page.send(other[field] for field in can)
        expected = {"contact"} if page.section == "contact" else {field.value for field in can}
        if answer.status_code != 302 or not written or told != expected:
            yield f"answered {answer.status_code}, written: {written}, told too much or too little: {told ^ expected}"
    if cannot := codes.keys() - can:
        answer, written, _told = page.send(other[field] for field in cannot)
        if answer.status_code not in ((409, 422) if blocked else (422,)) or written:
            yield f"answered {answer.status_code}, written: {written}"
        at_fields = page.section == "details" and answer.status_code == 422 and not blocked
        at = answer.context["form"].errors.keys() if at_fields else ()
        said = words(answer)
        for field in cannot:
            if why[field] not in said or (at and not at & other[field].keys()):
                yield f"{field}: the answer does not say why"


def sentence(page: Page, field: Field) -> str:
    """Why not; without who closed the deal and when, which every reader is told in the own time zone."""
    reason = editing.fixed(page.shown.wsgi_request.who, page.deal, field)
    if reason is None:
        return ""
    return "“Edit” is not possible" if reason.code == "wrong_stage" else reason.text


def edit_events(deal: Deal) -> list[Event]:
    return list(Event.objects.filter(deal_id=deal.pk, kind=EventKind.EDITED).order_by("pk"))


def test_a_contact_stands_in_what_can_be_erased_and_shared_facts_are_told_to_everybody() -> None:
    ana, deal = who("ana"), new_deal(contact=CONTACT, invites=["Northlake Services"])
    other = actions.Contact("Carl Caller", "+1 555 0178", "carl@else.example")
    actions.edit_contact(ana, deal.pk, 1, other)
    assert CustomerContact.objects.get().consent_by == ana.user
    with pytest.raises(Refused) as late:
        actions.edit_contact(ana, deal.pk, 1, CONTACT)
    assert (late.value.status, late.value.reasons[0].code) == (409, "changed_meanwhile")
    actions.edit_contact(ana, deal.pk, 2, None)
    assert not CustomerContact.objects.exists()
    actions.edit_details(ana, deal.pk, 3, {"intent": "no", "crm_id": "OWN-1", "name": deal.name})
    given, taken, own, shared = edit_events(deal)
    assert [event.data["fields"] for event in (given, taken, own, shared)] == [
        ["contact"],
        ["contact"],
        ["crm_id"],
        ["intent"],
    ]
    assert given.details.get(key="changes").value["contact"][1] == "Carl Caller <carl@else.example>, +1 555 0178"
    for text in ("Carl", "carl@", "0178"):
        assert not Event.objects.filter(data__icontains=text).exists()
    partner = accept("priya", side_of(deal, "Northlake Services"))
    page = words(client_for("priya").get(reverse("deals:detail", args=[partner.uid])))
    assert "Marketplace intent" in page
    assert "OWN-1" not in page
    assert "Carl" not in page
    actions.share_deal(ana, deal.pk, help=Help.POC, customer_problem=PROBLEM, help_needed=WANTED, contact=CONTACT)
    with pytest.raises(Refused) as fixed:
        actions.edit_contact(ana, deal.pk, 4, other)
    assert (fixed.value.status, fixed.value.reasons[0].code, fixed.value.reasons[0].field) == (
        422,
        "cosell",
        "contact",
    )


def test_the_action_refuses_what_the_form_would() -> None:
    area = SolutionArea.objects.get(name="AI Business Solutions")
    deal = new_deal(
        "priya",
        kind=Kind.SERVICES,
        intent="",
        partner_role="design",
        solution_area=area,
        solution_play=area.plays.first(),
    )
    cloud = SolutionPlay.objects.get(area__name="Cloud and AI Platforms")
    elsewhere = customer("Proseware GmbH")
    for changes, code, field in [
        ({"solution_play": cloud}, "play_of_other_area", "solution_play"),
        ({"solution_area": cloud.area}, "play_of_other_area", "solution_play"),
        ({"partner_role": ""}, "no_partner_role", "partner_role"),
        ({"name": ""}, "no_name", "name"),
        ({"customer": elsewhere}, "by_matching", "customer"),
        ({"help": Help.POC}, "elsewhere", "help"),
        ({"intent": "yes"}, "no_such_field", "intent"),
    ]:
        with pytest.raises(Refused) as refused:
            actions.edit_details(who("priya"), deal.pk, 1, changes)
        assert refused.value.status == 422
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [(code, field)]
    same = {"customer": deal.engagement.customer, "location": deal.location, "partner_role": "design"}
    assert actions.edit_details(who("priya"), deal.pk, 1, same).version == 1
    assert edit_events(deal) == []
    both = {"solution_area": cloud.area, "solution_play": cloud}
    assert actions.edit_details(who("priya"), deal.pk, 1, both).engagement.solution_play == cloud
