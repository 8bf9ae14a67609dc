"""The people of an organization: who they are, what they may, asking them in, and their leaving (docs/people.md).

Account admins (in the vendor: vendor admins) change roles, invite and say who leaves; referrals admins look. Name,
address and password are the person's own: only the operator changes those of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts import registry, rules
from accounts.actions import change_role, give_role, invite_person, leave, resend_invite, revoke_invite, take_role
from accounts.actions.people import as_operator
from accounts.admin.room import Room, is_operator, keeper
from accounts.enums import HEADS, Role, Scope
from accounts.models import Invite, Membership, Organization, User
from accounts.people_forms import GrantForm, InviteForm, LeaveForm, RoleForm
from accounts.rules import roles_of, scope_words
from accounts.who import Who
from cosell import clock
from cosell.events.models import BadAddress
from cosell.web.reasons import Refused

admin.site.unregister(Group)


def acting_in(request: HttpRequest, organization: Organization) -> Who | None:
    """Who changes the people of `organization`: the operator, or its own keeper; else None."""
    if is_operator(request):
        return as_operator(request.user, organization)
    who = keeper(request, HEADS)
    return who if who and who.organization == organization else None


class HeldHere(admin.SimpleListFilter):
    """By a role in the own company; what somebody is elsewhere is not asked."""

    title, parameter_name = gettext_lazy("role"), "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        who = keeper(request, PersonAdmin.readers)
        roles = list(Role) if is_operator(request) else roles_of(who.organization) if who else []
        return [(role.value, str(role.label)) for role in roles]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if not self.value():
            return queryset
        held = Membership.objects.filter(user=OuterRef("pk"), is_active=True, role=self.value())
        if not is_operator(request):
            held = held.filter(organization=request.who.organization)
        return queryset.filter(Exists(held))


@admin.register(User)
class PersonAdmin(Room, UserAdmin):
    readers = HEADS | {Role.REFERRALS_ADMIN}
    ordering = ("email",)
    list_display = ("email", "full_name", "roles_here", "last_login", "has_factor", "is_reached")
    search_fields = ("email", "full_name")
    readonly_fields = ("roles_here", "last_login", "has_factor", "is_reached")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (gettext_lazy("Person"), {"fields": ("full_name", "phone", "language", "time_zone", "theme")}),
        (gettext_lazy("Access"), {"fields": ("is_active", "is_staff", "is_superuser", *readonly_fields)}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "usable_password", "password1", "password2")}),)
    colleague_fieldsets = (
        (None, {"fields": ("full_name", "email", "phone", "language", "time_zone")}),
        (gettext_lazy("Access"), {"fields": readonly_fields}),
    )

    def theirs(self, queryset: QuerySet[User], who: Who) -> QuerySet[User]:
        """Who works in the company; for a referrals admin of some locations, who has a role at these."""
        here = Membership.objects.filter(user=OuterRef("pk"), organization=who.organization, is_active=True)
        if not (who.has_role(*HEADS) or who.admin_reach.everything):
            here = here.filter(scope=Scope.LOCATIONS, locations__in=who.admin_reach.location_ids)
        return queryset.filter(Exists(here))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        held = Membership.objects.filter(is_active=True).select_related("organization").prefetch_related("locations")
        if not is_operator(request):
            held = held.filter(organization=request.who.organization if request.who else None)
        bad = BadAddress.objects.filter(address=Lower(OuterRef("email")))
        return (
            super()
            .get_queryset(request)
            .annotate(with_factor=Exists(factors), unreached=Exists(bad))
            .prefetch_related(Prefetch("memberships", held.order_by("pk"), to_attr="held"))
        )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_display, "is_active", "is_staff") if is_operator(request) else self.list_display

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        return (
            (HeldHere, "is_active", "is_staff", "memberships__organization") if is_operator(request) else (HeldHere,)
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return super().get_fieldsets(request, obj) if is_operator(request) else self.colleague_fieldsets

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self._holds(request, HEADS, None)

    def get_urls(self) -> list[Any]:
        wrapped = require_http_methods(["GET", "POST"])(self.admin_site.admin_view(self.leave_view))
        return [path("<int:object_id>/leave/", wrapped, name="accounts_user_leave"), *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nobody is made by others but the operator: they are asked."""
        if is_operator(request):
            return super().add_view(request, *args, **kwargs)
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("admin:accounts_invite_add")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        given = {"leaves": list(self._leaves(request, object_id)), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, given)

    def _leaves(self, request: HttpRequest, object_id: str) -> Iterator[tuple[str, str]]:
        """Which organizations the person can be taken out of by who looks: name, and address of the page."""
        person = self.get_object(request, object_id)
        for who in _takers(request, person) if person else ():
            address = reverse("admin:accounts_user_leave", args=[person.pk])
            yield who.organization.name, f"{address}?organization={who.organization.uid}"

    def leave_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What would be left behind, who takes it over; then it is done."""
        person = get_object_or_404(self.get_queryset(request), pk=object_id)
        takers = {str(who.organization.uid): who for who in _takers(request, person)}
        if not takers:
            raise PermissionDenied
        who = takers.get(request.GET.get("organization", ""), next(iter(takers.values())))
        organization = who.organization
        form = LeaveForm(request.POST if request.method == "POST" else None, person=person, organization=organization)
        reasons, status = rules.leaving_refusals(organization, person, None), 200
        if form.is_valid():
            try:
                count = leave(who, person, form.cleaned_data["successor"])
            except Refused as refused:
                reasons, status = refused.reasons, refused.status
            else:
                _say_left(request, person, count)
                return redirect("admin:accounts_user_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Leaves the company"),
            "opts": self.opts,
            "person": person,
            "organization": organization,
            "behind": [words for say in registry.left_behind if (words := say(person, organization))],
            "form": form,
            "reasons": reasons,
        }
        return render(request, "admin/accounts/user/leave.html", context, status=422 if form.errors else status)

    @admin.display(description=gettext_lazy("Roles"))
    def roles_here(self, person: User) -> str:
        return "; ".join(f"{held.get_role_display()} ({scope_words(held)})" for held in person.held)

    @admin.display(description=gettext_lazy("Second factor"), boolean=True)
    def has_factor(self, person: User) -> bool:
        return person.with_factor

    @admin.display(description=gettext_lazy("Mail arrives"), boolean=True)
    def is_reached(self, person: User) -> bool:
        return not person.unreached


def _takers(request: HttpRequest, person: User) -> Iterator[Who]:
    """Who looks, at work in each organization that they may take the person out of."""
    for organization in dict.fromkeys(membership.organization for membership in person.held):
        if who := acting_in(request, organization):
            yield who


def _say_left(request: HttpRequest, person: User, count: int) -> None:
    text = ngettext(
        "%(name)s has left; the team of %(count)d deal changed.",
        "%(name)s has left; the teams of %(count)d deals changed.",
        count,
    )
    messages.success(request, text % {"name": person.full_name, "count": count})


class Granting(Room):
    """Rows that give a role: of the own company, written by the actions."""

    changers = HEADS
    autocomplete_fields: tuple[str, ...] = ("organization", "locations")

    def theirs(self, queryset: QuerySet, who: Who) -> QuerySet:
        return queryset.filter(organization=who.organization)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("locations")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[GrantForm]:
        form = super().get_form(request, obj, **kwargs)
        form.who = None if is_operator(request) else keeper(request, HEADS)
        return form

    def without_foreign(self, request: HttpRequest, fields: list[str]) -> list[str]:
        """A company's admin chooses no organization, a partner's no markets."""
        if is_operator(request):
            return fields
        who = keeper(request, HEADS)
        left_out = {"organization"} if who and who.has_role(Role.VENDOR_ADMIN) else {"organization", "markets"}
        return [name for name in fields if name not in left_out]

    @admin.display(description=gettext_lazy("Scope"))
    def where(self, row: Membership | Invite) -> str:
        return scope_words(row)


@admin.register(Membership)
class MembershipAdmin(Granting):
    form = RoleForm
    list_display = ("user", "organization", "role", "where", "is_active")
    search_fields = ("user__email", "user__full_name")
    autocomplete_fields = ("user", *Granting.autocomplete_fields)
    list_select_related = ("user", "organization")

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        return ("role", "scope", "is_active", *(("organization",) if is_operator(request) else ()))

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        fields = self.without_foreign(request, ["user", "organization", "role", "scope", "locations", "markets"])
        return [*fields, "is_active"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Another role is given, and this one taken."""
        return ("user", "organization", "role") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """A role that was taken stays, switched off."""
        return is_operator(request)

    def save_model(self, request: HttpRequest, obj: Membership, form: RoleForm, change: bool) -> None:  # noqa: FBT001
        organization = form.organization
        who = acting_in(request, organization) if organization else None
        if who is None:
            raise PermissionDenied
        if not change:
            given = give_role(who, obj.user, form.grant)
            obj.pk, obj.organization, obj._state.adding = given.pk, given.organization, False
        elif not form.initial["is_active"]:
            if obj.is_active:
                give_role(who, obj.user, form.grant)
        elif obj.is_active:
            change_role(who, obj.pk, form.grant)
        else:
            take_role(who, obj.pk)


