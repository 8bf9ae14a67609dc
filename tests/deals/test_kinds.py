"""Services co-sell and solution assessments at the pages, from the wizard to the end."""

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from accounts.models import Location, PartnerProgram, SolutionArea, SolutionPlay, User
from cosell import clock
from cosell.events import outbox
from deals.enums import ASSESSMENT_STAGES, Direction, Help, PartnerRole, Stage
from deals.models import Deal, Draft
from tests.cast import MIGRATION, client_for, customer, fresh, organization, person, side_of, user
from tests.deals.journey import (
    PLAY,
    Answers,
    accepting,
    assessment_answers,
    create,
    do,
    good_answers,
    invite_answers,
    northlakes_details,
    of_services,
    send,
    services_answers,
    start,
    team,
)
from tests.events.post_office import PostOffice


def page(client: Client, deal: Deal) -> str:
    response = client.get(reverse("deals:detail", args=[deal.uid]))
    assert response.status_code == 200
    return response.content.decode()


def shown(client: Client, draft: Draft, slug: str, **headers: str) -> str:
    return client.get(reverse("deals:draft", args=[draft.uid, slug]), headers=headers).content.decode()


def fact(words: str, label: str) -> str:
    """What stands beside a label in a list of facts, without its tags."""
    found = re.search(rf"<dt>{label}</dt><dd>(.*?)</dd>", words)
    return re.sub(r"<[^>]+>", " ", found.group(1)).strip() if found else ""


# services


def test_a_services_deal_says_role_area_and_play_to_both_sides(smtp_server: PostOffice) -> None:
    priya = client_for("priya")
    deal = create(priya, services_answers())
    engagement = deal.engagement
    assert (engagement.kind, engagement.visibility, engagement.intent) == ("services", "cosell", "")
    assert (engagement.partner_role, engagement.solution_play.name) == ("deployment", PLAY)
    side = side_of(deal, "Microsoft")
    for client, about in ((priya, deal), (client_for("lee"), side)):
        words = page(client, about)
        assert fact(words, "Partner role") == "Deployment services"
        assert fact(words, "Solution area") == f"AI Business Solutions {PLAY}"
    outbox.send_due()
    [letter] = [letter for letter in smtp_server.letters if "Answer needed" in letter["Subject"]]
    for part in ("plain", "html"):
        words = letter.get_body((part,)).get_content()
        assert "Deployment services" in words
        assert PLAY in words


def test_a_services_deal_needs_no_solution_and_no_customer_contact_unless_help_is_asked() -> None:
    steps = services_answers(solutions={"own": []}, help={"help": "none", "show": "no"})
    steps["customer"] = {"customer": str(customer().uid)}
    deal = create(client_for("priya"), steps)
    assert (deal.engagement.visibility, deal.solutions.count()) == ("private", 0)


def test_the_plays_follow_the_area_and_one_of_another_area_is_refused() -> None:
    """With htmx the list is a fragment; without it a button shows it, and the form judges what was chosen."""
    priya = client_for("priya")
    draft = start(priya)
    url = reverse("deals:draft", args=[draft.uid, "details"])
    ai, cloud = SolutionArea.objects.get(name__startswith="AI"), SolutionArea.objects.get(name__startswith="Cloud")
    every = shown(priya, draft, "details")
    assert every.count("<optgroup") == 2
    fragment = priya.get(url, {"solution_area": cloud.pk}, headers={"hx-request": "true", "hx-target": "plays"})
    offered = re.findall(r'<option value="(\d+)"', fragment.content.decode())
    assert offered == [str(play.pk) for play in cloud.plays.all()]
    assert "<html" not in fragment.content.decode()

    typed = {**services_answers()["details"], "solution_area": str(cloud.pk)}
    refused = send(priya, draft, "details", typed)
    assert refused.status_code == 422
    assert f"“{PLAY}” is a play of “{ai}”. Choose a play of “{cloud}”." in refused.content.decode()
    again = send(priya, draft, "details", {**typed, "go": "area"})
    assert again.status_code == 200
    assert "is a play of" not in again.content.decode()
    assert "<optgroup" not in again.content.decode()
    assert (
        re.findall(r'<option value="(\d+)"', again.content.decode().split('id="plays"')[1].split("</div>")[0])
        == offered
    )
    assert "Deployment services" in again.content.decode(), "nothing typed is lost"
    assert send(priya, draft, "details", services_answers()["details"])["Location"].endswith("/solutions/")


