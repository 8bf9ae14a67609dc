"""Customer accounts: found by their indexes, imported from a file."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.admin.room import CountedSoFar, Room, is_operator
from accounts.enums import CustomerCategory, Role
from accounts.importing.rows import COLUMNS, REQUIRED, bare_domain
from accounts.importing.upload import UploadForm, too_big
from accounts.models import CustomerAccount, CustomerImport
from accounts.names import name_key, quoted
from accounts.search import Holds
from accounts.who import Who


@admin.register(CustomerAccount)
class CustomerAccountAdmin(Room):
    """No page reads the whole table: accounts are found by its indexes, and else listed from the newest."""

    changers = frozenset({Role.VENDOR_ADMIN})
    change_list_template = "admin/accounts/customeraccount/change_list.html"
    list_display = ("name", "account_id", "city", "country", "category", "macc", "federal", "entered_by")
    list_filter = ("category",)
    list_select_related = ("entered_by",)
    search_fields = ("account_id",)  # shows the box; how it searches stands in get_search_results
    search_help_text = _("Account ID, D-U-N-S, domain, or words of a name.")
    autocomplete_fields = ("parent", "entered_by", "team")
    ordering = ("-pk",)
    sortable_by = ()
    paginator = CountedSoFar
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 100

    def theirs(self, queryset: models.QuerySet, who: Who) -> models.QuerySet:
        """What somebody else typed by hand is seen only by them (product.md §4); the lists are the host's."""
        return queryset.filter(~models.Q(category=CustomerCategory.MANUAL) | models.Q(entered_by=who.organization))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Two that are one are merged in the portal; nothing else goes."""
        return is_operator(request)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """No index goes by name: so the planner takes the index of what is searched for, and sorts what it found."""
        is_search = request.GET.get("q") or request.GET.get("term")
        return ("name", "pk") if is_search else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """By an ID, or by the words of any of the names; the last may be a beginning."""
        term = search_term.replace("\0", "").strip()
        if not term:
            return queryset, False
        found = models.Q(account_id__in={term, term.upper()})
        if duns := term.replace("-", ""):
            found |= models.Q(duns=duns)
        if domain := bare_domain(term):
            found |= models.Q(domain=domain)
        if words := [quoted(word[:250]) for word in name_key(term).split()]:
            found |= models.Q(Holds(models.F("search_vector"), " & ".join(words) + ":*"))
        return queryset.filter(found), False

    def get_urls(self) -> list[Any]:
        wrapped = self.admin_site.admin_view(self.import_view)
        return [path("import/", wrapped, name="accounts_customeraccount_import"), *super().get_urls()]

    def may_import(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_import": self.may_import(request), **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """First what would happen; then, by the mark of what was checked, the import."""
        if not self.may_import(request):
            raise PermissionDenied
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*given, user=request.user)
        outcome, imports = None, bool(request.POST.get("checked"))
        if form.is_valid():
            outcome = form.load() if imports else form.rehearse()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import customers"),
            "opts": self.opts,
            "form": form,
            "outcome": outcome,
            "imported": imports,
            "columns": COLUMNS,
            "required": REQUIRED,
            "last": CustomerImport.objects.select_related("by")[:5],
            "too_big": too_big(),
        }
        refused = request.method == "POST" and outcome is None
        return render(request, "admin/accounts/customeraccount/import.html", context, status=422 if refused else 200)
