"""A company's own sides of deals: facts to read, and the team to repair; all else is done in the portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.room import CountedSoFar, OwnRelated, Room, Scoped
from accounts.enums import Role
from accounts.who import Who
from cosell.web.dates import said
from deals import actions
from deals.models import Deal, TeamMember

ADMINS = frozenset({Role.REFERRALS_ADMIN, Role.VENDOR_ADMIN})


def kept_deals(who: Who) -> QuerySet[Deal]:
    """Sides of the own company within the reach of an admin, as far as they may open them at all."""
    own = Deal.objects.visible_to(who).filter(organization=who.organization)
    return own if who.admin_reach.everything else own.filter(location__in=who.admin_reach.location_ids)


class TeamRows(BaseInlineFormSet):
    def clean(self) -> None:
        """Django takes the number of any row, here or elsewhere, for a new one."""
        super().clean()
        if any(row.instance.pk is None for row in self.initial_forms):
            raise forms.ValidationError(_("The team was changed meanwhile. Open the page again."))


class TeamInline(Scoped, admin.TabularInline):
    model = TeamMember
    formset = TeamRows
    fields = ("name", "phone", "email")
    ordering = ("pk",)
    extra = 0
    changers = ADMINS
    operated = False

    def theirs(self, queryset: QuerySet[TeamMember], who: Who) -> QuerySet[TeamMember]:
        return queryset.filter(deal__in=kept_deals(who))


@admin.register(Deal)
class DealAdmin(Room):
    """What a deal says is for its people; the operator, who is none of them, has no room here."""

    changers = ADMINS
    operated = False
    list_display = ("reference", "name", "customer", "direction", "stage", "location", "close_on", "updated_at")
    list_filter = ("direction", "stage", ("location", OwnRelated))
    list_select_related = ("engagement__customer", "location")
    search_fields = ("name", "=engagement__id", "engagement__customer__name")
    search_help_text = gettext_lazy("Words of the deal's or the customer's name, or the number of its reference.")
    ordering = ("-pk",)
    paginator = CountedSoFar
    show_facets = admin.ShowFacets.NEVER
    inlines = (TeamInline,)
    actions = None
    fields = readonly_fields = (
        "portal",
        "reference",
        "name",
        "customer",
        "direction",
        "stage",
        "at",
        "amount",
        "close_on",
        "offered",
        "answer_until",
        "updated_at",
    )

    def theirs(self, queryset: QuerySet[Deal], who: Who) -> QuerySet[Deal]:
        return queryset.filter(pk__in=kept_deals(who).values("pk"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Deal, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """The facts are not changed here."""

    def save_related(self, request: HttpRequest, form: Any, formsets: list[Any], change: bool) -> None:  # noqa: FBT001  Django's signature
        """The whole team at once, as the portal saves it, with the same refusals."""
        [team] = formsets
        rows = [row for row in team.cleaned_data if row and not row.get("DELETE")]
        people = [actions.Person(row["name"], row["phone"], row["email"]) for row in rows]
        actions.edit_team(request.who, form.instance.pk, form.instance.version, people)
        for name in ("new_objects", "changed_objects", "deleted_objects"):  # for the line in the log
            setattr(team, name, [])

    @admin.display(description=gettext_lazy("Reference"), ordering="engagement")
    def reference(self, deal: Deal) -> str:
        return deal.engagement.reference

    @admin.display(description=gettext_lazy("In the portal"))
    def portal(self, deal: Deal) -> str:
        address = reverse("deals:detail", args=[deal.uid])
        return format_html('<a href="{}">{}</a>', address, gettext_lazy("Open the deal, with all that happened on it"))

    @admin.display(description=gettext_lazy("Customer"))
    def customer(self, deal: Deal) -> str:
        return deal.engagement.customer.name

    @admin.display(description=gettext_lazy("Location"))
    def at(self, deal: Deal) -> str:
        return str(deal.location)

    @admin.display(description=gettext_lazy("Value"))
    def amount(self, deal: Deal) -> str:
        return f"{deal.value} {deal.currency}"

    @admin.display(description=gettext_lazy("Solutions"))
    def offered(self, deal: Deal) -> str:
        return ", ".join(sorted(solution.name for solution in deal.solutions.all()))

    @admin.display(description=gettext_lazy("To be answered until"))
    def answer_until(self, deal: Deal) -> str:
        return said(deal.expires_at) if deal.expires_at else ""
