"""Who must have a second factor gets nowhere without: to the page that sets one up, and says why."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import mfa

# What is needed to set one up or to show it; what is open to everybody stays open, too.
OPEN = frozenset(
    {
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_deactivate_totp",
        "mfa_edit_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
    }
)
LEAVING = "account_logout"


class SecondFactorGate:
    """Behind WhoMiddleware. `request.factor_needed` is why this person must have one, or None; while the session has
    shown none, `request.who` is nobody: no page says more than that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.factor_needed, request.is_barred, request.had_factor = None, False, None
        if request.user.is_authenticated:
            request.factor_needed = mfa.must_have(request.user, request.everywhere)
            request.is_barred = request.factor_needed is not None and not mfa.is_proven(request)
        if request.is_barred:
            request.who, request.organizations, request.everywhere = None, [], []
        response = self.get_response(request)
        if request.had_factor is not None and request.user.is_authenticated:
            mfa.follow(request, had=request.had_factor)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name
        if name in OPEN and request.method == "POST" and request.user.is_authenticated:
            request.had_factor = mfa.has_factor(request.user)
        if not request.is_barred or name in OPEN or name == LEAVING or not getattr(view, "login_required", True):
            return None
        shows = reverse("mfa_reauthenticate") if mfa.has_factor(request.user) else reverse("mfa_index")
        if request.method in ("GET", "HEAD"):
            return redirect(f"{shows}?{urlencode({'next': request.get_full_path()})}")
        context = {"reasons": [request.factor_needed], "back_url": shows}
        return render(request, "refused.html", context, status=403)
