"""The admin is a room of each company: whoever signs in there sees what is theirs, by every door (product.md §3).

Every list, search, autocomplete, inline, action and history page begins at `get_queryset`, and every choice that a
form offers at that of the other model. Only the operator, who belongs to no company, sees beyond one.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.enums import Role
from accounts.forms import country_field, time_zone_field
from accounts.who import Who

# Who has a room: in a partner, in the vendor.
KEEPERS = frozenset({Role.ACCOUNT_ADMIN, Role.REFERRALS_ADMIN, Role.SOLUTION_ADMIN, Role.VENDOR_ADMIN})

admin.site.login = secure_admin_login(admin.site.login)  # one way in, with its throttle


def is_operator(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def keeper(request: HttpRequest, roles: Iterable[Role]) -> Who | None:
    """Who acts, when they hold one of `roles` in the current organization; None for anybody else."""
    who: Who | None = getattr(request, "who", None)
    return who if who and request.user.is_active and who.has_role(*roles) else None


class PickedFields(admin.options.BaseModelAdmin):
    """Countries and time zones are chosen, never typed: one that does not exist would break every page.

    An address without a scheme is a secure one.
    """

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        fields = {"country": country_field, "time_zone": time_zone_field}
        if db_field.name in fields:
            return fields[db_field.name]()
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class Scoped(PickedFields):
    """What a model's admin and its inlines have in common: rows by company, rights by role, choices within both."""

    readers: frozenset[Role] = frozenset()
    changers: frozenset[Role] = frozenset()

    def theirs(self, queryset: models.QuerySet, who: Who) -> models.QuerySet:
        """The rows of `who`'s company, or of their locations."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        if is_operator(request):
            return rows
        who = keeper(request, self.readers | self.changers)
        return self.theirs(rows, who) if who else rows.none()

    def _holds(self, request: HttpRequest, roles: Iterable[Role], obj: models.Model | None) -> bool:
        if is_operator(request):
            return True
        if not keeper(request, roles):
            return False
        return obj is None or obj.pk is None or self._is_theirs(request, obj)

    def _is_theirs(self, request: HttpRequest, obj: models.Model) -> bool:
        """An inline is asked about the object that its rows belong to, which its own page has judged."""
        return not isinstance(obj, self.model) or self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.readers | self.changers, obj)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.changers, None)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.changers, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.changers, obj)

    def get_field_queryset(self, db: str | None, db_field: models.Field, request: HttpRequest) -> Any:
        """What may be chosen is what may be seen: the rows of the other model's room, none where there is no room."""
        model = db_field.remote_field.model
        other = self.admin_site._registry.get(model)
        if other is not None:
            return other.get_queryset(request)
        rows = super().get_field_queryset(db, db_field, request)
        return rows if is_operator(request) else model._default_manager.none()


class Room(Scoped, admin.ModelAdmin):
    """A model in the room of a company."""

    show_full_result_count = False
    list_per_page = 50


class OwnRelated(admin.RelatedFieldListFilter):
    """A filter by another model offers what may be seen of it: `list_filter = [("location", OwnRelated)]`."""

    def field_choices(
        self, field: models.Field, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[Any, str]]:
        other = model_admin.admin_site._registry.get(field.related_model)
        rows = other.get_queryset(request).order_by() if other else ()
        return sorted(((row.pk, str(row)) for row in rows[:200]), key=lambda choice: choice[1])
