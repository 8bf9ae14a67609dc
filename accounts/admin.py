"""Repair by the operator. Rooms for the referrals admins of one company come with their own scoping."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount, Location, Membership, Organization, Solution, User

admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin):
    ordering = ("email",)
    list_display = ("email", "full_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "full_name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("full_name", "phone", "language", "time_zone", "theme")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "password1", "password2")}),)
    filter_horizontal = ()


class LocationInline(admin.TabularInline):
    model = Location
    extra = 0
    readonly_fields = ("is_global",)

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "country", "in_ecosystem", "transacts")
    list_filter = ("kind", "in_ecosystem")
    search_fields = ("name",)
    inlines = (LocationInline,)

    def save_related(self, request: HttpRequest, form: object, formsets: object, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Exactly one location of an organization is the global one: the first."""
        super().save_related(request, form, formsets, change)
        with transaction.atomic():
            locations = form.instance.locations
            if not locations.filter(is_global=True).exists() and (first := locations.order_by("pk").first()):
                locations.filter(pk=first.pk).update(is_global=True)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "organization", "role", "scope", "is_active")
    list_filter = ("role", "scope", "is_active", "organization")
    search_fields = ("user__email", "user__full_name", "organization__name")
    autocomplete_fields = ("user", "organization")
    filter_horizontal = ("locations",)
    list_select_related = ("user", "organization")


@admin.register(Solution)
class SolutionAdmin(admin.ModelAdmin):
    list_display = ("name", "code", "organization", "kind", "status", "macc_eligible", "incentivized", "is_active")
    list_filter = ("kind", "status", "macc_eligible", "organization")
    search_fields = ("name", "code")
    autocomplete_fields = ("organization",)
    list_select_related = ("organization",)


@admin.register(CustomerAccount)
class CustomerAccountAdmin(admin.ModelAdmin):
    list_display = ("name", "city", "country", "category", "macc", "federal")
    list_filter = ("category", "macc", "federal", "country")
    search_fields = ("name", "account_id", "duns", "domain", "search_text")
    autocomplete_fields = ("parent", "entered_by", "team")
