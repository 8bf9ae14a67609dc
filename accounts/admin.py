"""Repair by the operator. Rooms for the referrals admins of one company come with their own scoping."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.forms import MembershipForm, country_field, time_zone_field
from accounts.importing.rows import COLUMNS, REQUIRED, bare_domain
from accounts.importing.upload import UploadForm, too_big
from accounts.models import (
    CustomerAccount,
    CustomerImport,
    Location,
    Membership,
    Organization,
    PartnerProgram,
    Solution,
    SolutionArea,
    SolutionPlay,
    User,
)
from accounts.names import name_key, quoted
from accounts.search import Holds

COUNTED = 1_000

admin.site.unregister(Group)
admin.site.login = secure_admin_login(admin.site.login)  # one way in, with its throttle


class PickedFields(admin.options.BaseModelAdmin):
    """Countries and time zones are chosen, never typed: one that does not exist would break every page."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        fields = {"country": country_field, "time_zone": time_zone_field}
        if db_field.name in fields:
            return fields[db_field.name]()
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(User)
class PersonAdmin(PickedFields, UserAdmin):
    ordering = ("email",)
    list_display = ("email", "full_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__organization")
    search_fields = ("email", "full_name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("full_name", "phone", "language", "time_zone", "theme")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "usable_password", "password1", "password2")}),)
    filter_horizontal = ()


class LocationInline(PickedFields, admin.TabularInline):
    model = Location
    extra = 0
    min_num = 1  # the global one
    readonly_fields = ("is_global",)

    def get_formset(self, request: HttpRequest, obj: Organization | None = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_min=True, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(PickedFields, admin.ModelAdmin):
    list_display = ("name", "kind", "country", "in_ecosystem", "transacts", "solutions_partner")
    list_filter = ("kind", "in_ecosystem", "transacts")
    search_fields = ("name", "locations__partner_id")
    inlines = (LocationInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Exactly one location of an organization is the global one: the first."""
        super().save_related(request, form, formsets, change)
        locations = form.instance.locations
        if not locations.filter(is_global=True).exists():
            locations.filter(pk=locations.order_by("pk").values("pk")[:1]).update(is_global=True)


@admin.register(Location)
class LocationAdmin(PickedFields, admin.ModelAdmin):
    list_display = ("name", "partner_id", "organization", "country", "city", "is_global")
    list_filter = ("is_global",)
    search_fields = ("name", "partner_id", "organization__name")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)

    def get_readonly_fields(self, request: HttpRequest, obj: Location | None = None) -> tuple[str, ...]:
        return ("is_global", "organization") if obj else ("is_global",)

    def has_delete_permission(self, request: HttpRequest, obj: Location | None = None) -> bool:
        """One at a time, and never the global one."""
        return obj is not None and not obj.is_global and super().has_delete_permission(request, obj)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    form = MembershipForm
    list_display = ("user", "organization", "role", "scope", "is_active")
    list_filter = ("role", "scope", "is_active", "organization")
    search_fields = ("user__email", "user__full_name", "organization__name")
    autocomplete_fields = ("user", "organization", "locations")
    list_select_related = ("user", "organization")


@admin.register(Solution)
class SolutionAdmin(admin.ModelAdmin):
    list_display = ("name", "code", "organization", "kind", "status", "macc_eligible", "incentivized", "is_active")
    list_filter = ("kind", "status", "macc_eligible", "organization")
    search_fields = ("name", "code")
    autocomplete_fields = ("organization",)
    list_select_related = ("organization",)


class WordAdmin(admin.ModelAdmin):
    """A word of the taxonomy: one that is no longer offered is switched off, and stays on the deals that have it."""

    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)


@admin.register(SolutionPlay)
class SolutionPlayAdmin(WordAdmin):
    list_display = ("name", "area", "is_active")
    list_filter = ("area", "is_active")
    list_select_related = ("area",)
    autocomplete_fields = ("area",)


admin.site.register((SolutionArea, PartnerProgram), WordAdmin)


class CountedSoFar(Paginator):
    """Nobody leafs through five million rows: only the first ones are counted, and can be leafed through."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()


@admin.register(CustomerAccount)
class CustomerAccountAdmin(PickedFields, admin.ModelAdmin):
    """No page reads the whole table: accounts are found by its indexes, and else listed from the newest."""

    change_list_template = "admin/accounts/customeraccount/change_list.html"
    list_display = ("name", "account_id", "city", "country", "category", "macc", "federal", "entered_by")
    list_filter = ("category",)
    list_select_related = ("entered_by",)
    search_fields = ("account_id",)  # shows the box; how it searches stands in get_search_results
    search_help_text = _("Account ID, D-U-N-S, domain, or words of a name.")
    autocomplete_fields = ("parent", "entered_by", "team")
    ordering = ("-pk",)
    sortable_by = ()
    paginator = CountedSoFar
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """No index goes by name: so the planner takes the index of what is searched for, and sorts what it found."""
        is_search = request.GET.get("q") or request.GET.get("term")
        return ("name", "pk") if is_search else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """By an ID, or by the words of any of the names; the last may be a beginning."""
        term = search_term.replace("\0", "").strip()
        if not term:
            return queryset, False
        found = models.Q(account_id__in={term, term.upper()})
        if duns := term.replace("-", ""):
            found |= models.Q(duns=duns)
        if domain := bare_domain(term):
            found |= models.Q(domain=domain)
        if words := [quoted(word[:250]) for word in name_key(term).split()]:
            found |= models.Q(Holds(models.F("search_vector"), " & ".join(words) + ":*"))
        return queryset.filter(found), False

    def get_urls(self) -> list[Any]:
        wrapped = self.admin_site.admin_view(self.import_view)
        return [path("import/", wrapped, name="accounts_customeraccount_import"), *super().get_urls()]

    def may_import(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_import": self.may_import(request), **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """First what would happen; then, by the mark of what was checked, the import."""
        if not self.may_import(request):
            raise PermissionDenied
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*given, user=request.user)
        outcome, imports = None, bool(request.POST.get("checked"))
        if form.is_valid():
            outcome = form.load() if imports else form.rehearse()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import customers"),
            "opts": self.opts,
            "form": form,
            "outcome": outcome,
            "imported": imports,
            "columns": COLUMNS,
            "required": REQUIRED,
            "last": CustomerImport.objects.select_related("by")[:5],
            "too_big": too_big(),
        }
        refused = request.method == "POST" and outcome is None
        return render(request, "admin/accounts/customeraccount/import.html", context, status=422 if refused else 200)
