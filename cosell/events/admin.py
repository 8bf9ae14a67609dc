"""For the operator: what happened, what was sent, and what could not be."""

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from cosell.events import outbox
from cosell.events.models import Delivery, Event
from cosell.events.queries import DeliveryQuerySet


class ReadOnly(admin.ModelAdmin):
    """Only the operator sees it: it runs across organizations."""

    show_full_result_count = False
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnly):
    """That something happened, not what was said: no page here shows data or details of a deal."""

    list_display = ["at", "stream", "seq", "kind", "actor", "organization", "visibility"]
    list_filter = ["visibility"]
    list_display_links = None
    list_select_related = ["actor", "organization"]
    search_fields = ["stream", "kind"]
    ordering = ["-pk"]

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return obj is None and super().has_view_permission(request)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["created_at", "message", "channel", "address", "user", "state", "attempts", "last_error"]
    list_filter = ["state", "channel", "message"]
    list_select_related = ["user"]
    search_fields = ["address", "user__email", "uid"]
    ordering = ["-pk"]
    actions = ["resend", "cancel"]
    fields = [
        "uid",
        "message",
        "channel",
        "address",
        "user",
        "language",
        "time_zone",
        "state",
        "not_before",
        "next_try_at",
        "claimed_at",
        "attempts",
        "unknown_outcomes",
        "last_error",
        "sent_at",
        "read_at",
        "created_at",
    ]

    @admin.action(description=gettext_lazy("Send again (failed and waiting mails)"))
    def resend(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        count = outbox.resend(queryset)
        words = ngettext("%(count)d mail will be sent again.", "%(count)d mails will be sent again.", count)
        messages.success(request, words % {"count": count})

    @admin.action(description=gettext_lazy("Cancel (mails that were not sent)"))
    def cancel(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        count = outbox.cancel(queryset)
        words = ngettext("%(count)d mail was cancelled.", "%(count)d mails were cancelled.", count)
        messages.success(request, words % {"count": count})
