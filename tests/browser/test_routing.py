"""A referrals admin asks what would happen to an opportunity, changes a rule, and asks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import user

pytestmark = pytest.mark.usefixtures("cast")


def ask(page: Page, market: str, *codes: str) -> None:
    page.locator("[name=market]").select_option(market)
    for code in codes:
        page.locator(f"input[value={code}]").check()
    page.locator("main form[method=get] button, form[method=get] input[type=submit]").last.click()


def test_the_tester_says_where_it_goes_and_who_is_told_and_follows_the_rules(sign_in: Callable[[Any], Page]) -> None:
    page = sign_in(user("ana"))
    page.goto("/admin/accounts/routingrule/")
    page.get_by_role("link", name="What would happen to").click()
    ask(page, "BR", "SOL-10471-CLH")
    content = page.locator("#content-main")
    expect(content).to_contain_text("Routed to Contoso São Paulo by the rule Brazil · All solutions.")
    expect(content.locator(".told").first).to_contain_text("Júlia Campos")
    expect(content.locator(".told").last).to_contain_text("Diego Reyes")
    # a narrower rule goes before it, at once
    page.goto("/admin/accounts/routingrule/add/")
    page.locator("[name=market]").select_option("BR")
    page.locator("[name=solution]").select_option(label="Contoso Lakehouse")
    page.locator("[name=location]").select_option(label="Contoso London · 100202")
    page.locator("[name=_save]").click()
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Brazil")
    page.goto("/admin/accounts/routingrule/test/")
    ask(page, "BR", "SOL-10471-CLH")
    expect(content).to_contain_text("Routed to Contoso London by the rule Brazil · Contoso Lakehouse.")
    # the same for everybody, in the portal
    page.goto("/routing/")
    ask(page, "BR", "SOL-10471-CLH")
    expect(page.locator("main")).to_contain_text("Routed to Contoso London by the rule Brazil · Contoso Lakehouse.")
