"""One deal from New to Won, both ways, at the pages and with the mails of a real server.

Every journey is walked with the vendor as the host, and again with a partner in its place: the host is nobody special.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.enums import OrganizationKind
from accounts.models import Organization
from cosell import clock
from cosell.events import outbox
from deals import actions, tasks
from deals.enums import Help, Stage
from deals.models import CustomerContact, Deal, Draft
from tests.cast import accept, client_for, fresh, invitation, new_deal, organization, person, side_of, solutions, who
from tests.deals.journey import accepting, create, do, good_answers, invite_answers, listed, send, start, team
from tests.events.post_office import PostOffice

MINUTE = timedelta(seconds=61)


@dataclass(frozen=True)
class Host:
    """The organization that is asked for help, and its person who answers."""

    name: str
    person: str
    address: str
    partner_id: str


HOSTS = [
    Host("Microsoft", "lee", "lee.chan@microsoft.example", "1"),
    Host("Northlake Services", "priya", "priya.nair@northlake.example", "200100"),
]


@pytest.fixture(params=HOSTS, ids=lambda host: host.name)
def host(request: pytest.FixtureRequest) -> Host:
    """The other one becomes a partner."""
    Organization.objects.update(kind=OrganizationKind.PARTNER)
    Organization.objects.filter(name=request.param.name).update(kind=OrganizationKind.VENDOR)
    return request.param


def mails_to(office: PostOffice, address: str) -> list[str]:
    """Subjects of what has arrived at an address since the last look."""
    outbox.send_due()
    subjects = [letter["Subject"].strip() for letter in office.letters if address in letter["To"]]
    office.letters[:] = [letter for letter in office.letters if address not in letter["To"]]
    return subjects


ANA = "ana.souza@contoso.example"


def walk(client: Client, deal: Deal, *marks: str) -> None:
    for mark in marks:
        do(client, deal, mark, note="Done.")


def test_a_partner_asks_the_host_for_help_and_both_win(host: Host, smtp_server: PostOffice) -> None:
    ana, seller = client_for("ana"), client_for(host.person)
    deal = create(ana, good_answers())
    assert (deal.stage, deal.engagement.visibility) == (Stage.CREATED, "cosell")
    side = side_of(deal, host.name)
    assert mails_to(smtp_server, host.address) == [
        f"Answer needed: A. Datum Corporation, opportunity from Contoso Data · {deal.engagement.reference}"
    ]
    assert [row.pk for row in listed(seller, "inbound")] == [side.pk]
    page = seller.get(reverse("deals:detail", args=[side.uid]))
    assert page.status_code == 200
    do(seller, side, "accept", **accepting(side), notes="An architect comes next week.", share_notes="on")
    assert mails_to(smtp_server, ANA)[-1].startswith(f"Accepted: A. Datum Corporation, by {host.name}")
    assert "An architect comes next week." in ana.get(reverse("deals:detail", args=[deal.uid])).content.decode()
    walk(ana, deal, "qualify", "develop", "propose", "negotiate")
    walk(seller, side, "qualify", "propose")
    assert (fresh(deal).stage, fresh(side).stage) == ("negotiated", "proposed")
    with clock.moved_by(timedelta(days=4)):
        do(ana, deal, "win", final_value="300000", won_on=clock.now().date().isoformat())
        assert mails_to(smtp_server, host.address) == []
        with clock.moved_by(MINUTE):
            assert mails_to(smtp_server, host.address)[0].startswith("Won: A. Datum Corporation, by Contoso Data")
        do(seller, side, "win")
    assert (fresh(deal).stage, fresh(side).stage) == ("won", "won")
    assert (str(fresh(deal).final_value), fresh(side).final_value) == ("300000.00", None)


def test_the_host_sends_an_opportunity_and_the_partner_wins_it(host: Host, smtp_server: PostOffice) -> None:
    """The host asks itself for no help: its wizard has no such step."""
    ana, seller = client_for("ana"), client_for(host.person)
    location = organization(host.name).locations.get()
    mine = person(host.person)
    steps = good_answers(
        details={"location": str(location.pk), **team((mine.name, mine.phone, mine.email))}, solutions={"own": []}
    )
    del steps["help"]
    deal = create(seller, steps, invites=[invite_answers(organization("Contoso Data"))])
    assert (deal.organization.name, deal.engagement.visibility) == (host.name, "cosell")
    side = side_of(deal, "Contoso Data")
    [subject] = mails_to(smtp_server, ANA)
    assert subject.startswith(f"Answer needed: A. Datum Corporation, opportunity from {host.name}")
    assert [row.pk for row in listed(ana, "inbound")] == [side.pk]
    do(ana, side, "accept", **accepting(side), crm_id="OPP-2")
    assert mails_to(smtp_server, host.address)[-1].startswith("Accepted: A. Datum Corporation, by Contoso Data")
    walk(ana, side, "qualify", "develop", "propose", "negotiate")
    with clock.moved_by(timedelta(days=4)):
        do(ana, side, "win")
        do(seller, deal, "win")
    assert (fresh(deal).stage, fresh(side).stage) == ("won", "won")


@pytest.mark.parametrize("direction", ["to the host", "from the host"])
def test_declining_expiring_and_withdrawing_tell_the_other_side(
    host: Host, direction: str, smtp_server: PostOffice
) -> None:
    """The sender of a declined or expired invitation, the receiver of a withdrawn one: in both directions."""
    sender, receiver = ("ana", host.person) if direction == "to the host" else (host.person, "ana")
    addresses = {"ana": ANA, host.person: host.address}
    invited = host.name if direction == "to the host" else "Contoso Data"

    def invite() -> tuple[Deal, Deal]:
        if direction == "to the host":
            deal = new_deal("ana", asks=Help.POC)
        else:
            deal = new_deal(host.person, invites=["Contoso Data"], solutions=[])
        mails_to(smtp_server, addresses[sender])
        mails_to(smtp_server, addresses[receiver])
        return deal, side_of(deal, invited)

    _deal, side = invite()
    do(client_for(receiver), side, "decline", reason="budget", note="Not this year.")
    assert mails_to(smtp_server, addresses[sender]) == [], "the minute to undo is not over"
    with clock.moved_by(MINUTE):
        outbox.send_due()
        [letter] = [letter for letter in smtp_server.letters if addresses[sender] in letter["To"]]
        assert letter["Subject"].strip().startswith(f"Declined: A. Datum Corporation, by {invited}")
        assert "Not this year." in letter.get_body(("plain",)).get_content()
        mails_to(smtp_server, addresses[sender])

    _deal, side = invite()
    with clock.moved_by(timedelta(days=14)):
        tasks.expire_due()
        assert mails_to(smtp_server, addresses[sender])[0].startswith(
            f"Not answered: A. Datum Corporation, by {invited}"
        )
        mails_to(smtp_server, addresses[receiver])
        assert do(client_for(receiver), side, "accept", 409, **accepting(side))

    deal, side = invite()
    response = client_for(sender).post(reverse("deals:withdraw", args=[deal.uid, side.pk]))
    assert response.status_code == 302
    assert mails_to(smtp_server, addresses[receiver])[0].startswith("Withdrawn: ")
    assert fresh(side).stage == "expired"
    assert do(client_for(receiver), side, "accept", 409, **accepting(side))


def test_any_organization_may_be_the_host_of_an_engagement(smtp_server: PostOffice) -> None:
    """The same actions, with nothing changed but the engagement's host."""
    northlake = organization("Northlake Services")
    deal = new_deal("ana", host=northlake, asks=Help.POC)
    accept("priya", side_of(deal, "Northlake Services"))
    actions.win_deal(who("ana"), deal.pk, early_confirmed=True)
    back = new_deal(
        "priya", host=northlake, invites=["Contoso Data"], solutions=solutions(), of="Northwind Traders Ltd"
    )
    side = accept("ana", side_of(back, "Contoso Data"))
    further = actions.invite_partner(who("ana"), side.pk, invitation("Relecloud"))
    assert further.stage == Stage.RECEIVED, "whom the host invited may bring others"
    assert not Deal.objects.filter(organization__name="Microsoft").exists()


