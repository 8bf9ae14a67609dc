from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import ProfileForm
from accounts.middleware import SESSION_KEY
from accounts.models import User
from accounts.who import Who
from cosell.web.redirects import back

THEMES = ("light", "dark", "")


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    # a copy: what is refused must not show in the header of the page that refuses it
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        user = form.save()
        translation.activate(user.language or request.LANGUAGE_CODE)
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:profile")
    roles = [(who.organization, who.memberships) for who in Who.everywhere(request.user)]
    return render(request, "accounts/profile.html", {"form": form, "roles": roles}, status=422 if form.errors else 200)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organizations; where one was may not be seen from there, so it starts at home."""
    chosen = request.POST.get("organization", "")
    if chosen not in {str(organization.uid) for organization in request.organizations}:
        raise Http404
    request.session[SESSION_KEY] = next(o.pk for o in request.organizations if str(o.uid) == chosen)
    return redirect("deals:home")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response = back(request)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=31_536_000, samesite="Lax")
    return response


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        raise Http404
    if request.user.is_authenticated:
        request.user.theme = chosen
        request.user.save(update_fields=["theme"])
    response = back(request)
    response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax")
    return response
