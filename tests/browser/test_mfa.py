"""The second factor, as people set it up and use it: an app, recovery codes, a passkey."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from cosell.local.cast.people import PASSWORD
from cosell.local.second_factors import code
from tests.cast import user

LATER = 31  # seconds: the next code; the clock that the server knows may be half a minute late


def knock(page: Page, email: str) -> None:
    page.goto("/sign-in/login/?next=/profile/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def show(page: Page, text: str) -> None:
    expect(page).to_have_url(re.compile("/second-factor/code/$"))
    page.locator("[name=code]").fill(text)
    page.locator("[name=code]").press("Enter")


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def confirm(page: Page) -> None:
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def test_a_reviewer_must_set_up_an_app_and_signs_in_by_it(cast: None, page: Page) -> None:
    noor = user("noor")
    noor.authenticator_set.all().delete()
    knock(page, noor.email)
    expect(page.locator("main .note.warn")).to_contain_text("Reviewers and vendor admins of Microsoft")
    page.goto("/")
    expect(page).to_have_url(re.compile("/second-factor/"))
    page.locator("a[href$='/app/add/']").click()
    confirm(page)
    page.locator("summary", has_text="camera").click()
    secret = page.locator("details code").inner_text()
    expect(page.locator("main img")).to_have_js_property("complete", True)  # the policy lets the picture through
    assert page.locator("main img").evaluate("(each) => each.naturalWidth") > 0
    now = time.time()
    page.locator("[name=code]").fill(code(secret, now))
    page.locator("[name=code]").press("Enter")
    expect(page).to_have_url(re.compile("/recovery/$"))
    page.locator("main form button").click()
    codes = page.locator("#recovery-codes code").all_inner_texts()
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert Path(download.value.path()).read_text().split() == codes
    page.locator("main a.primary").click()
    expect(page.locator("header.top")).to_be_visible()
    sign_out(page)
    knock(page, noor.email)
    show(page, code(secret, now + LATER))
    expect(page).to_have_url(re.compile("/profile/$"))
    sign_out(page)
    knock(page, noor.email)
    show(page, codes[3])
    expect(page).to_have_url(re.compile("/profile/$"))


def test_a_passkey_is_added_and_signs_in_alone(person: Callable[..., Page]) -> None:
    page = person("ana.souza")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    abilities = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **abilities}})["authenticatorId"]
    page.goto("/profile/")
    page.locator("details.menu summary").last.click()
    page.locator("a[href$='/second-factor/']").click()
    page.locator("a[href$='/passkeys/add/']").click()
    confirm(page)
    page.locator("[name=name]").fill("Work laptop")
    page.locator("[data-passkey] button").click()
    expect(page).to_have_url(re.compile("/recovery/$"))
    page.goto("/sign-in/second-factor/")
    expect(page.locator("ul.lines")).to_contain_text("Work laptop")
    sign_out(page)
    page.goto("/sign-in/login/")
    page.locator("[data-passkey] button").click()
    expect(page.locator("header.top")).to_be_visible()
    sign_out(page)
    knock(page, user("ana").email)
    page.locator("[data-passkey] button").click()
    expect(page).to_have_url(re.compile("/profile/$"))
    sign_out(page)
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto("/sign-in/login/")
    page.locator("[data-passkey] button").click()  # a stranger's finger
    expect(page.locator("[data-passkey] [role=alert]")).to_be_visible()
