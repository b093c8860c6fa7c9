"""Inbound webhooks in the staff admin: what came, and what became of it."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from marketing_platform.inbox.models import InboundEvent


@admin.register(InboundEvent)
class InboundEventAdmin(ModelAdmin):
    list_display = ("provider", "kind", "state", "outcome_start", "received_at", "settled_at")
    list_filter = ("state", "provider", "kind", "received_at")
    search_fields = ("event_id", "tenant_id", "outcome")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "provider",
        "event_id",
        "kind",
        "state",
        "outcome",
        "tenant_id",
        "received_at",
        "settled_at",
        "body_hash",
        "body",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="outcome", ordering="outcome")
    def outcome_start(self, row: InboundEvent) -> str:
        return row.outcome[:80]

    @admin.display(description="body")
    def body(self, row: InboundEvent) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(row.payload, indent=2, ensure_ascii=False))
