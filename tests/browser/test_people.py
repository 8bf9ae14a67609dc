"""A person is asked in, joins by the mail, works, and leaves: what they worked on goes to a colleague."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from cosell.events import outbox
from deals.models import TeamMember
from tests.browser.conftest import watch
from tests.cast import new_deal, user
from tests.events.post_office import PostOffice

EVA = "eva.klein@contoso.example"


def test_from_the_invitation_to_the_leaving(
    person: Callable[..., Page],
    browser: Browser,
    smtp_server: PostOffice,
    live_server: Any,
    settings: Any,
    faults: list[str],
) -> None:
    settings.BASE_URL = live_server.url
    diego = person("diego.reyes")
    invite(diego)
    outbox.send_due()
    [letter] = smtp_server.letters
    assert letter["To"].addresses[0].addr_spec == EVA
    assert "Diego Reyes" in letter["Subject"]
    link = re.search(rf"{live_server.url}/join/\S+", letter.get_body(("plain",)).get_content())
    assert link

    context = browser.new_context(base_url=live_server.url, locale="en-US", viewport={"width": 360, "height": 800})
    eva = watch(context.new_page(), faults)
    join(eva, link[0])
    eva.goto("/profile/sessions/")
    expect(eva.get_by_text("This one")).to_be_visible()

    deal = new_deal("ana", team=["rui"])
    TeamMember.objects.filter(deal=deal, name="Rui Prado").update(
        user=User.objects.get(email=EVA), name="Eva Klein", email=EVA
    )
    takes_leave(diego, deal.pk)
    eva.goto("/profile/")
    expect(eva).to_have_url(re.compile("/sign-in/"))
    context.close()


def invite(diego: Page) -> None:
    diego.goto("/admin/accounts/user/")
    diego.locator(".object-tools a.addlink").click()
    expect(diego).to_have_url(re.compile("/admin/accounts/invite/add/"))
    diego.locator("[name=email]").fill(EVA)
    diego.locator("[name=full_name]").fill("Eva Klein")
    diego.locator("[name=role]").select_option("referrals_user")
    diego.locator("[name=_save]").click()
    expect(diego.locator("#result_list")).to_contain_text(EVA)


def join(eva: Page, link: str) -> None:
    eva.goto(link)
    expect(eva.get_by_role("heading", name="Join Contoso Data")).to_be_visible()
    assert eva.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it fits a phone"
    eva.locator("[name=password]").fill("short")
    eva.get_by_role("button", name="Join").click()
    expect(eva.locator("#errors")).to_contain_text("too short")
    expect(eva.locator("[name=full_name]")).to_have_value("Eva Klein")
    eva.locator("[name=password]").fill("correct horse battery")
    eva.get_by_role("button", name="Join").click()
    expect(eva.get_by_text("Welcome to Contoso Data.")).to_be_visible()


def takes_leave(diego: Page, deal: int) -> None:
    diego.goto("/admin/accounts/user/")
    diego.get_by_role("link", name=EVA).click()
    diego.get_by_role("link", name="Leaves Contoso Data").click()
    expect(diego.locator("#content-main")).to_contain_text("Eva Klein is on the team of 1 open deal.")
    diego.get_by_label("Hand over to").select_option(label="Rui Prado")
    diego.get_by_role("button", name="Leaves the company").click()
    expect(diego.locator(".messagelist")).to_contain_text("Eva Klein has left")
    assert TeamMember.objects.get(deal=deal, user=user("rui")).name == "Rui Prado"
    assert not User.objects.get(email=EVA).is_active
