"""The door of the admin: the operator, and each company's admins (product.md §3). One way in, allauth's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache


class RoomsConfig(AdminConfig):
    """In place of "django.contrib.admin" among the installed apps."""

    default = False
    default_site = "accounts.site.Rooms"


# The password has its page in the portal; the last one tells the address of any row by its number.
NOT_HERE = {"password_change", "password_change_done", "view_on_site"}


class Rooms(AdminSite):
    """`admin.site`. What each page shows is for the rooms to say (accounts.admin.room)."""

    site_title = site_header = _("Cosell admin")
    index_title = _("What you look after")

    def has_permission(self, request: HttpRequest) -> bool:
        """Who keeps something in the current organization, and the operator. To be staff alone opens nothing."""
        who = getattr(request, "who", None)
        return bool(request.user.is_active and (request.user.is_superuser or (who and who.keeps_room)))

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No sign-in of its own: the portal's has the throttle, the second factor and the company's provider."""
        if not request.user.is_authenticated:
            then = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
            return redirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: then})}")
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The portal's page, which asks once more and is signed out of by a POST."""
        return redirect("account_logout")

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_HERE]

    def get_log_entries(self, request: HttpRequest) -> Any:
        """One's own."""
        return super().get_log_entries(request).filter(user=request.user)
