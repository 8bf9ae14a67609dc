"""For the operator: what is held about a person, handed out or erased (docs/privacy.md).

The page stands with the people of `accounts`, but needs the deals, which stand above them.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.admin import PersonAdmin
from accounts.models import User
from cosell.web.reasons import Reason, Refused
from deals import actions
from deals.privacy import Person


class AddressForm(forms.Form):
    """Whose data: any address, of a customer's contact, a team member or a sign-in."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)


class EraseForm(forms.Form):
    confirm = forms.CharField(label=gettext_lazy("Type the e-mail address again to erase"), max_length=254)
    names = forms.BooleanField(
        label=gettext_lazy("Also where only the full name stands"),
        initial=True,
        required=False,
        help_text=gettext_lazy("Leave it out if another person has the same name."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_confirm(self) -> str:
        typed = self.cleaned_data["confirm"].strip().lower()
        if typed != self.person.email.lower():
            raise forms.ValidationError(_("This is not the address of the person above."))
        return typed


admin.site.unregister(User)


@admin.register(User)
class PersonDataAdmin(PersonAdmin):
    change_form_template = "admin/accounts/user/change_form.html"
    change_list_template = "admin/accounts/user/change_list.html"
    actions = ("open_personal_data",)

    def get_urls(self) -> list[Any]:
        wrapped = require_http_methods(["GET", "POST"])(self.admin_site.admin_view(self.personal_data))
        return [path("personal-data/", wrapped, name="accounts_user_personal_data"), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        return found if request.user.is_superuser else {k: v for k, v in found.items() if k != "open_personal_data"}

    @admin.action(description=gettext_lazy("Personal data: export or erase"))
    def open_personal_data(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        if queryset.count() != 1:
            messages.error(request, _("Choose one person."))
            return None
        return redirect(f"{reverse('admin:accounts_user_personal_data')}?person={queryset.get().pk}")

    def personal_data(self, request: HttpRequest) -> HttpResponse:
        """Look, then export or erase. An address is only ever posted: it must not stand in the log of a server."""
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.method != "POST":
            return self._data_page(request, AddressForm(), self._person_of(request))
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._data_page(request, form, None, status=422)
        person = Person.at(form.cleaned_data["email"])
        if "export" in request.POST:
            return _export(request, person)
        if "erase" in request.POST:
            return self._erase(request, form, person)
        return self._data_page(request, form, person)

    def _person_of(self, request: HttpRequest) -> Person | None:
        given = request.GET.get("person", "")
        if not (given.isdecimal() and len(given) < 10):
            return None
        return Person.at(get_object_or_404(User, pk=int(given)).email)

    def _erase(self, request: HttpRequest, form: AddressForm, person: Person) -> HttpResponse:
        erase_form = EraseForm(request.POST, person=person)
        if not erase_form.is_valid():
            return self._data_page(request, form, person, erase_form, status=422)
        person = Person.at(person.email, with_names=erase_form.cleaned_data["names"])
        try:
            actions.erase_person(request.user, person)
        except Refused as refused:
            return self._data_page(request, form, person, erase_form, refused.reasons, refused.status)
        messages.success(request, _("The person's data are erased."))
        if waiting := person.in_hand.count():
            text = ngettext(
                "%(count)d mail is just being sent: erase once more in ten minutes.",
                "%(count)d mails are just being sent: erase once more in ten minutes.",
                waiting,
            )
            messages.warning(request, text % {"count": waiting})
        return redirect("admin:accounts_user_personal_data")

    def _data_page(
        self,
        request: HttpRequest,
        form: AddressForm,
        person: Person | None,
        erase_form: EraseForm | None = None,
        reasons: list[Reason] = (),  # type: ignore[assignment]
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Personal data"),
            "opts": self.opts,
            "form": form,
            "person": person,
            "held": [(KINDS[kind], count) for kind, count in person.counts().items()] if person else [],
            "only_named": _only_named(person) if person else 0,
            "erase_form": erase_form or (EraseForm(person=person) if person else None),
            "reasons": reasons,
        }
        return render(request, "admin/accounts/user/personal_data.html", context, status=status)


KINDS = {
    "sign_in": gettext_lazy("Sign-in"),
    "contacts": gettext_lazy("Customer contact of deals"),
    "team": gettext_lazy("Places on teams"),
    "drafts": gettext_lazy("Drafts"),
    "texts": gettext_lazy("Free text that names the person"),
    "details": gettext_lazy("Entries of the history that name the person"),
    "deliveries": gettext_lazy("Messages to the person"),
    "sign_in_facts": gettext_lazy("Invitations to join, sessions, how they want their mail"),
}


def _only_named(person: Person) -> int:
    """In how many entries of the history nothing but the name says that it is this person."""
    by_address = Person(person.emails, person.user, with_names=False)
    return person.details.count() - by_address.details.count()


def _export(request: HttpRequest, person: Person) -> HttpResponse:
    held = actions.export_person(request.user, person)
    return HttpResponse(
        json.dumps(held, indent=2, ensure_ascii=False),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="personal-data.json"'},
    )
