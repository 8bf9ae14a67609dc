"""Sign in with your company: by the domain of an address to its provider, and back."""

from allauth.account.utils import get_next_redirect_url
from allauth.decorators import rate_limit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from requests import RequestException

from accounts import company_sign_in
from cosell.web.reasons import Refused


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"), widget=forms.EmailInput({"autocomplete": "email", "autofocus": True})
    )


@login_not_required
@require_http_methods(["GET", "POST"])
@rate_limit(action="login")
def start(request: HttpRequest) -> HttpResponse:
    """Which company; the answer says nothing of who has an account.

    The way there is a page that goes on by itself: our policy lets no form lead off this site.
    """
    form = AddressForm(request.POST if request.method == "POST" else None)
    reasons = []
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        row = company_sign_in.provider_for(address)
        try:
            if row:
                location = company_sign_in.way_to(request, row, address, get_next_redirect_url(request))
                context = {"location": location, "organization": row.organization}
                return render(request, "socialaccount/leaving.html", context)
            text = _("No company sign-in is set up for addresses at %(domain)s. Sign in with your password.")
            form.add_error("email", text % {"domain": company_sign_in.domain_of(address)})
        except Refused as refused:
            reasons = refused.reasons
    context = {"form": form, "reasons": reasons, "next": get_next_redirect_url(request) or ""}
    status = 422 if form.errors or reasons else 200
    return render(request, "socialaccount/company.html", context, status=status)


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
def answered(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the company's sign-in. A GET changes nothing, so the page that it shows posts the answer."""
    if request.method == "GET":
        return render(request, "socialaccount/answered.html")
    try:
        conversation = company_sign_in.Conversation(request, provider_id)
        return OAuth2CallbackView.adapter_view(conversation)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (OAuth2Error, RequestException, KeyError) as error:
        provider = get_adapter(request).get_provider(request, provider=provider_id)
        return render_authentication_error(request, provider, exception=error)
