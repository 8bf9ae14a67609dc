"""Sign-in by a company's own provider: a real one, in a process of its own (tests/oidc)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import company_sign_in
from accounts.actions import providers
from accounts.enums import EventKind
from accounts.models import IdentityProvider, Membership, User
from cosell.events.models import Event
from cosell.web.reasons import Refused
from tests.cast import client_for, organization, user, who
from tests.oidc.provider import Provider
from tests.oidc.server import CLIENT_ID, CLIENT_SECRET

pytestmark = pytest.mark.usefixtures("cast")
CONTOSO, NORTHLAKE = "Contoso Data", "Northlake Services"


def operator() -> User:
    return User.objects.get(is_superuser=True)


@pytest.fixture
def set_up(oidc_provider: Provider, settings: Any) -> Callable[..., IdentityProvider]:
    """`set_up(organization name, *domains)`: its people sign in at the provider."""
    settings.COSELL_OUTSIDE_ALLOW = frozenset({oidc_provider.place})

    def set_up(name: str, *domains: str, **more: Any) -> IdentityProvider:
        given = providers.Provider(oidc_provider.issuer, CLIENT_ID, CLIENT_SECRET, domains=domains, **more)
        row = providers.save_provider(operator(), organization(name), given)
        path = reverse("openid_connect_callback", args=[row.organization.uid])
        oidc_provider.register(f"http://testserver{path}")
        return row

    return set_up


def asks(client: Client, address: str) -> str:
    """Where the browser is sent to."""
    page = client.post(reverse("company_sign_in"), {"email": address, "next": "/profile/"})
    assert page.status_code == 200, page.content.decode()
    return str(page.context["location"])


def comes_back(client: Client, path: str) -> HttpResponse:
    assert client.get(path).status_code == 200
    assert "_auth_user_id" not in client.session, "a GET signs nobody in"
    return client.post(path)


def codes_of(response: HttpResponse) -> list[str]:
    return [reason.code for reason in response.context["reasons"]]


def test_the_right_person_is_signed_in_and_acts_there_alone(
    set_up: Callable[..., IdentityProvider], oidc_provider: Provider
) -> None:
    set_up(NORTHLAKE, "northlake.example")
    sam = Client()
    location = asks(sam, "sam.okoro@northlake.example")
    assert "code_challenge=" in location
    assert "nonce=" in location
    response = comes_back(sam, oidc_provider.answer(location, "sam"))
    assert response.headers["Location"] == "/profile/"
    page = sam.get("/profile/")
    assert page.wsgi_request.user == user("sam")
    assert [each.name for each in page.wsgi_request.organizations] == [NORTHLAKE], "and not Relecloud"
    other = sam.post(reverse("accounts:switch"), {"organization": str(organization("Relecloud").uid)})
    assert other.status_code == 404
    account = SocialAccount.objects.get(user=user("sam"))
    assert account.extra_data == {}, "what his company knows of him is not kept"


REFUSED = [
    # who signs in there, what happened before, why it is refused
    ("stranger", None, "company_nobody"),
    ("sam", None, "company_other_domain"),
    ("ana-unverified", None, "company_unverified"),
    ("nobody", None, "company_no_address"),
    ("ana", "left", "company_nobody"),
    ("ana", "inactive", "company_nobody"),
    ("ana-again", "another account", "company_other_account"),
    ("olga", "an operator of that domain", "company_nobody"),
]


def before(what: str | None) -> None:
    ana = user("ana")
    if what == "left":
        Membership.objects.filter(user=ana).update(is_active=False)
    elif what == "inactive":
        User.objects.filter(pk=ana.pk).update(is_active=False)
    elif what == "another account":
        SocialAccount.objects.create(user=ana, provider=str(organization(CONTOSO).uid), uid="1234")
    elif what:
        User.objects.filter(is_superuser=True).update(email="operator@contoso.example")
        Membership.objects.create(user=operator(), organization=organization(CONTOSO), role="account_admin")


def test_nobody_else_is_signed_in(set_up: Callable[..., IdentityProvider], oidc_provider: Provider) -> None:
    set_up(CONTOSO, "contoso.example")
    for name, what, code in REFUSED:
        with transaction.atomic():
            before(what)
            client = Client()
            response = comes_back(client, oidc_provider.answer(asks(client, "x@contoso.example"), name))
            assert (response.status_code, codes_of(response)) == (403, [code]), name
            assert "_auth_user_id" not in client.session
            transaction.set_rollback(True)
    assert not SocialAccount.objects.exists()


def test_an_answer_to_another_question_signs_nobody_in(
    set_up: Callable[..., IdentityProvider], oidc_provider: Provider
) -> None:
    set_up(CONTOSO, "contoso.example")
    client, other = Client(), Client()
    good = oidc_provider.answer(asks(client, "ana.souza@contoso.example"), "ana")
    asks(other, "ana.souza@contoso.example")
    assert comes_back(other, good).status_code == 403, "the question of another browser"
    assert comes_back(client, good).status_code == 302
    again = Client()
    again.cookies = client.cookies
    assert again.post(good).status_code == 403, "the same answer twice"
    location = asks(other, "ana.souza@contoso.example")
    nonce = next(part for part in urlsplit(location).query.split("&") if part.startswith("nonce="))
    answer = oidc_provider.answer(location.replace(nonce, "nonce=mine"), "ana")
    assert codes_of(comes_back(other, answer)) == ["company_answer"], "another nonce"
    location = asks(other, "ana.souza@contoso.example")
    state = next(part for part in urlsplit(location).query.split("&") if part.startswith("state="))
    answer = oidc_provider.answer(asks(Client(), "ana.souza@contoso.example"), "ana")
    stolen = answer[: answer.index("state=")] + state if answer.index("state=") > answer.index("code=") else answer
    assert codes_of(comes_back(other, stolen)) == ["company_answer"], "a code that another browser asked for"


def test_the_second_factor(set_up: Callable[..., IdentityProvider], oidc_provider: Provider) -> None:
    """Who must have one is held at the gate, unless the company's provider asks for it; who has one is asked."""
    row = set_up(CONTOSO, "contoso.example")
    contoso = organization(CONTOSO)
    contoso.requires_mfa = True
    contoso.save()
    ana = Client()
    comes_back(ana, oidc_provider.answer(asks(ana, "ana.souza@contoso.example"), "ana-upper"))
    assert ana.get("/").headers["Location"].startswith(reverse("mfa_index"))
    IdentityProvider.objects.filter(pk=row.pk).update(does_mfa=True)
    assert ana.get("/profile/").status_code == 200
    TOTP.activate(user("ana"), "ABCDABCDABCDABCDABCDABCDABCDABCD")
    again = Client()
    response = comes_back(again, oidc_provider.answer(asks(again, "ana.souza@contoso.example"), "ana-upper"))
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert Authenticator.objects.filter(user=user("ana")).count() == 1


