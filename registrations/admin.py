"""For the host's admin and the operator: exchange rates, programs, blackout windows. For the operator alone: that
things happened, not what was claimed."""

from __future__ import annotations

import re
import zlib
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actions.organizations import is_host
from accounts.admin.room import LookedAt, OwnRelated, Room, Scoped
from accounts.enums import OrganizationKind, Role
from accounts.models import User
from accounts.who import Who
from cosell import clock
from registrations.models import (
    Blackout,
    Evidence,
    ExceptionRequest,
    ExchangeRate,
    Program,
    Receipt,
    Registration,
    Verdict,
    first_of_month,
)
from registrations.rates import EUR, USD, importing
from registrations.rates.ecb import MAX_BYTES, Unreadable

KEPT_SECONDS = 1_800  # between seeing what differs and wanting it replaced


class OfHost(Scoped):
    """Kept by the host for everybody."""

    changers = frozenset({Role.VENDOR_ADMIN})

    def theirs(self, queryset: QuerySet, who: Who) -> QuerySet:
        return queryset if is_host(who) else queryset.none()


# ------------------------------------------------------------------------------------------------- exchange rates


class RatesForm(forms.Form):
    """A file of rates; or the mark of one whose differences were shown, and which is to replace what is kept."""

    file = forms.FileField(label=gettext_lazy("File of the European Central Bank: XML, CSV or ZIP"), required=False)
    checked = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> None:
        if self.errors:
            return
        if checked := self.cleaned_data["checked"]:
            content = self._kept(checked)
        elif file := self.cleaned_data["file"]:
            content = file.read(MAX_BYTES + 1)
        else:
            raise forms.ValidationError(_("Choose a file."))
        try:
            self.months, self.left_out = importing.read(content)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        self.content, self.mark = content, sha256(content).hexdigest()

    def save(self) -> importing.Outcome:
        """Import it. What differs is replaced only by a file whose differences the same person has seen."""
        outcome = importing.keep(self.months, by=self.user, replaces=bool(self.cleaned_data["checked"]))
        outcome.left_out = self.left_out
        if outcome.refused:
            cache.set(self._key(self.mark), zlib.compress(self.content), KEPT_SECONDS)
        else:
            cache.delete(self._key(self.mark))
        return outcome

    def _key(self, mark: str) -> str:
        return f"rates-upload-{self.user.pk}-{mark}"

    def _kept(self, mark: str) -> bytes:
        if not (found := cache.get(self._key(mark))):
            raise forms.ValidationError(_("A file is kept for half an hour only. Choose it again."))
        return zlib.decompress(found)


