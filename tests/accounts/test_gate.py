"""Who must have a second factor, and what opens to them without."""

import time
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from accounts import mfa
from accounts.models import Organization, User
from accounts.who import Who
from cosell.local.second_factors import SECRETS, code
from tests.cast import client_for, organization, user

pytestmark = pytest.mark.usefixtures("cast")
SECRET = "ABCDABCDABCDABCDABCDABCDABCDABCD"


def without_factor(name: str) -> Client:
    """Signed in by address and password alone."""
    client = client_for(name)
    session = client.session
    del session[AUTHENTICATION_METHODS_SESSION_KEY]
    session.save()
    return client


WHO_MUST = [
    # person, whose organization requires it, why
    ("noor", "", "mfa_role"),
    ("erik", "", "mfa_role"),
    ("lee", "", None),
    ("lee", "Microsoft", "mfa_organization"),
    ("ana", "", None),
    ("diego", "Northlake Services", None),
    ("diego", "Contoso Data", "mfa_organization"),
    ("sam", "Relecloud", "mfa_organization"),  # wherever else he works
    ("mia", "Relecloud", "mfa_organization"),
    ("operator", "", "mfa_operator"),
]


def test_who_must_have_one_and_who_decided() -> None:
    for name, requires, why in WHO_MUST:
        Organization.objects.update(requires_mfa=False)
        Organization.objects.filter(name=requires).update(requires_mfa=True)
        person = User.objects.get(is_superuser=True) if name == "operator" else user(name)
        reason = mfa.must_have(person, Who.everywhere(person))
        assert (reason.code if reason else None) == why, name
        assert reason is None or not requires or requires in reason.text


def test_nothing_opens_but_what_sets_it_up() -> None:
    organization_of_ana = organization("Contoso Data")
    organization_of_ana.requires_mfa = True
    organization_of_ana.save()
    ana = without_factor("ana")
    set_up, home = reverse("mfa_index"), reverse("deals:home")
    opens: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("GET", home, {}, 302, set_up),
        ("GET", reverse("deals:list", args=["inbound"]), {}, 302, set_up),
        ("GET", reverse("admin:index"), {}, 302, set_up),
        ("GET", reverse("account_change_password"), {}, 302, set_up),
        ("POST", reverse("accounts:profile"), {"full_name": "X"}, 403, "Contoso Data wants everybody"),
        ("POST", reverse("accounts:switch"), {}, 403, "Contoso Data wants everybody"),
        ("GET", set_up, {}, 200, "Contoso Data wants everybody"),
        ("GET", reverse("mfa_activate_totp"), {}, 302, reverse("account_reauthenticate")),
        ("POST", reverse("accounts:language"), {"language": "en"}, 302, "/"),
        ("POST", reverse("accounts:theme"), {"theme": "dark"}, 302, "/"),
        ("GET", reverse("healthz"), {}, 200, "ok"),
        ("GET", "/no/such/page/", {}, 404, ""),
        ("GET", reverse("account_logout"), {}, 200, "Sign out"),
    ]
    for method, url, data, status, said in opens:
        response = ana.generic(method, url) if method == "GET" else ana.post(url, data)
        shown = response.headers.get("Location") or response.content.decode()
        assert (response.status_code, said in shown) == (status, True), f"{method} {url}: {shown[-900:]}"
        assert "data-search" not in shown, f"{url} shows the whole shell"
    fragment = ana.get(home, headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"].startswith(set_up)
    assert client_for("ana").get(reverse("accounts:profile")).status_code == 200


def test_who_has_one_is_asked_for_it_and_goes_on() -> None:
    noor = without_factor("noor")
    response = noor.get(reverse("registrations:review", args=["waiting"]))
    again = reverse("mfa_reauthenticate")
    assert response.headers["Location"].startswith(f"{again}?next=")
    for page in (again, again + "?next=/profile/"):
        assert "with your password" not in noor.get(page).content.decode()
    now = code(SECRETS["noor.haddad@microsoft.example"], time.time())
    response = noor.post(again, {"code": now, "next": "/profile/"})
    assert response.headers["Location"] == "/profile/"
    assert noor.get("/profile/").status_code == 200


def test_a_factor_of_another_browser_opens_nothing_here() -> None:
    erik = without_factor("erik")
    user("erik").authenticator_set.all().delete()
    assert erik.get("/").headers["Location"].startswith(reverse("mfa_index"))
    TOTP.activate(user("erik"), SECRET)
    erik.post(reverse("mfa_index"))  # nothing that proves it
    erik.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    assert erik.get("/").headers["Location"].startswith(reverse("mfa_reauthenticate"))
