"""What staff did in the admin, the latest first: read by whoever may do everything."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from marketing_platform.operations.staff_pages import ReadOnlyAdmin


@admin.register(LogEntry)
class StaffLogAdmin(ReadOnlyAdmin):
    list_display = ("action_time", "user", "content_type", "object_repr", "did")
    list_filter = ("action_flag", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "change_message")
    ordering = ("-action_time",)
    date_hierarchy = "action_time"
    show_full_result_count = False
    fields = ("action_time", "user", "content_type", "object_id", "object_repr", "did")
    readonly_fields = fields

    @display(description=_("What and why"))
    def did(self, row: LogEntry) -> str:
        return row.get_change_message()