def test_the_page_says_nothing_of_who_has_an_account(set_up: Callable[..., IdentityProvider]) -> None:
    set_up(CONTOSO, "contoso.example", is_active=False)
    for address in ("ana.souza@contoso.example", "x@contoso.example", "x@nowhere.example", "nonsense"):
        page = Client().post(reverse("company_sign_in"), {"email": address})
        assert page.status_code == 422
        assert "set up for addresses" in page.content.decode() or address == "nonsense"
    page, typed = reverse("company_sign_in"), {"email": "x@nowhere.example"}
    answers = {Client().post(page, typed).status_code for _time in range(30)}
    assert answers == {422, 429}, "throttled as sign-ins are"


def test_a_provider_that_is_down_or_another_one_is_said(
    set_up: Callable[..., IdentityProvider], oidc_provider: Provider
) -> None:
    row = set_up(CONTOSO, "contoso.example")
    check, faults = company_sign_in.check, company_sign_in.faults
    assert check(row.issuer) == []
    one = "https://a.example"
    said = [
        (check(f"{oidc_provider.url}/elsewhere"), ["provider_unreachable"]),
        (faults(one, {"issuer": "https://b.example"}), ["provider_issuer"]),
        (faults(one, []), ["provider_no_document"]),
        (
            faults(one, {"issuer": one + "/", "code_challenge_methods_supported": ["plain"]}),
            ["provider_lacks", "provider_no_pkce"],
        ),
    ]
    for found, codes in said:
        assert [reason.code for reason in found] == codes
    IdentityProvider.objects.filter(pk=row.pk).update(issuer=f"{oidc_provider.url}/elsewhere")
    page = Client().post(reverse("company_sign_in"), {"email": "x@contoso.example"})
    assert (page.status_code, codes_of(page)) == (422, ["provider_out_of_order"])


