"""What makes no sense is answered with the page again or a plain 404: never a 500, never something typed lost."""

from base64 import urlsafe_b64encode
from uuid import uuid4

import pytest
from django.core.signing import Signer
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deals.enums import Help
from deals.models import Deal, Draft
from tests.cast import accept, client_for, fresh, new_deal, organization, side_of
from tests.deals.journey import accepting, good_answers, invite_answers, send, start, team

LONG, NUL, HTML = "x" * 5000, "a\x00b", "<script>alert(1)</script>"
NONSENSE = [
    "",
    LONG,
    NUL,
    HTML,
    "-1",
    "1e999",
    "NaN",
    "99999999999999999999",
    "2026-02-31",
    "١٢٣",
    "🦆",
    "{}",
    "../../etc/passwd",
    "6f29d016-f619-45ca-98ed-3b130a3894fa",
]
ANSWERED = {302, 404, 409, 422}

# Each field of each step, one at a time, with all the nonsense.
FIELDS = [
    (
        "customer",
        [
            "name",
            "country",
            "city",
            "account_id",
            "customer",
            "contact_name",
            "contact_email",
            "consent",
            "manual_name",
            "manual_country",
            "manual_duns",
            "manual_domain",
            "tab",
            "more",
            "go",
        ],
    ),
    (
        "details",
        [
            "kind",
            "name",
            "location",
            "value",
            "currency",
            "close_on",
            "intent",
            "notes",
            "crm_id",
            "campaign_id",
            "team-TOTAL_FORMS",
            "team-INITIAL_FORMS",
            "team-0-email",
            "team-0-name",
            "team-0-DELETE",
            "go",
        ],
    ),
    ("solutions", ["own", "first_party", "third_party", "go"]),
    ("help", ["help", "show", "customer_problem", "help_needed", "go"]),
    (
        "partners",
        ["partner", "go", *(f"invite-{of}" for of in ("value", "close_on", "help", "solutions", "team-TOTAL_FORMS"))],
    ),
    ("review", ["go", "version"]),
]


@pytest.mark.parametrize(("slug", "fields"), FIELDS, ids=[slug for slug, _fields in FIELDS])
def test_a_step_with_nonsense_is_shown_again(slug: str, fields: list[str]) -> None:
    """Each kind of nonsense in all fields at once, then the worst of it in one field at a time."""
    ana = client_for("ana")
    draft = start(ana)
    good = good_answers(partners=invite_answers(organization("Relecloud")), review={"go": "next"})[slug]
    tries = [dict.fromkeys([field for field in fields if field != "go"], nonsense) for nonsense in NONSENSE]
    tries += [{field: "99999999999999999999"} for field in fields]
    for nonsense in tries:
        response = send(ana, draft, slug, {**good, **nonsense})
        said = f"{slug}, {str(nonsense)[:90]}: {response.status_code}"
        expected = ANSWERED | ({400} if NUL in nonsense.values() else set()) | ({200} if "go" in nonsense else set())
        assert response.status_code in expected, said
    assert ana.get(reverse("deals:draft", args=[draft.uid, slug])).status_code == 200
    assert ana.get(reverse("deals:draft", args=[draft.uid, "review"])).status_code == 200


@pytest.mark.parametrize("go", ["add_person", "search", "back", "later", "remove:x", "invite", "nonsense"])
def test_buttons_pressed_with_a_broken_team(go: str) -> None:
    ana = client_for("ana")
    draft = start(ana)
    for total in ["", "x", "-5", "1000000", "9" * 5000]:
        response = send(ana, draft, "details", {"team-TOTAL_FORMS": total, "team-INITIAL_FORMS": total, "go": go})
        assert response.status_code in {200, *ANSWERED}, f"{go} with {total[:20]!r} rows: {response.status_code}"
        assert ana.get(reverse("deals:draft", args=[draft.uid, "details"])).status_code == 200


def test_what_was_typed_wrong_is_shown_again_beside_its_message() -> None:
    ana = client_for("ana")
    draft = start(ana)
    typed = {
        "name": "Kept name",
        "value": "-17",
        "close_on": "2020-01-01",
        "notes": "Kept & notes",
        "crm_id": "KEPT-1",
    }
    response = send(ana, draft, "details", {**good_answers()["details"], **typed})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"value", "close_on"}
    for text in ("Kept name", "-17", "2020-01-01", "Kept &amp; notes", "KEPT-1"):
        assert text in response.content.decode(), f"{text} was lost"
    later = ana.get(reverse("deals:draft", args=[draft.uid, "details"])).content.decode()
    assert "Kept name" in later
    assert "-17" in later