class OpenOnes(admin.SimpleListFilter):
    """Those that wait for an answer, unless all are asked for."""

    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", _("All"))]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("Open")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invite]) -> QuerySet[Invite]:
        is_all = self.value() == "all"
        return queryset if is_all else queryset.filter(accepted_at__isnull=True, revoked_at__isnull=True)


@admin.register(Invite)
class InviteAdmin(Granting):
    form = InviteForm
    list_display = ("email", "full_name", "organization", "role", "where", "invited_by", "expires_at", "state")
    list_filter = (OpenOnes,)
    search_fields = ("email", "full_name")
    list_select_related = ("organization", "invited_by")
    readonly_fields = ("invited_by", "created_at", "expires_at", "accepted_at", "accepted_by", "revoked_at")
    actions = ("resend", "revoke")

    def get_fields(self, request: HttpRequest, obj: Invite | None = None) -> list[str]:
        asked = ["organization", "email", "full_name", "language", "role", "scope", "locations", "markets"]
        return [*asked, *self.readonly_fields] if obj else self.without_foreign(request, asked)

    def has_change_permission(self, request: HttpRequest, obj: Invite | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invite | None = None) -> bool:
        return False

    def has_keep_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Invite, form: InviteForm, change: bool) -> None:  # noqa: FBT001
        who = acting_in(request, form.organization) if form.organization else None
        if who is None:
            raise PermissionDenied
        invite = invite_person(who, obj.email, obj.full_name, form.grant, obj.language)
        obj.pk, obj.organization, obj._state.adding = invite.pk, invite.organization, False

    @admin.action(description=gettext_lazy("Send again"), permissions=["keep"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Invite]) -> None:
        self._each(request, queryset, resend_invite, _("Sent again to %(email)s; the link before does nothing more."))

    @admin.action(description=gettext_lazy("Take back"), permissions=["keep"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invite]) -> None:
        self._each(request, queryset, revoke_invite, _("The invitation of %(email)s is taken back."))

    def _each(self, request: HttpRequest, queryset: QuerySet[Invite], act: Any, said: str) -> None:
        for invite in queryset:
            who = acting_in(request, invite.organization)
            if who is None:
                raise PermissionDenied
            try:
                act(who, invite.pk)
            except Refused as refused:
                messages.error(request, f"{invite.email}: {refused}")
            else:
                messages.success(request, said % {"email": invite.email})

    @admin.display(description=gettext_lazy("State"))
    def state(self, invite: Invite) -> str:
        if invite.accepted_at:
            return _("Accepted")
        if invite.revoked_at:
            return _("Taken back")
        return _("Ended") if invite.expires_at <= clock.now() else _("Open")
