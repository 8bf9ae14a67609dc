"""Who sees and changes which side (product.md §3), for all of the cast; and what is kept from those who do see."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomerAccount, User
from cosell import clock
from cosell.events.models import Delivery
from deals import actions, disclosure, perms
from deals.enums import Action, DeclineReason, Help
from deals.models import Deal
from tests.cast import CONTACT, accept, client_for, fresh, invitation, new_deal, person, side_of, user, who
from tests.deals.journey import listed

# What each person sees, and of that what each may change. Sides: see `sides` below.
SEEN = {
    "ana": ("P S L V W C", "P S L V W C"),  # referrals admin, entire company
    "julia": ("P S V W C", "P S V W C"),  # referrals admin, São Paulo: with the global location, without London
    "rui": ("P", "P"),  # user, entire company: where on the team
    "tom": ("L", "L"),  # user, London: where on the team
    "vera": ("P S L V W C", ""),  # viewer
    "diego": ("", ""),  # account and solution admin: users and solutions, not deals
    "priya": ("CN", "CN"),
    "sam": ("", ""),  # user, on no team
    "mia": ("", ""),
    "lee": ("V CM", "CM"),  # seller of US, GB, DE: partner-led ones read-only
    "beatriz": ("", ""),  # seller of BR: private there
    "noor": ("V W CM", ""),  # reviewer
    "erik": ("V W CM", "CM"),  # vendor admin
}


@pytest.fixture
def sides() -> dict[str, Deal]:
    """P, S, L are private: at the global location, in São Paulo, in London. V, W are partner-led, in a market that Lee
    covers and in one that nobody covers. C is a co-sell, with the sides CM of Microsoft and CN of Northlake."""
    given = {
        "P": new_deal("ana", team=["rui"]),
        "S": new_deal("julia", of="Fabrikam Seguros S.A.", at="100201"),
        "L": new_deal("tom", of="Northwind Traders Ltd", at="100202"),
        "V": new_deal("ana", of="Proseware GmbH", shown=True),
        "W": new_deal("ana", of="Société Première Énergie", shown=True),
        "C": new_deal("ana", asks=Help.POC, invites=["Northlake Services"]),
    }
    given |= {"CM": side_of(given["C"], "Microsoft"), "CN": side_of(given["C"], "Northlake Services")}
    accept("lee", given["CM"])
    accept("priya", given["CN"])
    given["CM"].team.all().delete()  # Lee is a seller of the market, and on no team
    return given


def test_each_person_sees_and_changes_these_sides(sides: dict[str, Deal]) -> None:
    """The same by the query, by the rules, and at the pages: 404 for a stranger, 403 for a colleague or a reader."""
    for name in SEEN:
        _sees_and_changes(name, sides)


def _sees_and_changes(name: str, sides: dict[str, Deal]) -> None:
    names = {deal.pk: slug for slug, deal in sides.items()}
    sees, changes = (set(text.split()) for text in SEEN[name])
    visible = {names[pk] for pk in Deal.objects.visible_to(who(name)).values_list("pk", flat=True)}
    assert visible == sees, f"{name}, by the query"
    editable = {slug for slug, deal in sides.items() if perms.is_editor(who(name), fresh(deal))}
    assert editable == changes, f"{name}, by the rules"
    client = client_for(name)
    found = {names[row.pk] for row in listed(client, "all")}
    assert found == sees, f"{name}, in the list"
    for slug, deal in sides.items():
        page = client.get(reverse("deals:detail", args=[deal.uid])).status_code
        noted = client.post(reverse("deals:note", args=[deal.uid]), {"text": "Hello"}).status_code
        hidden = 403 if deal.organization == who(name).organization else 404
        expected = (200, 302) if slug in changes else (200, 403) if slug in sees else (hidden, hidden)
        assert (page, noted) == expected, f"{name} at {slug}"


def test_a_person_of_two_organizations_sees_with_the_current_one() -> None:
    side = side_of(new_deal(invites=["Relecloud"]), "Relecloud")
    url = reverse("deals:detail", args=[side.uid])
    assert client_for("sam", "Relecloud").get(url).status_code == 200
    assert client_for("sam", "Northlake Services").get(url).status_code == 404


def test_a_seller_named_on_the_account_sees_it_outside_of_the_market() -> None:
    deal = new_deal(of="Société Première Énergie", asks=Help.POC)
    side = side_of(deal, "Microsoft")
    assert client_for("lee").get(reverse("deals:detail", args=[side.uid])).status_code == 403
    CustomerAccount.objects.get(pk=deal.engagement.customer_id).team.add(user("lee"))
    assert client_for("lee").get(reverse("deals:detail", args=[side.uid])).status_code == 200
    accept("lee", side)


def test_a_role_that_ended_opens_nothing() -> None:
    deal = new_deal()
    ana, url = client_for("ana"), reverse("deals:detail", args=[deal.uid])
    user("ana").memberships.update(is_active=False)
    assert ana.get(url).status_code == 403
    assert ana.get(reverse("deals:list", args=["outbound"])).status_code == 403


OF_HOST = ["lee", "beatriz", "noor", "erik"]


@pytest.mark.parametrize("name", OF_HOST)
def test_private_deals_are_seen_by_nobody_of_the_host_by_no_path(name: str) -> None:
    """Not by list, count, search, link, page, dialog or bell; though Lee covers the customer and is named on it."""
    deal = new_deal("ana", name="Secret plan", team=["rui"])
    actions.add_note(who("ana"), deal.pk, "Between us")
    client = client_for(name)
    tabs = ("inbound", "outbound", "favorites", "partner-led", "all")
    for tab, query in [*((tab, "") for tab in tabs), ("all", "Secret"), ("all", f"CS-{deal.engagement_id}")]:
        only_list = {"HX-Request": "true"} if query else None
        response = client.get(reverse("deals:list", args=[tab]), {"q": query}, headers=only_list)
        assert response.context["page"].rows == [], f"{tab}?q={query}"
        assert set(response.context["counts"].values()) == {0}, f"{tab}?q={query}"
        assert "Secret plan" not in response.content.decode()
    gets = ["detail", "invite"]
    paths = [reverse(f"deals:{page}", args=[deal.uid]) for page in gets]
    paths += [reverse("deals:act", args=[deal.uid, action]) for action in Action.values]
    paths += [reverse("deals:edit", args=[deal.uid, section]) for section in ("details", "team", "solutions")]
    posts = [reverse(f"deals:{page}", args=[deal.uid]) for page in ("note", "favorite", "seen", "undo")]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    posts += paths[1:]
    assert {path: client.post(path).status_code for path in posts} == dict.fromkeys(posts, 404)
    assert "Secret" not in client.get(reverse("events:bell")).content.decode()
    assert not Delivery.objects.filter(user=user(name)).exists()


def test_the_operator_is_nobodys_colleague() -> None:
    deal = new_deal()
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(is_superuser=True))
    assert client.get(reverse("deals:detail", args=[deal.uid])).status_code == 403
    assert client.get(reverse("deals:list", args=["all"])).status_code == 403


def test_a_partner_led_deal_is_read_only_for_the_host() -> None:
    deal = new_deal(of="Proseware GmbH", shown=True)
    lee, before = client_for("lee"), Deal.objects.filter(pk=deal.pk).values().get()
    for action in ("win", "lose", "qualify", "share"):
        assert lee.post(reverse("deals:act", args=[deal.uid, action]), {"reason": "budget"}).status_code in (403, 422)
    assert lee.post(reverse("deals:note", args=[deal.uid]), {"text": "Hello"}).status_code == 403
    edited = {"name": "X", "value": 1, "currency": "USD", "close_on": "2030-01-01", "version": 1}
    assert lee.post(reverse("deals:edit", args=[deal.uid, "details"]), edited).status_code == 403
    assert Deal.objects.filter(pk=deal.pk).values().get() == before
    assert list(lee.get(reverse("deals:detail", args=[deal.uid])).context["can"].values()) in ([], [False])


@pytest.mark.parametrize("name", ["lee", "priya"])
def test_the_contact_is_shown_once_the_invited_side_accepted_and_not_after_it_is_out(name: str) -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"])
    side = side_of(deal, who(name).organization.name)
    client, url = client_for(name), reverse("deals:detail", args=[side.uid])

    def sees() -> bool:
        page = client.get(url).content.decode()
        return any(secret in page for secret in (CONTACT.name, CONTACT.email, CONTACT.phone))

    assert CONTACT.email in client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert not sees(), f"{name} sees the contact before accepting"
    actions.decline_deal(who(name), side.pk, reason=DeclineReason.BUDGET)
    assert not sees(), f"{name} sees the contact after declining"
    actions.undo(who(name), side.pk)
    accept(name, side)
    assert sees(), f"{name} does not see the contact after accepting"


def test_the_contact_of_a_partner_led_deal_is_not_shown_to_the_host() -> None:
    deal = new_deal(of="Proseware GmbH", shown=True, contact=CONTACT)
    page = client_for("noor").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert CONTACT.name not in page
    assert CONTACT.email not in page


# Words that stand in one side's own fields only: no page, bell or mail of another side may hold them.
CANARIES = {
    "Contoso Data": ["CANARY-CRM-C", "CANARY-CAMPAIGN-C", "CANARY-NOTE-C", "CANARY-LOST-C", "CANARY-EDIT-C"],
    "Microsoft": ["CANARY-CRM-M", "CANARY-CAMPAIGN-M", "CANARY-NOTE-M", "777,123", "777123", "CANARY-NAME-M"],
    "Northlake Services": ["CANARY-CRM-N", "CANARY-CAMPAIGN-N", "CANARY-NOTE-N", "888,456", "888456", "CANARY-NAME-N"],
}
READERS = {"Contoso Data": "ana", "Microsoft": "lee", "Northlake Services": "priya"}


def test_no_side_reads_what_is_another_sides_own() -> None:
    deal = new_deal(
        asks=Help.POC, crm_id="CANARY-CRM-C", campaign_id="CANARY-CAMPAIGN-C", notes="CANARY-NOTE-C",
        value=Decimal("999321.00"), invitations=[invitation("Northlake Services", value=Decimal("888000.00"))],
    )  # fmt: skip
    sides = {"Contoso Data": deal}
    for name, letter, value in (("Microsoft", "M", "777123"), ("Northlake Services", "N", "888456")):
        sides[name] = accept(
            READERS[name], side_of(deal, name), crm_id=f"CANARY-CRM-{letter}", campaign_id=f"CANARY-CAMPAIGN-{letter}",
            notes=f"CANARY-NOTE-{letter}", value=Decimal(value), name=f"CANARY-NAME-{letter}",
        )  # fmt: skip
        actions.add_note(who(READERS[name]), sides[name].pk, f"CANARY-NOTE-{letter} again")
    actions.edit_details(who("ana"), deal.pk, 1, {"crm_id": "CANARY-EDIT-C"})
    actions.edit_details(who("ana"), deal.pk, 2, {"crm_id": "CANARY-CRM-C"})
    actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET, note="CANARY-LOST-C")
    for organization, reader in READERS.items():
        pages = pages_of(reader, fresh(sides[organization]))
        secrets = [word for owner, words in CANARIES.items() if owner != organization for word in words]
        if organization == "Northlake Services":
            secrets += ["999,321", "999321"]  # the creator's value is for the host alone
        for url, html in pages.items():
            found = [word for word in secrets if word in html]
            assert not found, f"{reader} of {organization} reads {found} at {url}"
        page = pages[reverse("deals:detail", args=[sides[organization].uid])]
        assert CANARIES[organization][0] in page, f"{reader} does not read what is their own"
        assert ("999,321" in page) == (organization != "Northlake Services"), f"the creator's value, for {reader}"


def pages_of(name: str, side: Deal) -> dict[str, str]:
    client = client_for(name)
    urls = [reverse("deals:detail", args=[side.uid]), reverse("events:bell")]
    urls += [reverse("deals:list", args=[tab]) for tab in ("inbound", "outbound", "all")]
    urls += [reverse("deals:act", args=[side.uid, action]) for action in ("qualify", "win", "lose", "share")]
    urls += [reverse("deals:edit", args=[side.uid, section]) for section in ("details", "team", "solutions")]
    urls += [reverse("deals:invite", args=[side.uid])]
    with clock.moved_by(timedelta(minutes=2)):  # the bell rings
        return {url: client.get(url).content.decode() for url in urls}


def test_an_unanswered_partner_sees_only_who_invited() -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"], team=["rui"])
    accept("lee", side_of(deal, "Microsoft"))
    side = side_of(deal, "Northlake Services")
    cards = disclosure.other_sides(who("priya"), side)
    assert [card.organization.name for card in cards] == ["Contoso Data"]
    accept("priya", side)
    cards = disclosure.other_sides(who("priya"), fresh(side))
    assert sorted(card.organization.name for card in cards) == ["Contoso Data", "Microsoft"]
    assert all(card.value is None for card in cards)


def test_a_note_for_everyone_is_read_by_everyone_and_an_own_one_by_nobody_else() -> None:
    deal = new_deal(asks=Help.POC)
    side = accept("lee", side_of(deal, "Microsoft"))
    actions.add_note(who("ana"), deal.pk, "Shared words", share=True)
    actions.add_note(who("ana"), deal.pk, "Own words")
    lee = client_for("lee").get(reverse("deals:detail", args=[side.uid])).content.decode()
    vera = client_for("vera").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert ("Shared words" in lee, "Own words" in lee) == (True, False)
    assert ("Shared words" in vera, "Own words" in vera) == (True, True)


def test_a_declining_receiver_is_read_by_who_invited_and_by_no_third() -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"])
    host_side = accept("lee", side_of(deal, "Microsoft"))
    partner = side_of(deal, "Northlake Services")
    actions.decline_deal(who("priya"), partner.pk, reason=DeclineReason.BUDGET, notes="CANARY-NO")
    assert "CANARY-NO" in client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert "CANARY-NO" not in client_for("lee").get(reverse("deals:detail", args=[host_side.uid])).content.decode()


def test_a_partner_invited_by_a_partner_brings_no_other() -> None:
    deal = new_deal(invites=["Northlake Services"])
    side = accept("priya", side_of(deal, "Northlake Services"))
    response = client_for("priya").get(reverse("deals:invite", args=[side.uid]))
    assert response.status_code == 403
    assert "Contoso Data" in response.content.decode(), "it says whom to ask"
    assert [member.email for member in fresh(side).team.all()] == [person("priya").email]
