"""People in the staff admin, and which group of staff each of us is in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.operations.staff_groups import ADMIN, FINANCE, SUPPORT, staff_group_set
from marketing_platform.operations.staff_pages import ReadOnlyAdmin
from marketing_platform.people.admin import ApprovalForm
from marketing_platform.people.lost_factors import factor_take_away
from marketing_platform.users.models import User

CHOICES = [
    ("none", _("No group")),
    (SUPPORT, _("Support: clients, people who wait, visits")),
    (FINANCE, _("Finance: clients and money")),
    (ADMIN, _("Admin: everything")),
]


class GroupForm(forms.Form):
    group = forms.ChoiceField(label=_("Group"), choices=CHOICES, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("Reason (kept in the history)"),
        min_length=5,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = (
        *("__str__", "phone", "email", "language", "is_staff", "in_groups"),
        *("is_active", "date_joined"),
    )
    list_filter = ("is_staff", "groups", "is_active", "language")
    search_fields = ("full_name", "phone", "email")
    ordering = ("-date_joined",)
    actions = ("set_group", "take_factor")
    fields = (
        "full_name",
        "phone",
        "email",
        "language",
        "is_staff",
        "in_groups",
        "is_active",
        "date_joined",
        "last_login",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @display(description=_("Group"))
    def in_groups(self, row: User) -> str:
        if row.is_superuser:
            return gettext("Superuser")
        return ", ".join(group.name for group in row.groups.all()) or "–"

    def has_set_group_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    @admin.action(permissions=["set_group"], description=_("Set the group, with a reason"))
    def set_group(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        form = GroupForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self.ask(request, rows, form, "set_group", gettext("Set the group"))
        group, reason = form.cleaned_data["group"], form.cleaned_data["reason"]
        for row in rows:
            try:
                with transaction.atomic():
                    if staff_group_set(person=row, name="" if group == "none" else group):
                        self.log_change(request, row, f"set_group {group}: {reason}")
            except PlatformError as error:
                messages.error(request, f"{row}: {sentence_of(error)}")
                continue
            messages.success(request, f"{row}: {dict(CHOICES)[group]}")
        return None

    def has_take_factor_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("people.change_lostnumber")

    @admin.action(
        permissions=["take_factor"], description=_("Switch off a lost app and its passkeys")
    )
    def take_factor(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        """One at a time, with how it was checked; of staff by superusers alone."""
        row = rows.first() if rows.count() == 1 else None
        if row is None or (row.is_staff and not request.user.is_superuser):
            messages.error(request, gettext("Choose one person; of our own only a superuser may."))
            return None
        form = ApprovalForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self.ask(request, rows, form, "take_factor", gettext("Switch off the app"))
        try:
            factor_take_away(person=row, staff=request.user, now=clock.now(), **form.cleaned_data)
        except PlatformError as error:
            messages.error(request, f"{row}: {sentence_of(error)}")
        else:
            self.log_change(request, row, f"take_factor: {form.cleaned_data['reason']}")
            said = gettext("switched off, and they are told")
            messages.success(request, f"{row}: {said}")
        return None


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """The groups of staff, who is in them and what they may do; code decides what."""

    list_display = ("name", "members")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "people", "rights")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    @display(description=_("Members"), ordering="member_count")
    def members(self, row: Any) -> int:
        return row.member_count

    @display(description=_("Members"))
    def people(self, row: Group) -> str:
        names = ((str(person),) for person in row.user_set.order_by("full_name", "email"))
        return format_html_join("", "<div>{}</div>", names) or "–"

    @display(description=_("What they may do"))
    def rights(self, row: Group) -> str:
        rows = row.permissions.select_related("content_type")
        words = ((f"{each.content_type.app_label}: {each.name}",) for each in rows)
        return format_html_join("", "<div>{}</div>", words) or "–"
