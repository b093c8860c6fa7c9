"""Refused messages of tasks in the staff admin, and sending them again."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.admin import ModelAdmin

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.schedule.dead_letters import dead_letter_send_again
from marketing_platform.schedule.models import DeadLetter
from marketing_platform.tenants.forms import ReasonForm
from marketing_platform.tenants.models import Tenant


@admin.register(DeadLetter)
class DeadLetterAdmin(ModelAdmin):
    list_display = ("task", "workspace", "reason_start", "received_at", "requeued_at")
    list_filter = (("requeued_at", admin.EmptyFieldListFilter), "task", "received_at")
    search_fields = ("task_id", "tenant_id", "reason")
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("send_again",)
    fields = (
        "task",
        "task_id",
        "queue",
        "workspace",
        "tenant_id",
        "reason",
        "sent",
        "received_at",
        "requeued_at",
        "requeued_by",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Of the action: the fields themselves are changed by nobody."""
        return request.user.has_perm("platform_schedule.change_deadletter")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        self.lines_prepare(page.result_list)
        return page

    def lines_prepare(self, rows: Sequence[Any]) -> None:
        """The names of their workspaces in one query."""
        names = _workspace_names(row.tenant_id for row in rows)
        for row in rows:
            row.workspace_name = names.get(row.tenant_id, "")

    @admin.display(description="workspace")
    def workspace(self, row: DeadLetter) -> str:
        known = getattr(row, "workspace_name", None)
        if known is None:
            known = _workspace_names([row.tenant_id]).get(row.tenant_id, "")
        return known or "–"

    @admin.display(description="reason", ordering="reason")
    def reason_start(self, row: DeadLetter) -> str:
        return row.reason[:80]

    @admin.display(description="arguments")
    def sent(self, row: DeadLetter) -> SafeString:
        shown = json.dumps(row.arguments, indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", shown)

    @admin.action(permissions=["send"], description="Send again, with a reason")
    def send_again(self, request: HttpRequest, rows: QuerySet[DeadLetter]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, rows, form)
        reason = form.cleaned_data["reason"]
        for letter in rows:
            try:
                is_sent = dead_letter_send_again(
                    letter=letter, reason=reason, actor_id=request.user.pk, now=clock.now()
                )
            except PlatformError as error:
                messages.error(request, f"{letter.task}: {error}")
                continue
            if is_sent:
                self.log_change(request, letter, f"send_again: {reason}")
            messages.success(request, f"{letter.task}: sent again")
        return None

    def _ask(
        self, request: HttpRequest, rows: QuerySet[DeadLetter], form: ReasonForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Give a reason"),
            "form": form,
            "rows": [{"name": row.task, "slug": row.tenant_id or "–"} for row in rows],
            "action": "send_again",
            "selected": request.POST.getlist("_selected_action"),
        }
        return render(request, "admin/client_reason.html", context)


def _workspace_names(ids: Iterable[str]) -> dict[str, str]:
    """Names by id as it was sent; a header may hold anything."""
    known = {text: _uuid(text) for text in ids}
    wanted = [pk for pk in known.values() if pk]
    names = dict(Tenant.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    return {text: names[pk] for text, pk in known.items() if pk in names}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