@pytest.mark.parametrize("slug", ["customer", "details", "solutions", "help", "review"])
def test_a_draft_in_two_tabs_is_told_and_keeps_what_was_typed_here(slug: str) -> None:
    ana = client_for("ana")
    draft = start(ana)
    assert send(ana, draft, "details", {"name": "From the first tab", "go": "later"}).status_code == 302
    stored = Draft.objects.get(pk=draft.pk).answers
    typed = {
        "customer": {"name": "From the second tab"},
        "details": {"name": "From the second tab", **team(("Second Tab", "1", "second@tab.example"))},
        "help": {"help": "poc", "customer_problem": "From the second tab"},
    }.get(slug, {})
    response = send(ana, draft, slug, {**typed, "version": "1"})
    assert response.status_code == 409
    assert Draft.objects.get(pk=draft.pk).answers == stored, "the first tab's answers were overwritten"
    if typed:
        assert "From the second tab" in response.content.decode()
    again = {**typed, "version": str(response.context["draft"].version)}
    assert send(ana, draft, slug, again).status_code in {302, 422}, "saving again keeps this version"


def test_nothing_unfinished_is_created() -> None:
    ana = client_for("ana")
    draft = start(ana)
    assert send(ana, draft, "review", {"go": "create"}).status_code == 422
    for slug, answers in good_answers().items():
        if slug not in ("help", "review"):
            send(ana, draft, slug, answers)
    response = send(ana, draft, "review", {"go": "create"})
    assert response.status_code == 422
    assert [step.slug for step, _title in response.context["unfinished"]] == ["help"]
    assert not Deal.objects.exists()


def test_somebody_elses_solution_location_or_customer_cannot_be_chosen() -> None:
    """Northlake's in-market solution, Northlake's location, a customer that another company typed."""
    sam_location = organization("Northlake Services").locations.get()
    ana = client_for("ana")
    draft = start(ana)
    assert send(ana, draft, "solutions", {"own": ["SOL-20111-NFC"]}).status_code == 422
    assert send(ana, draft, "solutions", {"third_party": ["SOL-30207-RFA"]}).status_code == 422
    details = {**good_answers()["details"], "location": str(sam_location.pk)}
    assert send(ana, draft, "details", details).status_code == 422
    priya = client_for("priya")
    bakery = organization("Contoso Data").entered_customers.get()
    hers = start(priya)
    assert send(priya, hers, "customer", {"customer": str(bakery.uid)}).status_code == 422
    assert send(ana, draft, "customer", {"customer": str(bakery.uid)}).status_code == 302


DIALOGS = {
    "accept": {"name": "", "value": "-1", "currency": "XXX", "close_on": "31/12/2026", "crm_id": LONG},
    "decline": {"reason": "because", "note": LONG},
    "win": {"final_value": "1e999", "won_on": "2999-01-01"},
    "lose": {"reason": "other", "note": ""},
    "close_as_error": {"reason": "solution", "note": " "},
    "share": {"help": "everything", "contact_email": "nobody"},
    "qualify": {"note": LONG},
}
# The field of each dialog in which all the nonsense makes no sense.
WRONG = {
    "accept": "close_on",
    "decline": "reason",
    "win": "won_on",
    "lose": "reason",
    "close_as_error": "reason",
    "share": "help",
    "qualify": "typed",
}


@pytest.mark.parametrize("action", list(DIALOGS))
def test_a_dialog_with_nonsense_changes_nothing_and_keeps_what_was_typed(action: str) -> None:
    deal = new_deal(asks=Help.NONE if action == "share" else Help.POC)
    row, name = (deal, "ana") if action == "share" else (side_of(deal, "Microsoft"), "lee")
    if action not in ("accept", "decline", "share"):
        accept("lee", row)
    client, before = client_for(name), Deal.objects.filter(pk=row.pk).values().get()
    url = reverse("deals:act", args=[row.uid, action])
    response = client.post(url, {"crm_id": "KEPT-1", "contact_name": "KEPT-1", **DIALOGS[action]})
    assert response.status_code == 422
    assert response.context["form"].errors
    for nonsense in NONSENSE:
        answer = client.post(url, {**DIALOGS[action], WRONG[action]: nonsense or LONG})
        expected = 400 if nonsense == NUL else 422
        assert answer.status_code == expected, f"{action}: {nonsense[:40]!r} was answered {answer.status_code}"
    assert Deal.objects.filter(pk=row.pk).values().get() == before