class RateForm(forms.ModelForm):
    """One rate by hand, for a currency that the bank does not publish."""

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].strip().upper()
        if not re.fullmatch(r"[A-Z]{3}", code) or code == EUR:
            raise forms.ValidationError(
                _("Three letters, such as %(code)s; the euro itself has no rate.") % {"code": USD}
            )
        return code

    def clean_month(self) -> Any:
        return first_of_month(self.cleaned_data["month"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        published, month = data.get("published_on"), data.get("month")
        if published and month and published >= month:
            self.add_error("published_on", _("The rate of a month is published before the month begins."))
        return data


@admin.register(ExchangeRate)
class ExchangeRateAdmin(OfHost, Room):
    form = RateForm
    change_list_template = "admin/registrations/exchangerate/change_list.html"
    list_display = ("month", "currency", "per_euro", "published_on", "source", "imported_at", "imported_by")
    list_display_links = ("month", "currency")
    list_filter = ("month", "source")
    list_select_related = ("imported_by",)
    search_fields = ("currency",)
    date_hierarchy = "month"

    def get_urls(self) -> list[Any]:
        wrapped = require_http_methods(["GET", "POST"])(self.admin_site.admin_view(self.import_view))
        return [path("import/", wrapped, name="registrations_exchangerate_import"), *super().get_urls()]

    def may_import(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_import": self.may_import(request), **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: ExchangeRate, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        obj.imported_at, obj.imported_by = clock.now(), request.user
        super().save_model(request, obj, form, change)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Imports what is new. Where months are kept with other rates it shows them, and asks."""
        if not self.may_import(request):
            raise PermissionDenied
        form = RatesForm(*((request.POST, request.FILES) if request.method == "POST" else ()), user=request.user)
        outcome = form.save() if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import exchange rates"),
            "opts": self.opts,
            "form": form,
            "outcome": outcome,
        }
        failed = request.method == "POST" and (outcome is None or outcome.refused)
        page = "admin/registrations/exchangerate/import.html"
        return render(request, page, context, status=422 if failed else 200)


# ------------------------------------------------------------------------------------------------------- programs


class BlackoutInline(OfHost, admin.TabularInline):
    model = Blackout
    extra = 0


@admin.register(Program)
class ProgramAdmin(OfHost, Room):
    """The programs themselves are code: here is how they are run."""

    list_display = ("code", "is_open", "target_days", "exception_days", "country", "time_zone", "draw_percent")
    readonly_fields = ("code",)
    inlines = (BlackoutInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "second_reviewer":
            kwargs["queryset"] = reviewers()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def reviewers() -> QuerySet[User]:
    """Who may decide about registrations at the host."""
    return User.objects.filter(
        is_active=True,
        memberships__is_active=True,
        memberships__organization__kind=OrganizationKind.VENDOR,
        memberships__role__in=(Role.REVIEWER, Role.VENDOR_ADMIN),
    ).distinct()


@admin.register(Blackout)
class BlackoutAdmin(OfHost, Room):
    list_display = ("name", "program", "starts_at", "ends_at")
    list_filter = (("program", OwnRelated),)
    list_select_related = ("program",)
    search_fields = ("name",)


# ------------------------------------------------------------------------------------------------------ looked at


class OnlyListed(LookedAt):
    """That something is there and where it stands: no page here shows what was claimed, said or attached.

    It runs across organizations, so it has no readers but the operator.
    """

    list_display_links = None
    ordering = ("-pk",)
    of_engagement = "engagement"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return obj is None and super().has_view_permission(request)

    search_fields = ("uid",)  # shows the box; how it searches stands in get_search_results
    search_help_text = gettext_lazy("Reference of the deal, such as CS-1042.")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not (term := search_term.strip()):
            return queryset, False
        found = re.fullmatch(r"(?:CS-)?(\d{1,9})", term, re.IGNORECASE | re.ASCII)
        return (queryset.filter(**{f"{self.of_engagement}_id": int(found[1])}) if found else queryset.none()), False

    @admin.display(description=gettext_lazy("Deal"))
    def reference(self, row: Any) -> str:
        for name in self.of_engagement.split("__"):
            row = getattr(row, name)
        return str(row)


@admin.register(Registration)
class RegistrationAdmin(OnlyListed):
    list_display = (
        "reference",
        "organization",
        "program",
        "state",
        "number",
        "submitted_at",
        "due_at",
        "escalated_at",
        "assigned_to",
        "claimed_by",
        "decided_at",
        "closed_at",
        "rate_month",
    )
    list_filter = ("state", ("program", OwnRelated), "level")
    list_select_related = ("engagement", "deal__organization", "program", "assigned_to", "claimed_by")

    @admin.display(description=gettext_lazy("Organization"))
    def organization(self, row: Registration) -> str:
        return row.deal.organization.name


@admin.register(Verdict)
class VerdictAdmin(OnlyListed):
    of_engagement = "registration__engagement"
    list_display = (
        "reference",
        "round",
        "level",
        "outcome",
        "by",
        "at",
        "waited",
        "was_late",
        "undone_at",
        "overturned_at",
    )
    list_filter = ("outcome", "level", "was_late")
    list_select_related = ("registration__engagement", "by")


@admin.register(ExceptionRequest)
class ExceptionRequestAdmin(OnlyListed):
    of_engagement = "deal__engagement"
    list_display = ("reference", "program", "state", "by", "at", "due_at", "escalated_at", "decided_by", "decided_at")
    list_filter = ("state", ("program", OwnRelated))
    list_select_related = ("deal__engagement", "program", "by", "decided_by")


@admin.register(Evidence)
class EvidenceAdmin(OnlyListed):
    of_engagement = "registration__engagement"
    list_display = ("reference", "kind", "size", "received", "scan", "sha256", "by", "at", "removed_at")
    list_filter = ("kind", "scan")
    list_select_related = ("registration__engagement", "by")


@admin.register(Receipt)
class ReceiptAdmin(OnlyListed):
    of_engagement = "registration__engagement"
    list_display = ("reference", "kind", "number", "key", "event_seq", "at")
    list_filter = ("kind",)
    list_select_related = ("registration__engagement", "key")
