"""The staff admin of the platform's own tables. Every client of both tiers is in one list."""

from collections.abc import Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.staff_selectors import money_pages
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.operations import staff_log, staff_people  # noqa: F401
from marketing_platform.operations.client_facts import (
    client_facts,
    client_history,
    client_people,
)
from marketing_platform.operations.clients import ClientLine, client_lines, clients_found
from marketing_platform.operations.sign_in_link import sign_in_link_send
from marketing_platform.operations.staff_filters import (
    CityFilter,
    IndustryFilter,
    SubscriptionFilter,
    TroubleFilter,
)
from marketing_platform.operations.staff_pages import ReadOnlyAdmin
from marketing_platform.operations.visits import visit_begin
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.provisioning import workspace_prepare_again
from marketing_platform.tenants.forms import ReasonForm
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.tenants.services import tenant_block, tenant_reactivate
from marketing_platform.users.models import Membership

# Groups of staff have a page of ours (staff_people), and addresses belong to people.
admin.site.unregister(EmailAddress)
admin.site.index_title = _("Overview")


@admin.register(Tenant)
class ClientAdmin(ReadOnlyAdmin):
    """One row per workspace: tier, plan, status, people, city and when somebody was last there."""

    list_display = (
        *("name", "tier", "status", "plan", "next_charge"),
        *("people", "seen", "place", "trade", "address", "created_at"),
    )
    list_filter = (
        *("tier", "state", SubscriptionFilter, TroubleFilter),
        *(CityFilter, IndustryFilter),
    )
    search_fields = ("name", "slug")
    search_help_text = _("Name, web address, number, e-mail, GSTIN or invoice")
    ordering = ("-created_at", "pk")
    list_per_page = 50
    show_full_result_count = False
    actions = ("visit", "sign_in_link", "block", "reactivate", "prepare_again")
    change_form_after_template = "admin/client_facts.html"
    change_form_outer_after_template = "admin/client_act.html"
    fields = (
        "name",
        "tier",
        "slug",
        "address",
        "language",
        "state",
        "state_changed_at",
        "plan",
        "next_charge",
        "money",
        "seen",
        "place",
        "trade",
        "owner",
        "schema_name",
        "schema_version",
        "failure",
        "created_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        return super().get_queryset(request).exclude(tier="public")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Money's lists are shown to those who may open them."""
        may = request.user.has_perm("billing.view_subscription")
        return self.fields if may else [name for name in self.fields if name != "money"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What a page's rows show beside their own is read in one query per table."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        self.lines_prepare(page.result_list)
        return page

    def lines_prepare(self, rows: Sequence[Any]) -> None:
        lines = client_lines(rows)
        for row in rows:
            row.line = lines[row.pk]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With what lies in the client's own schema, the people, the acts and the history."""
        row = self.get_object(request, object_id)
        if row is None:
            return super().change_view(request, object_id, form_url, extra_context)
        page = {
            "facts": client_facts(row, now=clock.now()),
            "people": client_people(row),
            "history": client_history(row),
            "acts": [act for act in self.get_action_choices(request) if act[0]],
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Tenant], search_term: str
    ) -> tuple[QuerySet[Tenant], bool]:
        return (clients_found(queryset, search_term) if search_term else queryset), False

    @display(description=_("Plan"))
    def plan(self, row: Tenant) -> str:
        return self._line(row).plan or "–"

    @display(description=_("Next charge"))
    def next_charge(self, row: Tenant) -> str:
        return date_format(at, "j M Y") if (at := self._line(row).charged_at) else "–"

    @display(description=_("People"))
    def people(self, row: Tenant) -> int:
        return self._line(row).people

    @display(description=_("Last seen"))
    def seen(self, row: Tenant) -> str:
        seen_at = self._line(row).seen_at
        return gettext("%(time)s ago") % {"time": timesince(seen_at)} if seen_at else "–"

    @display(
        description=_("Status"),
        label={"active": "success", "blocked": "danger", "failed": "danger", "preparing": "info"},
    )
    def status(self, row: Tenant) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description="Money")
    def money(self, row: Tenant) -> str:
        links = ((address, words) for words, address in money_pages(row))
        return format_html_join(" · ", '<a class="underline" href="{}">{}</a>', links)

    @display(description=_("City"))
    def place(self, row: Tenant) -> str:
        return self._line(row).city or "–"

    @display(description=_("Industry or trade"))
    def trade(self, row: Tenant) -> str:
        return self._line(row).industry or "–"

    @display(description=_("Web address"))
    def address(self, row: Tenant) -> str:
        return tenant_url(row)

    @display(description=_("Owner"))
    def owner(self, row: Tenant) -> str:
        owners = Membership.objects.select_related("user").filter(tenant=row, role="owner")
        return ", ".join(f"{m.user} ({m.user.phone or m.user.email})" for m in owners) or "–"

    def _line(self, row: Tenant) -> ClientLine:
        if not hasattr(row, "line"):
            row.line = client_lines([row])[row.pk]
        return row.line

    def has_change_client_permission(self, request: HttpRequest) -> bool:
        """Of the actions: the fields themselves are changed by nobody."""
        return request.user.has_perm("tenants.change_tenant")

    def has_visit_client_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tenants.visit_tenant")

    def has_link_client_permission(self, request: HttpRequest) -> bool:
        of_any = ("tenants.send_sign_in_link", "tenants.change_tenant")
        return any(request.user.has_perm(name) for name in of_any)

    @admin.action(permissions=["visit_client"], description=_("Look into it, read only"))
    def visit(self, request: HttpRequest, rows: QuerySet[Tenant]) -> HttpResponse | None:
        """One at a time: a visit is to somebody."""
        if rows.count() != 1:
            messages.error(request, gettext("Choose one client: a visit is to one workspace."))
            return None
        opened: list[str] = []

        def begin(*, tenant: Tenant, reason: str, actor_id: Any, now: Any) -> bool:
            opened.append(visit_begin(tenant=tenant, staff=request.user, reason=reason, now=now))
            return True

        answer = self._with_reason(request, rows, "visit", begin, gettext("opened"))
        return redirect(opened[0]) if opened else answer

    @admin.action(permissions=["link_client"], description=_("Send the owner a sign-in link"))
    def sign_in_link(self, request: HttpRequest, rows: QuerySet[Tenant]) -> HttpResponse | None:
        def send(*, tenant: Tenant, reason: str, actor_id: Any, now: Any) -> bool:
            sign_in_link_send(tenant=tenant, staff=request.user, reason=reason, now=now)
            return True

        word = gettext("the link is on its way to the owner")
        return self._with_reason(request, rows, "sign_in_link", send, word)

    @admin.action(permissions=["change_client"], description=_("Block, with a reason"))
    def block(self, request: HttpRequest, rows: QuerySet[Tenant]) -> HttpResponse | None:
        return self._with_reason(request, rows, "block", tenant_block, gettext("blocked"))

    @admin.action(permissions=["change_client"], description=_("Reactivate, with a reason"))
    def reactivate(self, request: HttpRequest, rows: QuerySet[Tenant]) -> HttpResponse | None:
        return self._with_reason(request, rows, "reactivate", tenant_reactivate, gettext("active"))

    @admin.action(permissions=["change_client"], description=_("Prepare again, with a reason"))
    def prepare_again(self, request: HttpRequest, rows: QuerySet[Tenant]) -> HttpResponse | None:
        word = gettext("is being prepared")
        return self._with_reason(request, rows, "prepare_again", workspace_prepare_again, word)

    def _with_reason(
        self, request: HttpRequest, rows: QuerySet[Tenant], action: str, change: Any, word: str
    ) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": gettext("Give a reason"),
                "form": form,
                "rows": rows,
                "action": action,
                "selected": request.POST.getlist("_selected_action"),
            }
            return render(request, "admin/client_reason.html", context)
        for row in rows:
            try:
                is_changed = change(
                    tenant=row,
                    reason=form.cleaned_data["reason"],
                    actor_id=request.user.pk,
                    now=clock.now(),
                )
                if is_changed:
                    self.log_change(request, row, f"{action}: {form.cleaned_data['reason']}")
                messages.success(request, f"{row.name}: {word}")
            except PlatformError as error:
                messages.error(request, f"{row.name}: {sentence_of(error)}")
        return None


@admin.register(DueWork)
class DueWorkAdmin(ReadOnlyAdmin):
    list_display = ("task", "tenant", "due_at", "attempts", "done_at", "dead_at")
    list_filter = ("task", "queue", ("dead_at", admin.EmptyFieldListFilter))
    list_select_related = ("tenant",)
    search_fields = ("key",)
    ordering = ("-due_at",)