def test_typed_words_stay_when_somebody_was_faster() -> None:
    deal = new_deal(asks=Help.POC)
    side = side_of(deal, "Microsoft")
    Deal.objects.filter(pk=deal.pk).update(version=7)
    accept("lee", side)
    late = client_for("erik").post(
        reverse("deals:act", args=[side.uid, "decline"]), {"reason": "budget", "note": "KEPT"}
    )
    assert late.status_code == 409
    assert "KEPT" in late.content.decode()
    assert "Lee Chan" in late.content.decode()
    edited = {**accepting(deal), "name": "KEPT name", "intent": "yes", "version": "1"}
    stale = client_for("ana").post(reverse("deals:edit", args=[deal.uid, "details"]), edited)
    assert stale.status_code == 409
    assert "KEPT name" in stale.content.decode()
    assert fresh(deal).name == "Datum lakehouse"


@pytest.mark.parametrize("section", ["details", "team", "solutions"])
def test_an_edit_with_nonsense_changes_nothing(section: str) -> None:
    deal = new_deal()
    ana, url = client_for("ana"), reverse("deals:edit", args=[deal.uid, section])
    good = {
        "details": {**accepting(deal), "intent": "yes"},
        "team": team(("Ana Souza", "1", "ana.souza@contoso.example")),
        "solutions": {"own": ["SOL-10471-CLH"]},
    }[section]
    free = {"crm_id", "campaign_id", "intent", "name", "team-0-name", "team-0-phone", "team-INITIAL_FORMS"}
    for field in [*good, "version", "go"]:
        for nonsense in ["", LONG, "-1", "99999999999999999999", "🦆"]:
            response = ana.post(url, {"version": "1", **good, field: nonsense})
            said = f"{section}.{field} = {nonsense[:40]!r}: {response.status_code}"
            assert response.status_code in {200, *ANSWERED}, said
            if response.status_code == 302 and field not in free:
                assert field == "go" or not nonsense, said
            Deal.objects.filter(pk=deal.pk).update(version=1)


def test_a_list_with_nonsense_in_its_address_is_a_list() -> None:
    """All of it everywhere at once, then some of it in each parameter alone."""
    new_deal()
    ana = client_for("ana")
    names = [
        "q",
        "status",
        "kind",
        "visibility",
        "country",
        "value_min",
        "value_max",
        "close_from",
        "close_to",
        "mine",
        "sort",
        "after",
        "before",
        "page",
    ]
    everywhere = [dict.fromkeys(names, value) for value in NONSENSE]
    alone = [{name: value} for name in names[5:] for value in ("NaN", "99999999999999999999")]
    for params in [*everywhere, *alone]:
        response = ana.get(reverse("deals:list", args=["outbound"]), params)
        assert response.status_code == (400 if NUL in params.values() else 200), f"{params}: {response.status_code}"


CURSORS = [
    "[1, 1]",
    '["x", 1]',
    "[1e400, 1]",
    '["2026-01-01", 1]',
    '["-1e999999", 1]',
    "[" * 3000,
    "{}",
    "\xff",
    ":::",
]


@pytest.mark.parametrize("cursor", CURSORS, ids=lambda cursor: cursor[:12])
def test_a_cursor_that_makes_no_sense_gives_a_page(cursor: str) -> None:
    """So does one that is good for another sort."""
    new_deal()
    ana, url = client_for("ana"), reverse("deals:list", args=["outbound"])
    of_name = Signer(salt="cursor.CharField").sign_object(["datum", 1])
    for written in (cursor, urlsafe_b64encode(cursor.encode()).decode(), of_name):
        for sort, side in (("deal", "after"), ("-value", "before")):
            response = ana.get(url, {"sort": sort, side: written})
            assert response.status_code == 200, f"sort={sort} {side}={cursor[:40]}: {response.status_code}"
            assert response.context["page"].rows, f"sort={sort} {side}={cursor[:40]} shows nothing"


