"""The catalog of solutions, and the words of the taxonomy that the host keeps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actions import organizations as actions
from accounts.admin.organizations import by_host
from accounts.admin.room import OwnRelated, Room, acting, is_operator, keeper
from accounts.enums import OrganizationKind, Role
from accounts.models import Organization, PartnerProgram, Solution, SolutionArea, SolutionPlay
from accounts.who import Who

SAID = ("name", "kind", "location", "is_active")
DECIDED = ("code", "status", "bizapps", "macc_eligible", "incentivized")


@admin.register(Solution)
class SolutionAdmin(Room):
    readers = frozenset({Role.ACCOUNT_ADMIN, Role.REFERRALS_ADMIN})
    changers = frozenset({Role.SOLUTION_ADMIN, Role.VENDOR_ADMIN})
    search_fields = ("name", "code")
    autocomplete_fields = ("organization", "location")
    list_select_related = ("organization",)

    def theirs(self, queryset: QuerySet[Solution], who: Who) -> QuerySet[Solution]:
        """One's own; for the host's admin also the partners'."""
        return queryset if actions.is_host(who) else queryset.filter(organization=who.organization)

    def _sees_all(self, request: HttpRequest) -> bool:
        return is_operator(request) or actions.is_host(request.who)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        organization = ("organization",) if self._sees_all(request) else ()
        return ("name", "code", *organization, "kind", "status", "macc_eligible", "incentivized", "is_active")

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        organization = (("organization", OwnRelated),) if self._sees_all(request) else ()
        return ("kind", "status", "macc_eligible", "is_active", *organization)

    def has_delete_permission(self, request: HttpRequest, obj: Solution | None = None) -> bool:
        """One that is no longer offered is switched off, and stays on the deals that have it."""
        return is_operator(request)

    def _free(self, request: HttpRequest, obj: Solution | None) -> frozenset[str]:
        by = acting(request)
        return actions.solution_fields(by, obj.organization if obj else getattr(by, "organization", Organization()))

    def get_fieldsets(self, request: HttpRequest, obj: Solution | None = None) -> list[Any]:
        """A location of a partner is known to nobody at the host."""
        whose = ("organization",) if self._sees_all(request) and (obj or is_operator(request)) else ()
        at_home = is_operator(request) or obj is None or request.who.organization == obj.organization
        said = SAID if at_home else tuple(name for name in SAID if name != "location")
        decided = {"fields": DECIDED}
        if not actions.STATUS & self._free(request, obj):
            if obj is None:
                return [(None, {"fields": said})]
            decided["description"] = by_host()
        return [(None, {"fields": (*whose, *said)}), (_("Standing"), decided)]

    def get_readonly_fields(self, request: HttpRequest, obj: Solution | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        free = self._free(request, obj)
        return ("organization", *(name for name in (*SAID, *DECIDED) if name not in free))

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """To a partner only the kinds that partners have are offered."""
        who = keeper(request, self.changers)
        if db_field.name == "kind" and who and who.organization.kind == OrganizationKind.PARTNER:
            kwargs["choices"] = [("", "---------"), *((kind.value, kind.label) for kind in actions.PARTNER_KINDS)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "code":
            field.required, field.help_text = False, _("Empty: one is made.")
        return field

    def save_model(self, request: HttpRequest, obj: Solution, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        values = {name: value for name, value in form.cleaned_data.items() if name != "organization"}
        organization = obj.organization_id if change or is_operator(request) else request.who.organization.pk
        saved = actions.save_solution(acting(request), organization, obj.pk, values)
        obj.pk, obj.organization_id = saved.pk, saved.organization_id


class WordAdmin(Room):
    """A word of the taxonomy: one that is no longer offered is switched off, and stays on the deals that have it."""

    changers = frozenset({Role.VENDOR_ADMIN})
    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)

    def theirs(self, queryset: QuerySet, who: Who) -> QuerySet:
        """The host keeps them for everybody."""
        return queryset if actions.is_host(who) else queryset.none()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)


@admin.register(SolutionPlay)
class SolutionPlayAdmin(WordAdmin):
    list_display = ("name", "area", "is_active")
    list_filter = (("area", OwnRelated), "is_active")
    list_select_related = ("area",)
    autocomplete_fields = ("area",)


admin.site.register((SolutionArea, PartnerProgram), WordAdmin)
