"""The queue of people who wait, and the errors behind their codes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from marketing_platform.core import clock
from marketing_platform.core.support_code import support_code_read
from marketing_platform.support.models import ErrorReport, HelpRequest, SupportVisit, TopicAnswer
from marketing_platform.support.services import request_done, request_take


class Kept(ModelAdmin):
    """Rows that only services write."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Done")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        if self.value() == "no":
            return queryset.exclude(done_at=None)
        return queryset.filter(done_at=None)


@admin.register(HelpRequest)
class HelpRequestAdmin(Kept):
    """Those who wait come first, the longest waiting on top."""

    list_display = (
        *("name", "kind", "call", "best_time", "language", "workspace", "words"),
        *("asked_at", "taken_at"),
    )
    list_filter = (OpenFilter, "kind", "language")
    search_fields = ("name", "company", "phone", "workspace_name")
    ordering = ("asked_at", "id")
    actions = ("take", "done")

    @display(description=_("Telephone"))
    def call(self, row: HelpRequest) -> str:
        return format_html('<a class="underline" href="tel:{0}">{0}</a>', row.phone)

    @display(description=_("Workspace"))
    def workspace(self, row: HelpRequest) -> str:
        if row.workspace_id is None:
            return row.company or "–"
        address = reverse("admin:tenants_tenant_change", args=[row.workspace_id])
        return format_html('<a class="underline" href="{}">{}</a>', address, row.workspace_name)

    @admin.action(permissions=["work"], description=_("I call them"))
    def take(self, request: HttpRequest, rows: QuerySet[HelpRequest]) -> None:
        for row in rows:
            if request_take(request_id=row.pk, by_id=request.user.pk, now=clock.now()):
                self.log_change(request, row, "taken")
                messages.success(request, f"{row.name}: yours")
            else:
                messages.warning(request, f"{row.name}: somebody else calls them")

    @admin.action(permissions=["work"], description=_("Done"))
    def done(self, request: HttpRequest, rows: QuerySet[HelpRequest]) -> None:
        for row in rows:
            if request_done(request_id=row.pk, by_id=request.user.pk, note="", now=clock.now()):
                self.log_change(request, row, "done")
                messages.success(request, f"{row.name}: done")

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("support.change_helprequest")


@admin.register(TopicAnswer)
class TopicAnswerAdmin(Kept):
    """What readers say of each help topic, the least useful first."""

    list_display = ("slug", "language", "useful", "not_useful")
    list_filter = ("language",)
    search_fields = ("slug",)
    ordering = ("-not_useful", "slug")


@admin.register(ErrorReport)
class ErrorReportAdmin(Kept):
    list_display = ("code", "status", "method", "path", "workspace", "failure", "happened_at")
    list_filter = ("status", "method")
    search_fields = ("code", "request_id", "path")
    search_help_text = _("The code as the customer reads it out, with or without the hyphen")
    ordering = ("-happened_at", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        code = support_code_read(search_term)
        if code:
            return queryset.filter(code=code), False
        return super().get_search_results(request, queryset, search_term)

    @display(description=_("Workspace"))
    def workspace(self, row: ErrorReport) -> str:
        if row.workspace_id is None:
            return "–"
        address = reverse("admin:tenants_tenant_change", args=[row.workspace_id])
        return format_html('<a class="underline" href="{}">{}</a>', address, row.host)


@admin.register(SupportVisit)
class SupportVisitAdmin(Kept):
    """Who of us looked where, and why."""

    list_display = ("staff_name", "tenant", "reason", "begun_at", "until", "ended_at")
    list_select_related = ("tenant",)
    search_fields = ("staff_name", "tenant__name", "tenant__slug", "reason")
    exclude = ("token_hash",)
