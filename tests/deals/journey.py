"""A person at the pages: fills in the wizard and the dialogs, as a browser without JavaScript does."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Location, Organization, SolutionPlay
from cosell import clock
from deals.models import Deal, Draft
from tests.cast import CONTACT, LAKEHOUSE, MIGRATION, PROBLEM, WANTED, customer

Answers = dict[str, Any]


def ahead(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def team(*people: tuple[str, str, str]) -> Answers:
    """The rows of a team as the page sends them."""
    data: Answers = {"team-TOTAL_FORMS": str(len(people)), "team-INITIAL_FORMS": "0"}
    for index, (name, phone, email) in enumerate(people):
        data |= {f"team-{index}-name": name, f"team-{index}-phone": phone, f"team-{index}-email": email}
    return data


def good_answers(**changes: Answers) -> dict[str, Answers]:
    """What Ana types for an IP co-sell deal that asks the host for help; `changes` by step."""
    location = Location.objects.get(partner_id="999999")
    steps: dict[str, Answers] = {
        "customer": {
            "name": "datum",
            "customer": str(customer().uid),
            "contact_name": CONTACT.name,
            "contact_phone": CONTACT.phone,
            "contact_email": CONTACT.email,
            "consent": "on",
        },
        "details": {
            "kind": "ip",
            "name": "Datum lakehouse",
            "location": str(location.pk),
            "value": "310000.50",
            "currency": "USD",
            "close_on": ahead(120),
            "intent": "yes",
            "notes": "Met at the fair.",
            "crm_id": "OPP-1",
            **team(("Ana Souza", "+55 11 5550 0101", "ana.souza@contoso.example")),
        },
        "solutions": {"own": [LAKEHOUSE]},
        "help": {"help": "architecture", "show": "yes", "customer_problem": PROBLEM, "help_needed": WANTED},
        "partners": {},
        "review": {"go": "create"},
    }
    return {slug: {**answers, **changes.get(slug, {})} for slug, answers in steps.items()}


PLAY = "Copilot and Agents at Work"
PRIYA = ("Priya Nair", "+91 80 5550 0201", "priya.nair@northlake.example")


def of_services(play: str = PLAY) -> Answers:
    """What the step Deal details asks of services only."""
    found = SolutionPlay.objects.get(name=play)
    role = {"kind": "services", "partner_role": "deployment"}
    return {**role, "solution_area": str(found.area_id), "solution_play": str(found.pk)}


def northlakes_details() -> Answers:
    return {"location": str(Location.objects.get(partner_id="200100").pk), **team(PRIYA)}


def services_answers(**changes: Answers) -> dict[str, Answers]:
    """What Priya types for a services deal that asks the host for help."""
    given = good_answers(
        details={**northlakes_details(), **of_services(), "name": "Datum agents"}, solutions={"own": [MIGRATION]}
    )
    del given["details"]["intent"]
    return {slug: {**answers, **changes.get(slug, {})} for slug, answers in given.items()}


def assessment_answers(**changes: Answers) -> dict[str, Answers]:
    """What Priya types for a solution assessment: four steps."""
    given = good_answers(details={**northlakes_details(), "kind": "assessment", "name": "Datum data centre exit"})
    del given["details"]["intent"], given["help"], given["partners"]
    given["solutions"] = {
        "assessment_type": "SOL-00101-DIM",
        "payout_location": given["details"]["location"],
        "help_needed": "They gave us read access to the inventory.",
    }
    return {slug: {**answers, **changes.get(slug, {})} for slug, answers in given.items()}


def invite_answers(partner: Organization, **changes: Any) -> Answers:
    """An invitation in the wizard or on the deal page."""
    return {
        "partner": str(partner.uid),
        "go": "invite",
        "invite-value": "40000",
        "invite-currency": "USD",
        "invite-close_on": ahead(80),
        "invite-help": "poc",
        "invite-solutions": [solution.code for solution in partner.solutions.all()[:1]],
        "invite-notes": "Your solution fits.",
        **changes,
    }


def start(client: Client) -> Draft:
    response = client.post(reverse("deals:new"))
    assert response.status_code == 302, response.content.decode()
    return Draft.objects.latest("pk")


def send(client: Client, draft: Draft, slug: str, answers: Answers, **more: Any) -> HttpResponse:
    """Press the button of a step."""
    version = Draft.objects.values_list("version", flat=True).filter(pk=draft.pk).first() or 0
    url = reverse("deals:draft", args=[draft.uid, slug])
    return client.post(url, {"version": version, "go": "next", **answers}, **more)


def create(client: Client, steps: dict[str, Answers], invites: list[Answers] = ()) -> Deal:  # type: ignore[assignment]
    """Walk through the wizard; every step leads to the next one, the last to the deal."""
    draft = start(client)
    slugs = list(steps)
    for slug, following in zip(slugs, [*slugs[1:], ""], strict=True):
        for answers in invites if slug == "partners" else ():
            expect(send(client, draft, "partners", answers), reverse("deals:draft", args=[draft.uid, "partners"]))
        response = send(client, draft, slug, steps[slug])
        expect(response, reverse("deals:draft", args=[draft.uid, following]) if following else "")
    deal = Deal.objects.select_related("engagement", "organization").latest("engagement_id", "-pk")
    assert response["Location"] == reverse("deals:detail", args=[deal.uid])
    assert not Draft.objects.filter(pk=draft.pk).exists()
    return deal


def expect(response: HttpResponse, location: str) -> None:
    words = response.content.decode()
    assert response.status_code == 302, f"{response.request['PATH_INFO']} answered {response.status_code}: {words}"
    assert response["Location"] == location or not location


def do(client: Client, deal: Deal, action: str, expected: int = 302, **answers: Any) -> HttpResponse:
    """Open the dialog, then press its button."""
    url = reverse("deals:act", args=[deal.uid, action])
    shown = client.get(url)
    assert shown.status_code == (200 if expected in (302, 422) else expected), (
        f"dialog of {action}: {shown.status_code}"
    )
    response = client.post(url, answers)
    assert response.status_code == expected, f"{action}: {response.status_code} {response.content.decode()}"
    return response


def accepting(deal: Deal) -> Answers:
    return {"name": deal.name, "value": deal.value, "currency": deal.currency, "close_on": deal.close_on.isoformat()}


def listed(client: Client, tab: str, **params: str) -> list[Deal]:
    response = client.get(reverse("deals:list", args=[tab]), params)
    assert response.status_code == 200
    return list(response.context["page"].rows)
