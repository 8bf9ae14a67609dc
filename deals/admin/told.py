"""What happened, and what was sent about it: to the operator that it is there, to a company's admins what is theirs.

An admin reads of a deal what its timeline shows, and of messages those to the company's own people; whom other
companies told is none of theirs. Nobody reads here what was written in an entry of the history.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.admin.room import CountedSoFar, LookedAt, is_operator, keeper
from accounts.enums import HEADS, OrganizationKind
from accounts.enums import EventKind as OfPeople
from accounts.models import Membership
from accounts.who import Who
from cosell.events import catalogue, letters, outbox
from cosell.events.enums import CARRIED, Channel
from cosell.events.enums import Visibility as Seen
from cosell.events.models import Delivery, Event
from cosell.events.queries import DeliveryQuerySet
from deals import registry
from deals.admin.deals import ADMINS, kept_deals
from deals.disclosure import ANSWERED_NOT
from deals.enums import UNANSWERED, EventKind, Stage
from deals.models import TeamMember

COMPANY, PERSON = "organization:", "person:"


# ----------------------------------------------------------------------------------------------------- which of them


def _sides(who: Who) -> QuerySet:
    """The deals kept by `who`, with the name of their chain."""
    stream = Concat(Value("engagement:"), Cast("engagement__uid", CharField()), output_field=CharField())
    return kept_deals(who).annotate(chain=stream)


def readable_events(who: Who) -> Q:
    """As `disclosure.timeline` has it for each deal; then those of the company and its people (account admins)."""
    here = _sides(who).filter(chain=OuterRef("stream"))
    visible = Q(visibility=Seen.ENGAGEMENT) | Q(organization=who.organization)
    if who.organization.kind == OrganizationKind.VENDOR:
        visible |= Q(visibility=Seen.HOST)
    said_to_us = Q(organization=who.organization) | Q(data__note_for="all")
    out_again = here.filter(Q(stage=Stage.RECEIVED) | Q(stage__in=UNANSWERED, closed_at__gte=OuterRef("at")))
    of_deals = visible & (Q(Exists(here.exclude(stage__in=ANSWERED_NOT))) | said_to_us & Q(Exists(out_again)))
    of_company = Q(organization=who.organization, stream__startswith=COMPANY)
    if who.has_role(*HEADS):
        of_company |= Q(organization=who.organization, stream__startswith=PERSON)
    elif not who.admin_reach.everything:
        return of_deals
    return of_deals | of_company


def readable_deliveries(who: Who) -> Q:
    """To people who work here and nowhere else, to bare addresses on our teams, to our chats; about what we may read.

    Who works for two companies may have been told for the other one.
    """
    events = Event.objects.filter(readable_events(who), pk=OuterRef("event_id"))
    of_deals = events.filter(stream__startswith="engagement:")
    works = Membership.objects.filter(user=OuterRef("user_id"))
    person = Q(Exists(works.filter(organization=who.organization))) & ~Q(
        Exists(works.exclude(organization=who.organization))
    )
    teams = TeamMember.objects.filter(email__iexact=OuterRef("address"))
    ours = teams.filter(deal__in=kept_deals(who))
    bare = Q(user=None, hook=None) & Q(Exists(ours)) & ~Q(Exists(teams.exclude(deal__organization=who.organization)))
    to_us = person | bare | Q(hook__organization=who.organization)
    about_company = events.filter(organization=who.organization, stream__startswith=COMPANY)
    asked_in = Q(event__kind__in=(OfPeople.INVITED, OfPeople.INVITE_REVOKED)) & Q(Exists(about_company))
    return Q(channel__in=CARRIED) & (to_us & (Q(Exists(of_deals)) | Q(Exists(about_company))) | asked_in)


# -------------------------------------------------------------------------------------------------------- their pages


@admin.register(Event)
class EventAdmin(LookedAt):
    """That something happened, not what was said: no page here shows data or details of a deal."""

    readers = ADMINS | HEADS
    list_display_links = None
    list_select_related = ("actor", "organization")
    search_fields = ("stream", "kind")
    ordering = ("-pk",)
    paginator = CountedSoFar
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def theirs(self, queryset: QuerySet[Event], who: Who) -> QuerySet[Event]:
        return queryset.filter(readable_events(who))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        if is_operator(request):
            return ("at", "stream", "seq", "kind", "actor", "organization", "visibility")
        return ("at", "happened", "about", self._by(request.who), "visibility")

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        return ("visibility",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.search_fields if is_operator(request) else ("kind",)

    @staticmethod
    def _by(who: Who) -> Any:
        """Who did it, if one of ours."""
        ours = set(who.organization.memberships.values_list("user_id", flat=True))

        @admin.display(description=gettext_lazy("By"))
        def by(event: Event) -> str:
            return str(event.actor) if event.actor and event.actor_id in ours else "–"

        return by

    @admin.display(description=gettext_lazy("What"))
    def happened(self, event: Event) -> str:
        return _title(event.kind)

    @admin.display(description=gettext_lazy("Of"))
    def about(self, event: Event) -> str:
        if event.stream.startswith(COMPANY):
            return _("Company")
        return _("Person") if event.stream.startswith(PERSON) else _("Deal")


def _title(kind: str) -> str:
    """What happened, in words; a kind that nothing has words for by its code."""
    if kind in registry.titles:
        return str(registry.titles[kind])
    for kinds in (EventKind, OfPeople):
        if kind in kinds.values:
            return str(kinds(kind).label)
    return kind


@admin.register(Delivery)
class DeliveryAdmin(LookedAt):
    readers = ADMINS | HEADS
    list_filter = ("state", "channel")
    list_select_related = ("user", "hook", "event")
    search_fields = ("address", "user__email", "user__full_name")
    ordering = ("-pk",)
    paginator = CountedSoFar
    show_facets = admin.ShowFacets.NEVER
    actions = ("resend", "cancel")
    operators = (
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
    )
    keepers = (
        "letter",
        "about",
        "to",
        "channel",
        "state",
        "not_before",
        "next_try_at",
        "attempts",
        "last_error",
        "sent_at",
        "created_at",
    )

    def theirs(self, queryset: QuerySet[Delivery], who: Who) -> QuerySet[Delivery]:
        return queryset.filter(readable_deliveries(who))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        to = ("address", "user") if is_operator(request) else ("to",)
        what = "message" if is_operator(request) else "about"
        return ("created_at", what, "channel", *to, "state", "attempts", "last_error")

    def get_list_filter(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_filter, "message") if is_operator(request) else self.list_filter

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.search_fields, "uid") if is_operator(request) else self.search_fields

    def get_fields(self, request: HttpRequest, obj: Delivery | None = None) -> tuple[str, ...]:
        return self.operators if is_operator(request) else self.keepers

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def get_urls(self) -> list[Any]:
        wrapped = require_safe(self.admin_site.admin_view(self.letter_view))
        return [path("<int:object_id>/letter/", wrapped, name="events_delivery_letter"), *super().get_urls()]

    def letter_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What was sent, to who may open that deal; without the doors that are its reader's alone."""
        if keeper(request, self.readers) is None or is_operator(request):
            raise Http404
        rows = self.get_queryset(request).filter(event__stream__startswith="engagement:", channel=Channel.MAIL)
        delivery = get_object_or_404(rows.with_event(), pk=object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What was sent"),
            "opts": self.opts,
            "delivery": delivery,
            "letter": letters.shown(delivery),
        }
        return render(request, "admin/events/delivery/letter.html", context)

    @admin.display(description=gettext_lazy("What was sent"))
    def letter(self, delivery: Delivery) -> str:
        if delivery.channel != Channel.MAIL or not delivery.event.stream.startswith("engagement:"):
            return "–"
        address = reverse("admin:events_delivery_letter", args=[delivery.pk])
        return format_html('<a href="{}">{}</a>', address, _("Read it"))

    @admin.display(description=gettext_lazy("Message"), ordering="message")
    def about(self, delivery: Delivery) -> str:
        message = catalogue.get(delivery.message)
        return str(message.title) if message and message.title else delivery.message

    @admin.display(description=gettext_lazy("To"))
    def to(self, delivery: Delivery) -> str:
        if delivery.hook:
            return delivery.hook.name
        return f"{delivery.user.full_name} <{delivery.user.email}>" if delivery.user else delivery.address

    @admin.action(description=gettext_lazy("Send again (failed and waiting mails)"))
    def resend(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        count = outbox.resend(Delivery.objects.filter(pk__in=queryset.values("pk")))
        words = ngettext("%(count)d mail will be sent again.", "%(count)d mails will be sent again.", count)
        messages.success(request, words % {"count": count})

    @admin.action(description=gettext_lazy("Cancel (mails that were not sent)"))
    def cancel(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        count = outbox.cancel(Delivery.objects.filter(pk__in=queryset.values("pk")))
        words = ngettext("%(count)d mail was cancelled.", "%(count)d mails were cancelled.", count)
        messages.success(request, words % {"count": count})
