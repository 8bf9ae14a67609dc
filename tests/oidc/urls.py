"""The provider's pages: the protocol is the toolkit's, the sign-in a list of people to choose from."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils.html import format_html, format_html_join
from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator

from tests.oidc.server import PEOPLE


class Claims(OAuth2Validator):
    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        return PEOPLE[request.user.username]


def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        login(request, User.objects.get(username=request.POST["who"]), "django.contrib.auth.backends.ModelBackend")
        return redirect(request.POST.get("next") or "/login/")
    buttons = format_html_join(" ", '<button name="who" value="{0}">{0}</button>', ((name,) for name in PEOPLE))
    hidden = format_html('<input type="hidden" name="next" value="{}">', request.GET.get("next", ""))
    return HttpResponse(format_html('<h1>The company</h1><form method="post">{}{}</form>', hidden, buttons))


def register(request: HttpRequest) -> HttpResponse:
    """Where answers may go: what a company's admin types at its provider."""
    Application.objects.update(redirect_uris=request.POST["redirect_uri"])
    return HttpResponse("registered")


urlpatterns = [
    path("login/", sign_in),
    path("register/", register),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