def test_no_word_of_the_vendor_stands_in_the_machine() -> None:
    folder = Path(settings.BASE_DIR) / "deals"
    files = [
        folder / "workflow.py",
        *sorted((folder / "rules").glob("*.py")),
        folder / "perms.py",
        *sorted((folder / "actions").glob("*.py")),
    ]
    found = [
        f"{path.relative_to(folder)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(r"vendor|microsoft", line, re.IGNORECASE)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("answers", "visibility", "sides"),
    [
        ({"help": "none", "show": "no"}, "private", ["Contoso Data"]),
        ({"help": "none", "show": "yes"}, "partner_led", ["Contoso Data"]),
        ({"help": "general", "customer_problem": "P", "help_needed": "H"}, "cosell", ["Contoso Data", "Microsoft"]),
    ],
)
def test_the_two_questions_decide_how_far_a_deal_is_seen(answers: dict, visibility: str, sides: list[str]) -> None:
    steps = good_answers()
    steps["help"] = answers
    deal = create(client_for("ana"), steps)
    assert deal.engagement.visibility == visibility
    assert sorted(side.organization.name for side in deal.engagement.sides.all()) == sides


def test_the_wizard_writes_all_that_was_said() -> None:
    partner = organization("Northlake Services")
    deal = create(client_for("ana"), good_answers(), invites=[invite_answers(partner)])
    engagement = deal.engagement
    assert (deal.name, str(deal.value), deal.currency, deal.crm_id) == ("Datum lakehouse", "310000.50", "USD", "OPP-1")
    assert (engagement.customer.name, engagement.intent, engagement.help) == (
        "A. Datum Corporation", "yes", "architecture")  # fmt: skip
    contact = CustomerContact.objects.get(engagement=engagement)
    assert (contact.name, contact.consent_by.full_name) == ("Carla Customer", "Ana Souza")
    assert [member.email for member in deal.team.all()] == [ANA]
    assert [solution.code for solution in deal.solutions.all()] == ["SOL-10471-CLH"]
    invited = side_of(deal, "Northlake Services")
    assert (str(invited.value), invited.invite_help, invited.invite_notes) == (
        "40000.00", "poc", "Your solution fits.")  # fmt: skip


def test_a_draft_is_left_found_again_and_discarded() -> None:
    ana = client_for("ana")
    draft = start(ana)
    response = send(ana, draft, "details", {"name": "Half a deal", "go": "later"})
    assert response["Location"] == reverse("deals:drafts")
    assert "Half a deal" in ana.get(reverse("deals:drafts")).content.decode()
    for other in ("rui", "priya"):
        assert client_for(other).get(reverse("deals:draft", args=[draft.uid, "details"])).status_code == 404
    ana.post(reverse("deals:draft_discard", args=[draft.uid]))
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("name", "status"), [("mia", 403), ("vera", 403), ("noor", 403), ("erik", 403)])
def test_who_may_not_create_is_told_at_the_gate(name: str, status: int) -> None:
    """Relecloud has no co-sell ready solution; a viewer, a reviewer and a vendor admin create nothing."""
    client = client_for(name)
    assert client.post(reverse("deals:new")).status_code == status
    assert not Draft.objects.exists()
    if name == "mia":
        page = client.get(reverse("deals:new"))
        assert page.status_code == 200
        assert "co-sell ready" in page.content.decode()
