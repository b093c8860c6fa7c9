"""Who agreed to what. Read only: the database refuses changes anyway."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketing_platform.legal.models import Acceptance


@admin.register(Acceptance)
class AcceptanceAdmin(ModelAdmin):
    list_display = ("user_id", "document", "version", "language", "place", "accepted_at")
    list_filter = ("document", "version", "language", "place")
    search_fields = ("=user_id",)
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