def test_what_is_switched_off_is_not_offered_and_stays_on_old_deals() -> None:
    priya = client_for("priya")
    deal = create(priya, services_answers())
    SolutionPlay.objects.filter(name=PLAY).update(is_active=False)
    draft = start(priya)
    assert PLAY not in shown(priya, draft, "details")
    assert send(priya, draft, "details", services_answers()["details"]).status_code == 422
    SolutionArea.objects.update(is_active=False)
    assert "<optgroup" not in shown(priya, draft, "details")
    assert PLAY in page(priya, deal)


def test_only_what_the_company_may_is_offered_and_one_kind_is_chosen_already() -> None:
    offers = {"ana": ["ip"], "priya": ["ip", "services", "assessment"], "lee": ["ip", "services"]}
    for name, kinds in offers.items():
        client = client_for(name)
        words = shown(client, start(client), "details")
        radios = re.findall(r'<input type="radio" name="kind" value="(\w+)"[^>]*?( checked)?>', words)
        assert [kind for kind, _checked in radios] == kinds
        assert [kind for kind, checked in radios if checked] == ["ip"]
        assert ('name="partner_role"' in words) == ("services" in kinds)
        assert ('name="partner_program"' in words) == (name == "lee")
    ana = client_for("ana")
    typed = {**good_answers()["details"], **of_services()}
    refused = send(ana, start(ana), "details", typed)
    assert (refused.status_code, "kind" in refused.context["form"].errors) == (422, True)


def test_what_was_typed_for_another_kind_is_neither_judged_nor_kept() -> None:
    """Nonsense of services in an IP deal; and what services asked, left behind in an assessment."""
    priya = client_for("priya")
    typed = {**northlakes_details(), "partner_role": "nonsense", "solution_area": "", "solution_play": ""}
    deal = create(priya, good_answers(details=typed, solutions={"own": ["SOL-20111-NFC"]}))
    assert (deal.engagement.kind, deal.engagement.partner_role, deal.engagement.intent) == ("ip", "", "yes")

    draft = start(priya)
    steps = services_answers()
    for slug in ("customer", "details", "solutions", "help"):
        assert send(priya, draft, slug, steps[slug]).status_code == 302
    assert send(priya, draft, "partners", invite_answers(organization("Relecloud"))).status_code == 302
    given = assessment_answers(details={"intent": "yes", "partner_role": "design"})
    for slug in ("details", "solutions", "review"):
        response = send(priya, draft, slug, given[slug])
        assert response.status_code == 302, response.content.decode()
    deal = Deal.objects.select_related("engagement").get(direction=Direction.OUTBOUND, engagement__kind="assessment")
    engagement = deal.engagement
    assert (engagement.help, engagement.customer_problem, engagement.partner_role, engagement.intent) == (
        Help.NONE, "", "", "")  # fmt: skip
    assert [side.organization.name for side in engagement.sides.order_by("pk")] == ["Northlake Services", "Microsoft"]
    assert [solution.code for solution in deal.solutions.all()] == ["SOL-00101-DIM"]