def test_who_sets_it_up(set_up: Callable[..., IdentityProvider], oidc_provider: Provider) -> None:
    row = set_up(CONTOSO, "contoso.example")
    given = providers.Provider(oidc_provider.issuer, "another id")
    assert providers.save_provider(who("diego"), row.organization, given).domains == ["contoso.example"]
    event = Event.objects.filter(kind=EventKind.PROVIDER_CHANGED).latest("pk")
    assert event.data == {"changed": ["client_id"]}
    row.refresh_from_db()
    assert CLIENT_SECRET not in row.client_secret
    diego, contoso, northlake = who("diego"), organization(CONTOSO), organization(NORTHLAKE)
    own, taken = oidc_provider.issuer, ("contoso.example",)
    claims = [
        (who("ana"), contoso, given, 403, "provider_right"),
        (diego, northlake, given, 403, "provider_right"),
        (diego, contoso, providers.Provider(own, "i", domains=("x.example",)), 403, "provider_domains_right"),
        (diego, contoso, providers.Provider("http://127.0.0.1:1", "i"), 422, "provider_address"),
        (operator(), northlake, providers.Provider(own, "i", "s", domains=taken), 422, "provider_domain_taken"),
        (operator(), northlake, providers.Provider(own, "i", "s", domains=("@x",)), 422, "provider_domain"),
        (operator(), northlake, providers.Provider(own, "i"), 422, "provider_secret"),
    ]
    for by, of, provider, status, code in claims:
        with pytest.raises(Refused) as refused:
            providers.save_provider(by, of, provider)
        assert (refused.value.status, refused.value.reasons[0].code) == (status, code)
    SocialAccount.objects.create(user=user("ana"), provider=str(row.organization.uid), uid="1")
    IdentityProvider.objects.filter(pk=row.pk).update(issuer="https://before.example")
    providers.save_provider(who("diego"), row.organization, given)
    assert not SocialAccount.objects.exists(), "behind another issuer, the same number is another person"


def test_the_admin_of_a_company_sets_it_up_in_the_admin(
    set_up: Callable[..., IdentityProvider], oidc_provider: Provider
) -> None:
    row = set_up(NORTHLAKE, "northlake.example")
    diego = client_for("diego")
    add, typed = reverse("admin:accounts_identityprovider_add"), {"client_id": CLIENT_ID, "is_active": "on"}
    page = diego.post(add, {**typed, "issuer": "http://localhost:1", "secret": CLIENT_SECRET})
    assert (page.status_code, "begin with https" in page.content.decode()) == (422, True)
    good = {**typed, "issuer": oidc_provider.issuer, "secret": CLIENT_SECRET, "domains": "x.example"}
    shown = diego.post(add, {**good, "_check": "1"}, follow=True).content.decode()
    own = IdentityProvider.objects.get(organization__name=CONTOSO)
    assert ("answers as it should" in shown, own.domains, CLIENT_SECRET in shown) == (True, [], False)
    assert f"/sign-in/company/{own.organization.uid}/answer/" in shown
    change = reverse("admin:accounts_identityprovider_change", args=[own.pk])
    kept = own.client_secret
    assert diego.post(change, {**typed, "issuer": oidc_provider.issuer, "does_mfa": "on"}).status_code == 302
    own.refresh_from_db()
    assert (own.client_secret, own.does_mfa) == (kept, True)
    assert diego.get(reverse("admin:accounts_identityprovider_change", args=[row.pk])).status_code == 404, "not theirs"
    assert diego.get(add).status_code == 403, "a company has one"
