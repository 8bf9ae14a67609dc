"""The catalog of solutions, and the words of the taxonomy that the vendor keeps."""

from django.contrib import admin

from accounts.models import PartnerProgram, Solution, SolutionArea, SolutionPlay


@admin.register(Solution)
class SolutionAdmin(admin.ModelAdmin):
    list_display = ("name", "code", "organization", "kind", "status", "macc_eligible", "incentivized", "is_active")
    list_filter = ("kind", "status", "macc_eligible", "organization")
    search_fields = ("name", "code")
    autocomplete_fields = ("organization",)
    list_select_related = ("organization",)


class WordAdmin(admin.ModelAdmin):
    """A word of the taxonomy: one that is no longer offered is switched off, and stays on the deals that have it."""

    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)


@admin.register(SolutionPlay)
class SolutionPlayAdmin(WordAdmin):
    list_display = ("name", "area", "is_active")
    list_filter = ("area", "is_active")
    list_select_related = ("area",)
    autocomplete_fields = ("area",)


admin.site.register((SolutionArea, PartnerProgram), WordAdmin)
