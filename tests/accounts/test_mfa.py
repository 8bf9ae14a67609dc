"""The second factor: set up, asked for, used once, removed; and kept sealed."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sealing import InvalidToken, seal, unseal
from cosell.local.cast.people import PASSWORD
from cosell.local.mail_catcher import codes
from cosell.local.second_factors import SECRETS, code
from tests.cast import client_for, user

pytestmark = pytest.mark.usefixtures("cast")
NOOR = "noor.haddad@microsoft.example"


def knock(email: str) -> Client:
    """Address and password given."""
    client = Client(headers={"accept-language": "en"})
    response = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    return client


def gives(client: Client, text: str) -> bool:
    """Is `text` taken as the code?"""
    response = client.post(reverse("mfa_authenticate"), {"code": text})
    return response.status_code == 302 and client.get(reverse("accounts:profile")).status_code == 200


def test_a_code_signs_in_once() -> None:
    with time_machine.travel(time.time(), tick=False) as travel:
        now = code(SECRETS[NOOR], time.time())
        assert knock(NOOR).get(reverse("accounts:profile")).status_code == 302
        assert not gives(knock(NOOR), "12345x")
        assert gives(knock(NOOR), now)
        assert not gives(knock(NOOR), now)
        travel.shift(timedelta(seconds=31))
        assert not gives(knock(NOOR), now), "a clock that is half a minute late is met, a code that was used is not"
        assert gives(knock(NOOR), code(SECRETS[NOOR], time.time()))


def test_a_recovery_code_signs_in_once_and_the_others_still_do() -> None:
    first, second, *_rest = (
        Authenticator.objects.get(user=user("noor"), type="recovery_codes").wrap().get_unused_codes()
    )
    assert gives(knock(NOOR), first)
    assert not gives(knock(NOOR), first)
    assert gives(knock(NOOR), second)


def test_an_app_is_set_up_and_removed() -> None:
    ana = client_for("ana")
    add, again = reverse("mfa_activate_totp"), reverse("account_reauthenticate")
    assert ana.get(add).headers["Location"].startswith(again), "first it must be her"
    assert ana.post(again, {"password": PASSWORD, "next": add}).headers["Location"] == add
    assert "data:image/svg+xml" in ana.get(add).content.decode()
    secret = ana.session[SECRET_SESSION_KEY]
    assert ana.post(add, {"code": "000000"}).status_code == 200
    recovery = reverse("mfa_view_recovery_codes")
    assert ana.post(add, {"code": code(secret, time.time())}).headers["Location"] == recovery
    kept = Authenticator.objects.get(user=user("ana"), type="totp").data["secret"]
    assert (secret in kept, unseal(kept)) == (False, secret)
    assert ana.get(recovery).content.decode().count("<code>") == 0, "a GET shows none, and so uses none up"
    assert ana.post(recovery).content.decode().count("<code>") == 10
    assert ana.post(recovery).content.decode().count("<code>") == 0
    remove = reverse("mfa_deactivate_totp")
    assert ana.get(remove).status_code == 200
    assert ana.post(remove).headers["Location"] == reverse("mfa_index")
    assert not Authenticator.objects.filter(user=user("ana")).exists()


def test_nobody_reaches_the_key_of_another() -> None:
    data = {"name": "Hers", "credential": {}}
    hers = Authenticator.objects.create(user=user("noor"), type="webauthn", data=data)
    erik = client_for("erik")
    erik.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for page in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        for ask in (erik.get, erik.post):
            assert ask(reverse(page, args=[hers.pk])).status_code == 404
    assert Authenticator.objects.get(pk=hers.pk).data == data


def test_the_operator_removes_what_is_lost_and_it_is_written_down() -> None:
    factor = Authenticator.objects.get(user=user("noor"), type="totp")
    olga = Client()
    olga.force_login(User.objects.get(is_superuser=True))
    page = reverse("admin:mfa_authenticator_delete", args=[factor.pk])
    assert SECRETS[NOOR] not in olga.get(reverse("admin:mfa_authenticator_change", args=[factor.pk])).content.decode()
    assert olga.post(page, {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(user=user("noor")).exists(), "the recovery codes go with the last one"


def test_what_is_sealed_opens_here_alone(settings: object) -> None:
    sealed = seal("s" * 200)
    assert (len(sealed) <= 400, unseal(sealed)) == (True, "s" * 200)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", ["tests"]  # type: ignore[attr-defined]
    assert unseal(sealed) == "s" * 200, "the key of before still opens it"
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    with pytest.raises(InvalidToken):
        unseal(sealed)


def test_the_demo_shows_the_codes_of_its_cast() -> None:
    assert code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"  # RFC 6238, appendix B
    assert f"<b>{code(SECRETS[NOOR], 1e9)}</b>" in codes(1e9)
