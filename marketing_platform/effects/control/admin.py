"""The stop for everybody in the staff admin: two kinds of rows that staff add, with a reason."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import Textarea
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketing_platform.core import clock
from marketing_platform.effects.control.models import GlobalStop


@admin.register(GlobalStop)
class GlobalStopAdmin(ModelAdmin):
    """Adding a row is the act; who and when are filled in, and the log keeps it."""

    list_display = ("changed_at", "state", "reason", "actor_id")
    fields = ("is_on", "reason")
    list_per_page = 50
    formfield_overrides = {models.CharField: {"widget": Textarea(attrs={"rows": 3})}}

    @admin.display(description="sending")
    def state(self, row: GlobalStop) -> str:
        return str(row)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.actor_id, obj.changed_at = request.user.pk, clock.now()
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
