"""From the sign-in page to the company's own provider and back, by clicking."""

import re
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.actions import providers
from accounts.models import User
from tests.cast import organization
from tests.oidc.provider import Provider
from tests.oidc.server import CLIENT_ID, CLIENT_SECRET


def test_the_company_signs_its_people_in(
    cast: None, page: Page, live_server: Any, oidc_provider: Provider, settings: Any
) -> None:
    settings.COSELL_OUTSIDE_ALLOW = frozenset({oidc_provider.place})
    contoso = organization("Contoso Data")
    given = providers.Provider(oidc_provider.issuer, CLIENT_ID, CLIENT_SECRET, domains=("contoso.example",))
    providers.save_provider(User.objects.get(is_superuser=True), contoso, given)
    callback = reverse("openid_connect_callback", args=[contoso.uid])
    oidc_provider.register(f"{live_server.url}{callback}")
    page.goto("/profile/")
    page.locator("a[href^='/sign-in/company/']").click()
    page.locator("[name=email]").fill("ana.souza@nowhere.example")
    page.locator("[name=email]").press("Enter")
    expect(page.locator(".is-wrong")).to_contain_text("nowhere.example")
    page.locator("[name=email]").fill("ana.souza@contoso.example")
    page.locator("[name=email]").press("Enter")
    expect(page.locator("h1")).to_have_text("The company")
    page.locator("button", has_text=re.compile("^sam$")).click()
    expect(page.locator("main")).to_contain_text("sam.okoro@northlake.example is no address")
    page.context.clear_cookies()
    page.goto("/profile/")
    page.locator("a[href^='/sign-in/company/']").click()
    page.locator("[name=email]").fill("ana.souza@contoso.example")
    page.locator("[name=email]").press("Enter")
    page.locator("button", has_text=re.compile("^ana$")).click()
    expect(page).to_have_url(re.compile("/profile/$"))
    expect(page.locator("[name=full_name]")).to_have_value("Ana Souza")