def test_nonsense_in_the_fields_of_a_kind_is_shown_again() -> None:
    priya = client_for("priya")
    url = reverse("deals:draft", args=[start(priya).uid, "details"])
    draft = Draft.objects.latest("pk")
    for steps, slug, fields in (
        (services_answers(), "details", ["partner_role", "solution_area", "solution_play"]),
        (assessment_answers(), "solutions", ["assessment_type", "payout_location"]),
    ):
        for other in ("customer", "details"):
            send(priya, draft, other, steps[other])
        for field in fields:
            for nonsense in ("x", "-1", "9" * 20, "0", "é" * 300):
                response = send(priya, draft, slug, {**steps[slug], field: nonsense})
                assert (response.status_code, field in response.context["form"].errors) == (422, True), nonsense
                plays = priya.get(url, {field: nonsense}, headers={"hx-request": "true", "hx-target": "plays"})
                assert plays.status_code == 200


# assessments


def test_an_assessment_skips_two_steps_and_invites_the_host(smtp_server: PostOffice) -> None:
    priya, lee = client_for("priya"), client_for("lee")
    deal = create(priya, assessment_answers())
    engagement, side = deal.engagement, side_of(deal, "Microsoft")
    assert (engagement.visibility, engagement.help, engagement.shared_by) == ("cosell", Help.NONE, user("priya"))
    assert engagement.help_needed == "They gave us read access to the inventory."
    assert side.expires_at - side.invited_at == timedelta(hours=336)
    assert [solution.name for solution in side.solutions.all()] == ["Data & Infrastructure Migration"]
    own, theirs = page(priya, deal), page(lee, side)
    assert "200100" in fact(own, "Payout location")
    assert fact(theirs, "Payout location") == ""
    for words in (own, theirs):
        assert "Data &amp; Infrastructure Migration" in words
        assert "Assessment type" in words
    outbox.send_due()
    [letter] = [letter for letter in smtp_server.letters if "Answer needed" in letter["Subject"]]
    lines = letter.get_body(("plain",)).get_content().splitlines()
    assert {"Deal type: Solution assessment", "Assessment type: Data & Infrastructure Migration"} <= {*lines}
    assert reverse("deals:invite", args=[deal.uid]) not in own
    assert priya.get(reverse("deals:invite", args=[deal.uid])).status_code == 409


def test_an_assessment_on_an_unknown_customer_waits_for_matching() -> None:
    steps = assessment_answers(customer={"customer": str(customer("Bellows College").uid)})
    deal = create(client_for("priya"), steps)
    assert deal.engagement.host_invited_by is not None
    assert not deal.engagement.sides.filter(direction=Direction.INBOUND).exists()


def test_an_assessment_says_where_its_contact_and_its_type_lack() -> None:
    priya = client_for("priya")
    draft = start(priya)
    given = assessment_answers(
        solutions={"assessment_type": "SOL-10471-CLH", "payout_location": "", "help_needed": ""}
    )
    bare = {"customer": given["customer"]["customer"]}
    assert send(priya, draft, "customer", bare)["Location"].endswith("/details/"), "no kind is chosen yet"
    refused = send(priya, draft, "details", given["details"])
    assert refused.status_code == 422
    assert "always invites Microsoft: first give the customer&#x27;s contact" in refused.content.decode()
    asked = send(priya, draft, "customer", bare)
    assert (asked.status_code, [*asked.context["form"].errors]) == (422, ["contact_name"])
    for slug in ("help", "partners"):
        assert priya.get(reverse("deals:draft", args=[draft.uid, slug])).status_code == 404
    refused = send(priya, draft, "solutions", given["solutions"])
    assert {*refused.context["form"].errors} == {"assessment_type", "payout_location", "help_needed"}
    assert send(priya, draft, "review", {"go": "create"}).status_code == 422
    assert not Deal.objects.exists()


def test_the_payout_goes_to_a_location_of_the_own_company_in_scope() -> None:
    priya = client_for("priya")
    steps = assessment_answers(solutions={"payout_location": str(Location.objects.get(partner_id="999999").pk)})
    draft = start(priya)
    for slug in ("customer", "details"):
        assert send(priya, draft, slug, steps[slug]).status_code == 302
    refused = send(priya, draft, "solutions", steps["solutions"])
    assert [*refused.context["form"].errors] == ["payout_location"]


