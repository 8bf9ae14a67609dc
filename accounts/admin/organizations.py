"""Companies and their program locations. What the host decides about a partner is read there, and changed here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import organizations as actions
from accounts.admin.room import Room, acting, is_operator, keeper
from accounts.enums import KEEPERS, Role
from accounts.models import Location, Organization
from accounts.who import Who

DECIDED = (
    "name",
    "country",
    "in_ecosystem",
    "transacts",
    "solutions_partner",
    "specialization",
    "azure_expert_msp",
    "assessment_vetted",
    "matches_accounts",
)
SAID = ("description", "website", "language", "time_zone")
SIGNING_IN = ("requires_mfa", "acts_from_mail")


def by_host() -> str:
    """Who decides, by name."""
    return _("%(host)s decides this.") % {"host": Organization.objects.host().name}


class NewOrganizationForm(forms.ModelForm):
    """A company begins with its global location."""

    partner_id = forms.CharField(label=gettext_lazy("PartnerID"), max_length=20)
    city = forms.CharField(label=gettext_lazy("City"), max_length=80, required=False)

    def clean_partner_id(self) -> str:
        partner_id = self.cleaned_data["partner_id"].strip()
        if Location.objects.filter(partner_id=partner_id).exists():
            raise forms.ValidationError(_("This PartnerID is taken."))
        return partner_id


@admin.register(Organization)
class OrganizationAdmin(Room):
    readers = KEEPERS
    search_fields = ("name", "locations__partner_id")

    def theirs(self, queryset: QuerySet[Organization], who: Who) -> QuerySet[Organization]:
        """One's own; for the host's admin also the partners."""
        return queryset if actions.is_host(who) else queryset.filter(pk=who.organization.pk)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Which location a partner has is known to the operator alone."""
        return self.search_fields if is_operator(request) else ("name",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "kind", "country", "in_ecosystem", "transacts", "solutions_partner")

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        sees_all = is_operator(request) or actions.is_host(request.who)
        return ("kind", "in_ecosystem", "transacts") if sees_all else ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request) or bool(request.who and actions.is_host(request.who))

    def has_change_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        if is_operator(request):
            return True
        return obj is not None and self.has_view_permission(request, obj) and bool(self._free(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        return is_operator(request)

    def _free(self, request: HttpRequest, obj: Organization) -> frozenset[str]:
        return actions.profile_fields(acting(request), obj)

    def get_form(self, request: HttpRequest, obj: Organization | None = None, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewOrganizationForm
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Organization | None = None) -> list[Any]:
        """To the host's admin a partner's own words are shown, and nothing of how its people sign in."""
        if obj is None:
            kind = ("kind",) if is_operator(request) else ()
            return [(None, {"fields": (*kind, *DECIDED, "language", "time_zone", "partner_id", "city")})]
        sees_doors = is_operator(request) or request.who.organization == obj
        kind = ("kind",) if is_operator(request) else ()
        decided = {"fields": (*kind, *DECIDED)}
        if not actions.BY_HOST & self._free(request, obj):
            decided["description"] = by_host()
        doors = [(_("Signing in and answering"), {"fields": SIGNING_IN})] if sees_doors else []
        return [(_("Profile"), {"fields": SAID}), *doors, (_("Standing"), decided)]

    def get_readonly_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        free = self._free(request, obj)
        return tuple(name for name in (*SAID, *SIGNING_IN, *DECIDED) if name not in free)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Through the action, which also says what an organization that is new here is."""
        values = dict(form.cleaned_data)
        if change:
            actions.change_profile(acting(request), obj.pk, values)
            return
        place = {name: values.pop(name) for name in ("partner_id", "city")}
        obj.pk = actions.add_organization(acting(request), values, **place).pk
        obj.refresh_from_db()


@admin.register(Location)
class LocationAdmin(Room):
    readers = frozenset({Role.SOLUTION_ADMIN})
    changers = frozenset({Role.ACCOUNT_ADMIN, Role.REFERRALS_ADMIN, Role.VENDOR_ADMIN})
    list_filter = ("is_global",)
    search_fields = ("name", "partner_id", "city")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)

    def theirs(self, queryset: QuerySet[Location], who: Who) -> QuerySet[Location]:
        """Of the own company; for a referrals admin of some locations these, and the global one to look at."""
        own = queryset.filter(organization=who.organization)
        if who.has_role(Role.ACCOUNT_ADMIN, Role.SOLUTION_ADMIN) or who.admin_reach.everything:
            return own
        return own.filter(pk__in=who.admin_reach.location_ids)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        organization = ("organization",) if is_operator(request) else ()
        return ("name", "partner_id", *organization, "country", "city", "is_global")

    def get_fields(self, request: HttpRequest, obj: Location | None = None) -> tuple[str, ...]:
        organization = ("organization",) if is_operator(request) else ()
        is_global = ("is_global",) if obj else ()
        return (*organization, "name", "partner_id", "country", "city", *is_global)

    def get_readonly_fields(self, request: HttpRequest, obj: Location | None = None) -> tuple[str, ...]:
        return ("is_global", "organization", "partner_id") if obj else ()

    def _may(self, request: HttpRequest, obj: Location | None) -> bool:
        if is_operator(request):
            return True
        if not keeper(request, self.changers) or (obj is not None and not self._is_theirs(request, obj)):
            return False
        return actions.may_change_location(request.who, request.who.organization, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Location | None = None) -> bool:
        return super().has_change_permission(request) if obj is None else self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Location | None = None) -> bool:
        """One at a time, and never the global one."""
        return obj is not None and not obj.is_global and self._may(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What keeps a location is said before anybody tries."""
        named, counts, perms, protected = super().get_deleted_objects(objs, request)
        reasons = [f"{reason.text} {reason.fix}" for location in objs for reason in actions.staying(location)]
        return named, counts, perms, [*reasons, *protected]

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        values = {name: value for name, value in form.cleaned_data.items() if name != "organization"}
        organization = obj.organization_id if change or is_operator(request) else request.who.organization.pk
        saved = actions.save_location(acting(request), organization, obj.pk, values)
        obj.pk, obj.organization_id = saved.pk, saved.organization_id

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        actions.remove_location(acting(request), obj.organization_id, obj.pk)
