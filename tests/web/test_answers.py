"""Errors and refusals as pages and as parts; a lost sign-in."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from cosell.web import views
from cosell.web.htmx import redirect_to
from cosell.web.middleware import RefusedPages
from cosell.web.reasons import Reason, Refused
from cosell.web.redirects import back, came_from

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/opportunities/inbound/?q=a"}


def test_a_lost_sign_in_takes_the_whole_page_there_and_back(client: Client, db: None) -> None:
    answer = client.get(reverse("deals:list", args=["inbound"]), headers=HTMX)
    assert answer["HX-Redirect"] == "/sign-in/login/?next=%2Fopportunities%2Finbound%2F%3Fq%3Da"


def test_every_answer_has_a_name_and_varies_with_htmx(client: Client, db: None) -> None:
    answer = client.get("/sign-in/login/", headers={"X-Request-ID": "0123456789abcdef"})
    assert answer["X-Request-ID"] == "0123456789abcdef"
    assert "HX-Request" in answer["Vary"]
    assert client.get("/sign-in/login/", headers={"X-Request-ID": "a\tb"})["X-Request-ID"] != "a\tb"


def test_nothing_there_says_what_to_do(client: Client, cast: None) -> None:
    client.force_login(User.objects.get(email="ana.souza@contoso.example"))
    answer = client.get("/nope/")
    assert answer.status_code == 404
    assert reverse("deals:home") in answer.content.decode()


@pytest.mark.parametrize("is_part", [False, True])
def test_a_refusal_that_no_view_showed_becomes_a_page(client: Client, cast: None, is_part: bool) -> None:
    request = _request(client, HTMX if is_part else {})
    refused = Refused([Reason("late", "Lee Chan answered first.", "Look at the deal again.")], status=409)
    answer = RefusedPages(lambda request: HttpResponse()).process_exception(request, refused)
    assert answer is not None
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lee Chan answered first." in page
    assert "Look at the deal again." in page
    assert ("<html" in page) is not is_part


def test_other_errors_are_left_to_django() -> None:
    net = RefusedPages(lambda request: HttpResponse())
    assert net.process_exception(RequestFactory().get("/"), ValueError()) is None


def test_the_error_page_needs_nothing() -> None:
    request = RequestFactory().get("/")
    request.id = "0123456789abcdef"
    answer = views.server_error(request)
    assert answer.status_code == 500
    assert "0123456789abcdef" in answer.content.decode()


def test_nobody_is_sent_off_this_site() -> None:
    sent = RequestFactory().post("/theme/", {"next": "https://evil.example/"})
    assert back(sent)["Location"] == "/"
    assert back(RequestFactory().post("/theme/", {"next": "/profile/"}))["Location"] == "/profile/"
    assert came_from(RequestFactory().get("/", headers={"Referer": "https://evil.example/"})) == "/"
    assert came_from(RequestFactory().get("/", headers={"Referer": "http://testserver/a/"})) == "http://testserver/a/"


def test_a_redirect_for_htmx_loads_a_page(client: Client, cast: None) -> None:
    assert redirect_to(_request(client, HTMX), "/profile/")["HX-Redirect"] == "/profile/"
    assert redirect_to(_request(client, {}), "/profile/")["Location"] == "/profile/"


def _request(client: Client, headers: dict[str, str]) -> HttpRequest:
    """A request as the middleware leaves it."""
    client.force_login(User.objects.get(email="ana.souza@contoso.example"))
    answer: Any = client.get(reverse("accounts:profile"), headers=headers)
    return answer.wsgi_request
