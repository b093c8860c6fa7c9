"""Plans and their prices."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from billing.models import Plan, PlanVersion


class PlanVersionInline(TabularInline):
    """A new price is a new version; a version once saved stays as it is."""

    model = PlanVersion
    extra = 0
    fields = ("number", "monthly_paise", "annual_paise", "effective_from")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    list_display = ("tier",)
    readonly_fields = ("tier",)
    inlines = (PlanVersionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
