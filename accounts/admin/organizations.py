"""Organizations and their program locations."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.room import PickedFields
from accounts.models import Location, Organization


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
