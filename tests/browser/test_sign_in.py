"""The door: the page that everybody sees first."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User


def test_signing_in_through_the_door(page: Page) -> None:
    User.objects.create_user("ana@contoso.example", "correct horse battery", full_name="Ana Souza")
    page.goto("/profile/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill("ana@contoso.example")
    page.locator("input[type=password]").fill("correct horse battery")
    page.locator("form button[type=submit], main button").first.click()
    expect(page).to_have_url(re.compile("/profile/$"))
