"""The admin is a room of each company: whoever signs in there sees what is theirs, by every door (product.md §3).

Every list, search, autocomplete, inline, action, history and deletion begins at `Scoped.get_queryset`, and every
choice that a form or a filter offers at that of the other model. Only the operator, who belongs to no company, sees
beyond one. Django's own permissions say nothing here.

No `raw_id_fields`: that widget names any row whose number is typed. No filter by another model but `OwnRelated`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import NestedObjects
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db import models, router
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst

from accounts.enums import Role
from accounts.forms import country_field, time_zone_field
from accounts.models import User
from accounts.who import Who
from cosell.web.reasons import Reason, Refused

COUNTED = 1_000
OFFERED = 200  # choices of a filter


def is_operator(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def keeper(request: HttpRequest, roles: Iterable[Role]) -> Who | None:
    """Who acts, when they hold one of `roles` in the current organization; None for anybody else."""
    who: Who | None = getattr(request, "who", None)
    return who if who and request.user.is_active and who.has_role(*roles) else None


def acting(request: HttpRequest) -> Who | User:
    """For actions: the operator by name alone, anybody else at work in the current organization."""
    return request.user if is_operator(request) else request.who


class CountedSoFar(Paginator):
    """Nobody leafs through five million rows: only the first ones are counted, and can be leafed through."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED].count()


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
    operated = True  # the operator has it too

    def theirs(self, queryset: models.QuerySet, who: Who) -> models.QuerySet:
        """The rows of `who`'s company, or of their locations."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        if is_operator(request):
            return rows if self.operated else rows.none()
        who = keeper(request, self.readers | self.changers)
        return self.theirs(rows, who) if who else rows.none()

    def _holds(self, request: HttpRequest, roles: Iterable[Role], obj: models.Model | None) -> bool:
        if is_operator(request):
            return self.operated
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
        return _seen_of(self.admin_site, db_field.remote_field.model, request)


def _seen_of(site: admin.AdminSite, model: type[models.Model], request: HttpRequest) -> models.QuerySet:
    other = site._registry.get(model)
    if is_operator(request):
        return model._default_manager.all()
    return other.get_queryset(request) if isinstance(other, Scoped) else model._default_manager.none()


class Refusing:
    """For a form whose action was refused: the reasons stand at its fields, beside what was typed."""

    reasons: Sequence[Reason] = ()

    def _post_clean(self) -> None:
        super()._post_clean()
        for reason in self.reasons:
            self.add_error(
                reason.field if reason.field in self.fields else None, f"{reason.text} {reason.fix}".strip()
            )


class Room(Scoped, admin.ModelAdmin):
    """A model in the room of a company."""

    show_full_result_count = False
    list_per_page = 50
    view_on_site = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A save that an action refuses is answered with the form as it was typed, and the reasons."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            request.refused = refused
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        refused: Refused | None = getattr(request, "refused", None)
        return type(form.__name__, (Refusing, form), {"reasons": refused.reasons}) if refused else form

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """After a POST only where something was wrong."""
        response = super().render_change_form(request, *args, **kwargs)
        if request.method == "POST":
            refused: Refused | None = getattr(request, "refused", None)
            response.status_code = refused.status if refused else 422
        return response

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """There is none, or it is somebody else's: nothing says which."""
        raise Http404

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By an address one may filter as the list's filters do, and by nothing else: no field is guessed at."""
        offered = [each[0] if isinstance(each, (list, tuple)) else each for each in self.get_list_filter(request)]
        names = [getattr(each, "parameter_name", each) for each in [*offered, self.date_hierarchy] if each]
        asked = any(lookup == name or lookup.startswith(f"{name}__") for name in names)
        return asked and super().lookup_allowed(lookup, value, request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Many at once are deleted by the operator alone: what is removed in a company, is by its own page."""
        found = super().get_actions(request)
        if not is_operator(request):
            found.pop("delete_selected", None)
        return found

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], list]:
        """What would go is named by its own name alone; what hangs on it is counted, for it may be others'."""
        if is_operator(request):
            return super().get_deleted_objects(objs, request)
        collector = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        counts = {
            str(model._meta.verbose_name_plural): len(rows)
            for model, rows in collector.model_objs.items()
            if not model._meta.auto_created
        }
        named = [f"{capfirst(self.opts.verbose_name)}: {obj}" for obj in objs]
        return named, counts, set(), counted(collector.protected)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the own company's people did; others' names are none of theirs."""
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and not is_operator(request):
            own = User.objects.filter(memberships__organization=request.who.organization)
            entries = LogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(self.model),
                object_id=str(response.context_data["object"].pk),
                user__in=own,
            )
            page = Paginator(entries.select_related("user").order_by("action_time"), 100).get_page(
                request.GET.get("p", 1)
            )
            response.context_data |= {
                "action_list": page,
                "page_range": page.paginator.get_elided_page_range(page.number),
                "pagination_required": page.paginator.num_pages > 1,
            }
        return response


def counted(rows: Iterable[models.Model]) -> list[str]:
    """ "Deals: 3" for rows that stand in the way, of whatever kind."""
    kinds = Counter(capfirst(str(type(row)._meta.verbose_name_plural)) for row in rows)
    return [f"{kind}: {count}" for kind, count in sorted(kinds.items())]


class LookedAt(Room):
    """Nothing is added, changed or removed here."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class OwnRelated(admin.RelatedFieldListFilter):
    """A filter by another model offers what may be seen of it: `list_filter = [("location", OwnRelated)]`."""

    def field_choices(
        self, field: models.Field, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[Any, str]]:
        rows = _seen_of(model_admin.admin_site, field.related_model, request)
        return sorted(((row.pk, str(row)) for row in rows[:OFFERED]), key=lambda choice: choice[1])