def test_addresses_of_nothing_are_a_404() -> None:
    deal = new_deal(asks=Help.POC)
    ana, draft = client_for("ana"), start(client_for("ana"))
    paths = [
        "/opportunities/nonsense/",
        f"/deals/{uuid4()}/",
        "/deals/not-a-uuid/",
        f"/deals/{deal.uid}/do/undo/",
        f"/deals/{deal.uid}/do/nonsense/",
        f"/deals/{deal.uid}/do/secure_loe/",
        f"/deals/{deal.uid}/edit/nonsense/",
        f"/deals/{deal.uid}/withdraw/{deal.pk}/",
        f"/deals/{deal.uid}/withdraw/99999999999999999999/",
        f"/drafts/{draft.uid}/nonsense/",
        f"/drafts/{uuid4()}/customer/",
    ]
    assert {path: ana.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_parameters_of_pages_may_be_nonsense() -> None:
    deal = new_deal()
    ana, draft = client_for("ana"), start(client_for("ana"))
    pages = {
        reverse("deals:detail", args=[deal.uid]): ["tab", "sort", "q", "status"],
        reverse("deals:invite", args=[deal.uid]): ["add", "q"],
        reverse("deals:draft", args=[draft.uid, "partners"]): ["add", "q"],
        reverse("deals:draft", args=[draft.uid, "customer"]): ["tab", "more"],
        reverse("deals:draft_customers", args=[draft.uid]): ["name", "country", "city", "account_id", "tab", "more"],
        reverse("events:bell"): ["before"],
    }
    for url, names in pages.items():
        for name in names:
            for nonsense in ["", NUL, "99999999999999999999", "🦆"]:
                params = {"tab": "outbound", "name": "datum", name: nonsense}
                response = ana.get(url, params)
                assert response.status_code in {200, 404, 400 if nonsense == NUL else 404}, (
                    f"{url}?{name}={nonsense[:40]!r}: {response.status_code}"
                )


def test_inviting_with_nonsense_invites_nobody() -> None:
    deal = new_deal()
    ana, url = client_for("ana"), reverse("deals:invite", args=[deal.uid])
    good = invite_answers(organization("Northlake Services"))
    for field in ("partner", "invite-value", "invite-currency", "invite-close_on", "invite-help", "invite-solutions"):
        for nonsense in ["", LONG, "-1", str(uuid4())]:
            response = ana.post(url, {**good, field: nonsense})
            assert response.status_code == 422, f"{field} = {nonsense[:40]!r}: {response.status_code}"
    assert not Deal.objects.filter(organization__name="Northlake Services").exists()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=60), key=st.sampled_from(["q", "country", "value_min", "close_from", "sort", "after"]))
def test_any_text_in_a_filter_gives_a_list(text: str, key: str) -> None:
    encoded = text.encode("utf-8", "replace").decode().replace("\0", "")
    response = client_for("ana").get(reverse("deals:list", args=["outbound"]), {key: encoded})
    assert response.status_code == 200


def test_posts_with_nothing_in_them_are_answered() -> None:
    deal = new_deal(asks=Help.POC)
    side = side_of(deal, "Microsoft")
    lee, ana = client_for("lee"), client_for("ana")
    for client, path, expected in [
        (lee, reverse("deals:act", args=[side.uid, "accept"]), 422),
        (lee, reverse("deals:act", args=[side.uid, "decline"]), 422),
        (lee, reverse("deals:seen", args=[side.uid]), 204),
        (lee, reverse("deals:undo", args=[side.uid]), 409),
        (ana, reverse("deals:act", args=[deal.uid, "qualify"]), 302),
        (ana, reverse("deals:note", args=[deal.uid]), 422),
        (ana, reverse("deals:favorite", args=[deal.uid]), 302),
        (ana, reverse("deals:invite", args=[deal.uid]), 422),
        (ana, reverse("deals:edit", args=[deal.uid, "details"]), 422),
        (ana, reverse("deals:edit", args=[deal.uid, "team"]), 422),
    ]:
        assert client.post(path).status_code == expected, path
