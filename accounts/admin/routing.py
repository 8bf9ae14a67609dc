"""Routing rules of a company, in the order in which they are looked at (docs/routing.md).

Every keeper of the company sees them, its referrals admins of the entire company change them. The tester on their page
needs to know who is told about a deal: it stands above, in `deals.admin.routing`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.actions import routing as actions
from accounts.admin.room import Room, acting, is_operator
from accounts.enums import Role, RuleClass
from accounts.models import RoutingRule
from accounts.routing import class_of
from accounts.who import Who
from cosell.web.countries import country_choices, country_name
from cosell.web.reasons import Refused

ALL_MARKETS, ALL_SOLUTIONS = gettext_lazy("All markets"), gettext_lazy("All solutions")
CLASS = Case(
    When(solution__isnull=False, then=Case(When(market="", then=Value(2)), default=Value(1))),
    default=Case(When(market="", then=Value(4)), default=Value(3)),
    output_field=IntegerField(),
)  # as accounts.routing.class_of says


class RuleForm(forms.ModelForm):
    """A rule; which one stands in its way is for the action to say by name."""

    market = forms.ChoiceField(
        label=gettext_lazy("Customer market"),
        required=False,
        choices=lambda: [("", ALL_MARKETS), *country_choices()],
    )

    def validate_constraints(self) -> None:
        """The action names the rule that is in the way."""


@admin.register(RoutingRule)
class RoutingRuleAdmin(Room):
    form = RuleForm
    readers = frozenset({Role.ACCOUNT_ADMIN, Role.SOLUTION_ADMIN})
    changers = frozenset({Role.REFERRALS_ADMIN})
    change_list_template = "admin/accounts/routingrule/change_list.html"
    list_select_related = ("organization", "solution", "location")
    search_fields = ("solution__name", "location__name")
    sortable_by = ()  # their order says which one wins

    def theirs(self, queryset: QuerySet[RoutingRule], who: Who) -> QuerySet[RoutingRule]:
        return queryset.filter(organization=who.organization)

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return ("organization__name", CLASS, "solution__name", "market", "pk")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        organization = ("organization",) if is_operator(request) else ()
        return (*organization, "order", "market_name", "solution_name", "location")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> tuple[str, ...]:
        return ("order",)

    def get_fields(self, request: HttpRequest, obj: RoutingRule | None = None) -> tuple[str, ...]:
        organization = ("organization",) if is_operator(request) else ()
        return (*organization, *(("order",) if obj and obj.is_default else ("market", "solution")), "location")

    def get_readonly_fields(self, request: HttpRequest, obj: RoutingRule | None = None) -> tuple[str, ...]:
        """Of the default only the location can be changed."""
        organization = ("organization",) if obj else ()
        return (*organization, "order", *(("market", "solution") if obj and obj.is_default else ()))

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """A company has few of them; the operator may choose among those of all."""
        return ("organization", "solution", "location") if is_operator(request) else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "solution":
            kwargs["empty_label"] = ALL_SOLUTIONS
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _may(self, request: HttpRequest, obj: RoutingRule | None) -> bool:
        if is_operator(request):
            return True
        if not self._holds(request, self.changers, obj):
            return False
        return actions.may_keep_rules(request.who, request.who.organization)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, None)

    def has_change_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        return self._may(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What keeps the default is said before anybody tries."""
        named, counts, perms, protected = super().get_deleted_objects(objs, request)
        whole = isinstance(objs, QuerySet)  # many at once, by the operator
        reasons = (
            [] if whole else [f"{why.text} {why.fix}" for rule in objs for why in actions.deleting_refusals(rule)]
        )
        return named, counts, perms, [*reasons, *protected]

    def save_model(self, request: HttpRequest, obj: RoutingRule, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        given = {name: form.cleaned_data.get(name, getattr(obj, name)) for name in ("market", "solution", "location")}
        organization = obj.organization_id if change or is_operator(request) else request.who.organization.pk
        saved = actions.save_rule(acting(request), organization, obj.pk, **given)
        obj.pk, obj.organization_id = saved.pk, saved.organization_id

    def delete_model(self, request: HttpRequest, obj: RoutingRule) -> None:
        actions.delete_rule(acting(request), obj.organization_id, obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoutingRule]) -> None:
        """The default last."""
        for rule in sorted(queryset, key=class_of):
            self.delete_model(request, rule)

    # ------------------------------------------------------------------------------------------------- one click

    def get_urls(self) -> list[Any]:
        wrapped = require_POST(self.admin_site.admin_view(self.import_view))
        return [path("import/", wrapped, name="accounts_routingrule_import"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        who: Who | None = getattr(request, "who", None)
        may_import = bool(who) and self._may(request, None) and not self.get_queryset(request).exists()
        return super().changelist_view(request, {"may_import": may_import, **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """For the company that one is at work in; the operator is in none."""
        who: Who | None = getattr(request, "who", None)
        if who is None or not self.has_add_permission(request):
            raise PermissionDenied
        try:
            rules = actions.import_defaults(who, who.organization.pk)
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, f"{reason.text} {reason.fix}")
        else:
            text = ngettext("%(count)d rule was imported.", "%(count)d rules were imported.", len(rules))
            messages.success(request, text % {"count": len(rules)})
        return redirect("admin:accounts_routingrule_changelist")

    # ------------------------------------------------------------------------------------------------------ words

    @admin.display(description=gettext_lazy("Order"))
    def order(self, rule: RoutingRule) -> str:
        kind = class_of(rule)
        return f"{kind.value} · {RuleClass(kind).label}"

    @admin.display(description=gettext_lazy("Customer market"))
    def market_name(self, rule: RoutingRule) -> str:
        return country_name(rule.market) if rule.market else str(ALL_MARKETS)

    @admin.display(description=gettext_lazy("Solution"))
    def solution_name(self, rule: RoutingRule) -> str:
        return str(rule.solution or ALL_SOLUTIONS)