def test_an_assessment_is_won_after_all_four_stages_in_order() -> None:
    priya, lee = client_for("priya"), client_for("lee")
    deal = create(priya, assessment_answers())
    side = side_of(deal, "Microsoft")
    do(lee, side, "accept", **accepting(side))
    for action, stage in zip(
        ("secure_loe", "collect_data", "prepare_report", "present"), ASSESSMENT_STAGES, strict=True
    ):
        assert f"/do/{action}/" in page(priya, deal), "only the next one is offered"
        assert "/do/win/" not in page(priya, deal), "Won only after all"
        do(priya, deal, action)
        assert fresh(deal).stage == stage
    do(priya, deal, "win")
    assert fresh(deal).stage == Stage.WON


# the host sends


def hosts_answers(**details: str) -> dict[str, Answers]:
    lee = person("lee")
    location = {"location": str(Location.objects.get(organization__name="Microsoft").pk)}
    given = good_answers(
        details={**location, **team((lee.name, lee.phone, lee.email)), **of_services(), **details},
        solutions={"own": []},
    )
    del given["details"]["intent"], given["help"]
    return given


def test_the_hosts_seller_sends_a_services_opportunity_with_role_and_program(smtp_server: PostOffice) -> None:
    program = PartnerProgram.objects.get(name="Azure Expert MSP")
    steps = hosts_answers(partner_program=str(program.pk), partner_role=PartnerRole.MANAGED)
    northlake = organization("Northlake Services")
    lee, priya = client_for("lee"), client_for("priya")
    wanted = invite_answers(northlake, **{"invite-solutions": [MIGRATION]})
    deal = create(lee, steps, invites=[wanted])
    side = side_of(deal, "Northlake Services")
    assert side.location == northlake.locations.get(is_global=True)
    for client, about in ((lee, deal), (priya, side)):
        words = page(client, about)
        assert (fact(words, "Partner role"), fact(words, "Partner program")) == (
            "Managed services",
            "Azure Expert MSP",
        )
    outbox.send_due()
    [letter] = [letter for letter in smtp_server.letters if "priya" in letter["To"]]
    assert "Azure Expert MSP" in letter.get_body(("plain",)).get_content()


def test_the_review_shows_what_the_kind_asks() -> None:
    program = str(PartnerProgram.objects.get(name="Azure Expert MSP").pk)
    for name, steps, expected in (
        (
            "lee",
            hosts_answers(partner_program=program),
            {"Partner program": "Azure Expert MSP", "Solution play": PLAY},
        ),
        (
            "priya",
            services_answers(),
            {"Deal type": "Services co-sell Co-sell", "Partner role": "Deployment services"},
        ),
        ("priya", assessment_answers(), {"Assessment type": "Data &amp; Infrastructure Migration"}),
        ("ana", good_answers(), {"Deal type": "IP co-sell Co-sell", "Partner role": ""}),
    ):
        client = client_for(name)
        now = clock.now()
        one = user(name)
        Draft.objects.create(
            organization=one.memberships.first().organization,
            owner=one,
            answers={slug: {k: v if isinstance(v, list) else [v] for k, v in a.items()} for slug, a in steps.items()},
            created_at=now,
            updated_at=now,
        )
        words = shown(client, Draft.objects.latest("pk"), "review")
        for label, value in expected.items():
            assert re.sub(r"\s+", " ", fact(words, label)) == value, f"{name}: {label}"


def test_the_taxonomy_is_kept_in_the_admin() -> None:
    operator = Client()
    operator.force_login(User.objects.get(is_superuser=True))
    area = SolutionArea.objects.get(name__startswith="Cloud")
    url = reverse("admin:accounts_solutionplay_changelist")
    words = operator.get(url, {"area__id__exact": area.pk}).content.decode()
    assert "Innovate with Azure AI Apps and Agents" in words
    assert PLAY not in words
    assert PLAY in operator.get(url).content.decode()
