"""The queue of people who lost their number: facts to check them by, and the two answers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.people.lost_numbers import (
    lost_number_approve,
    lost_number_refuse,
)
from marketing_platform.people.models import LostNumber
from marketing_platform.users.models import User
from marketing_platform.users.selectors import memberships_of

OPEN = [LostNumber.State.ASKED, LostNumber.State.WAITING]
MOST_CHARACTERS = 500


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason (kept in the workspace's history)"),
        min_length=5,
        max_length=MOST_CHARACTERS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class ApprovalForm(DecisionForm):
    evidence = forms.CharField(
        label=_("How you checked who it is: what they knew, which paper you saw"),
        min_length=10,
        max_length=MOST_CHARACTERS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Done")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        if self.value() == "no":
            return queryset.exclude(state__in=OPEN)
        return queryset.filter(state__in=OPEN)


@admin.register(LostNumber)
class LostNumberAdmin(ModelAdmin):
    """Only the services write; who decides says why and how they checked."""

    list_display = ("name", "call", "old_phone", "has_account", "words", "asked_at", "state")
    list_filter = (OpenFilter, "language")
    search_fields = ("name", "old_phone", "new_phone")
    ordering = ("asked_at", "id")
    list_per_page = 50
    actions = ("approve", "refuse")
    fields = (
        *("state", "name", "call", "old_phone", "account", "businesses", "words", "language"),
        *("asked_at", "decided_at", "reason", "evidence", "due_at", "ended_at"),
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("people.change_lostnumber")

    @display(description=_("New number"))
    def call(self, row: LostNumber) -> str:
        return format_html('<a class="underline" href="tel:{0}">{0}</a>', row.new_phone)

    @display(description=_("Has an account"), boolean=True)
    def has_account(self, row: LostNumber) -> bool:
        return row.user_id is not None

    @display(description=_("Whose account"))
    def account(self, row: LostNumber) -> str:
        user = self._user(row)
        if user is None:
            return gettext("No account has the old number")
        last = date_format(user.last_login, "j M Y H:i") if user.last_login else "–"
        return f"{user} · {user.email or '–'} · " + gettext("last signed in %(when)s") % {
            "when": last
        }

    @display(description=_("Businesses"))
    def businesses(self, row: LostNumber) -> str:
        user = self._user(row)
        places = memberships_of(user) if user else []
        links = (
            (reverse("admin:tenants_tenant_change", args=[each.tenant_id]), each.tenant.name)
            for each in places
        )
        return format_html_join(" · ", '<a class="underline" href="{}">{}</a>', links) or "–"

    def _user(self, row: LostNumber) -> User | None:
        return User.objects.filter(pk=row.user_id).first() if row.user_id else None

    @admin.action(permissions=["decide"], description=_("Approve: it is them"))
    def approve(self, request: HttpRequest, rows: QuerySet[LostNumber]) -> HttpResponse | None:
        return self._decide(request, rows, "approve", ApprovalForm, lost_number_approve)

    @admin.action(permissions=["decide"], description=_("Refuse"))
    def refuse(self, request: HttpRequest, rows: QuerySet[LostNumber]) -> HttpResponse | None:
        return self._decide(request, rows, "refuse", DecisionForm, lost_number_refuse)

    def _decide(
        self,
        request: HttpRequest,
        rows: QuerySet[LostNumber],
        action: str,
        kind: type[forms.Form],
        act: Callable[..., LostNumber],
    ) -> HttpResponse | None:
        row = rows.first() if rows.count() == 1 else None
        if row is None:
            messages.error(request, gettext("Choose one: each is checked by itself."))
            return None
        form = kind(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": gettext("Lost number"),
                "form": form,
                "row": row,
                "facts": [
                    (gettext("Whose account"), self.account(row)),
                    (gettext("Businesses"), self.businesses(row)),
                    (gettext("What they say"), row.words),
                ],
                "action": action,
            }
            return render(request, "admin/lost_number_act.html", context)
        try:
            done = act(request_id=row.pk, staff=request.user, now=clock.now(), **form.cleaned_data)
        except PlatformError as error:
            messages.error(request, f"{row}: {sentence_of(error)}")
        else:
            self.log_change(request, done, f"{action}: {form.cleaned_data['reason']}")
            messages.success(request, f"{row}: {done.get_state_display()}")
        return None
