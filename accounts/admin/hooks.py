"""The chats that a company is told in, and the addresses that mail does not reach (docs/mail.md)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.actions import hooks as actions
from accounts.admin.room import LookedAt, OwnRelated, Room, acting, is_operator
from accounts.enums import Role
from accounts.models import Invite, User
from accounts.who import Who
from cosell.events import bounces, chat
from cosell.events.enums import ChatService
from cosell.events.models import BadAddress, ChatHook
from cosell.web import outside

ADMINS = frozenset({*actions.HEADS, Role.REFERRALS_ADMIN})


class HookForm(forms.ModelForm):
    """The address is typed, and never shown."""

    address = forms.URLField(
        label=gettext_lazy("address"),
        max_length=600,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput({"autocomplete": "off", "class": "vURLField"}),
        help_text=gettext_lazy(
            "The incoming webhook that the chat gave you. Never shown again; empty keeps the one that is there."
        ),
    )

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if address and (refusal := outside.refusal(address)):
            raise forms.ValidationError(refusal)
        return address

    @property
    def given(self) -> actions.Hook:
        cleaned = self.cleaned_data
        return actions.Hook(
            cleaned["name"],
            ChatService(cleaned["service"]),
            cleaned["address"],
            cleaned.get("location"),
            cleaned["is_active"],
        )


@admin.register(ChatHook)
class ChatHookAdmin(Room):
    form = HookForm
    readers = changers = ADMINS
    change_form_template = "admin/events/chathook/change_form.html"
    list_select_related = ("organization", "location")
    search_fields = ("name",)
    list_filter = ("service", ("location", OwnRelated))
    kept = ("shown", "last_ok_at", "failing_since", "last_error")

    def theirs(self, queryset: QuerySet[ChatHook], who: Who) -> QuerySet[ChatHook]:
        own = queryset.filter(organization=who.organization)
        return (
            own if actions.keeps_all(who, who.organization) else own.filter(location__in=who.admin_reach.location_ids)
        )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        organization = ("organization",) if is_operator(request) else ()
        return ("name", *organization, "location", "service", "shown", "is_active", "last_ok_at", "failing_since")

    def get_fields(self, request: HttpRequest, obj: ChatHook | None = None) -> tuple[str, ...]:
        organization = ("organization",) if is_operator(request) else ()
        return (*organization, "name", "service", "location", "address", "is_active", *(self.kept if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: ChatHook | None = None) -> tuple[str, ...]:
        return (*self.kept, *(("organization",) if obj else ()))

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """A company has few locations; the operator chooses among those of all."""
        return ("organization", "location") if is_operator(request) else ()

    def save_model(self, request: HttpRequest, obj: ChatHook, form: HookForm, change: bool) -> None:  # noqa: FBT001  Django's signature
        organization = obj.organization_id if change or is_operator(request) else request.who.organization.pk
        saved = actions.save_hook(acting(request), organization, obj.pk, form.given)
        obj.pk, obj.organization_id = saved.pk, saved.organization_id

    def delete_model(self, request: HttpRequest, obj: ChatHook) -> None:
        actions.delete_hook(acting(request), obj.organization_id, obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ChatHook]) -> None:
        for hook in queryset.order_by("pk"):
            self.delete_model(request, hook)

    def get_urls(self) -> list[Any]:
        wrapped = require_POST(self.admin_site.admin_view(self.try_view))
        return [path("<int:object_id>/try/", wrapped, name="events_chathook_try"), *super().get_urls()]

    def try_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say something there, as it is saved, and say what came of it."""
        hook = get_object_or_404(self.get_queryset(request).select_related("organization", "location"), pk=object_id)
        if wrong := chat.try_hook(hook):
            messages.error(request, _("The chat did not take it. %(why)s") % {"why": wrong})
        else:
            messages.success(request, _("The chat took it: the line stands there now."))
        return redirect("admin:events_chathook_change", hook.pk)

    @admin.display(description=gettext_lazy("address"))
    def shown(self, hook: ChatHook) -> str:
        return actions.masked(hook.url)


@admin.register(BadAddress)
class BadAddressAdmin(LookedAt):
    readers = ADMINS
    list_display = ("address", "since", "reason")
    list_display_links = None
    search_fields = ("address",)
    ordering = ("-since", "pk")
    actions = ("reached_again",)

    def theirs(self, queryset: QuerySet[BadAddress], who: Who) -> QuerySet[BadAddress]:
        """Of the people that the admin sees, and of whom the company asked to join."""
        people = self.admin_site.get_model_admin(User).theirs(User.objects.all(), who)
        theirs = Q(address__in=people.values(low=Lower("email")))
        if actions.keeps_all(who, who.organization):
            asked = Invite.objects.filter(organization=who.organization)
            theirs |= Q(address__in=asked.values(low=Lower("email")))
        return queryset.filter(theirs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """All that there is to see stands in the list."""
        return obj is None and super().has_view_permission(request)

    @admin.action(description=gettext_lazy("They are reached again"))
    def reached_again(self, request: HttpRequest, queryset: QuerySet[BadAddress]) -> None:
        count = bounces.reached_again(queryset.values_list("address", flat=True))
        words = ngettext("%(count)d address counts as reached.", "%(count)d addresses count as reached.", count)
        messages.success(request, words % {"count": count})
