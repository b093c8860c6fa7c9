"""Every Enterprise client in one list, for staff."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from enterprise.clients.models import EnterpriseClient


@admin.register(EnterpriseClient)
class EnterpriseClientAdmin(ModelAdmin):
    list_display = ("company_name", "industry", "city", "employee_count", "annual_revenue")
    list_filter = ("industry", "city", "employee_count", "annual_revenue")
    search_fields = ("company_name", "city", "gstin", "tenant__slug")
    list_select_related = ("tenant",)
    readonly_fields = ("tenant", "created_at", "updated_at")

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
