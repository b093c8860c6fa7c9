"""What the staff pages of billing share: rows that only services change, and acts with a form."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import MaxValueValidator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from billing.admin.once import DONE_BEFORE, Written, act_begin, form_is_known, line_of
from billing.admin.shown import (
    EMPTY,
    GATEWAYS,
    anchor,
    facts_of,
    joined,
    link,
    shown_fields,
    styled,
)
from billing.staff_selectors import money_pages, names_of_people, tenants_found
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError

MOST_RUPEES = Decimal("100000000")
REASON = {"min_length": 5, "max_length": 200}
Act = Callable[[Any, dict[str, Any], dict[str, Any]], str]


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at; services write them.

    `tenant_path` leads to the workspace, and a search finds rows by what is known of it too: its
    payer, a GSTIN, an invoice, a UTR, a telephone.
    """

    list_per_page = 50
    show_full_result_count = False
    tenant_path = ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Of the acts: the fields themselves are changed by nobody."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return names
        goes_on = ["goes_on"] if self.links(obj) else []
        return [*goes_on, *shown_fields(self.model, names)]

    @admin.display(description="Go on to")
    def goes_on(self, row: Any) -> SafeString | str:
        return joined(self.links(row))

    def links(self, row: Any) -> list[Any]:
        """From a row to everything of its customer; a table adds its own."""
        tenant = getattr(row, "tenant", None)
        return [] if tenant is None else customer_links(tenant)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, has_more = super().get_search_results(request, queryset, search_term)
        if not self.tenant_path or not search_term.strip():
            return found, has_more
        of_customer = {f"{self.tenant_path}__in": tenants_found(search_term)}
        ids = queryset.filter(**of_customer).order_by().values("pk")
        return found | queryset.filter(pk__in=ids), has_more

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        self.lines_prepare(page.result_list)
        return page

    def lines_prepare(self, rows: Sequence[Any]) -> None:
        """What rows show beside their own, asked once for all of them: here who did it."""
        if "person" in self.list_display:
            names = names_of_people([row.actor_id for row in rows])
            for row in rows:
                row.person_words = names.get(row.actor_id, "")

    @admin.display(description="gateway", ordering="gateway")
    def way(self, row: Any) -> str:
        return GATEWAYS.get(row.gateway, row.gateway)

    @admin.display(description="by", ordering="actor_id")
    def person(self, row: Any) -> str:
        known = getattr(row, "person_words", None)
        if known is None:
            known = names_of_people([row.actor_id]).get(row.actor_id, "")
        return known or EMPTY


def customer_links(tenant: Any) -> list[Any]:
    pages = (anchor(address, words) for words, address in money_pages(tenant))
    return [link(tenant, tenant.name), *pages]


class AddingAdmin(ReadOnlyAdmin):
    """Adding a row is an act: its form says what follows, and sent twice it adds one row.

    `title_of_act` and `text_of_act` are told to staff; the form is a OnceForm.
    """

    title_of_act = text_of_act = ""
    autocomplete_fields = ("tenant",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        if obj is not None:
            return sets
        return [(None, {**sets[0][1], "description": self.text_of_act}), *sets[1:]]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        act_id = _uuid(request.POST.get("act_id", ""))
        if act_id is None:
            return super().add_view(request, form_url, extra_context)
        with transaction.atomic():
            if form_is_known(user=request.user, model=self.model, act_id=act_id):
                messages.warning(request, DONE_BEFORE)
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            return super().add_view(request, form_url, extra_context)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        reason, act_id = form.cleaned_data.get("reason", ""), form.cleaned_data.get("act_id")
        return line_of(self.title_of_act, reason, "done", act_id)


class OnceForm(forms.ModelForm):
    act_id = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class ReasonForm(forms.Form):
    """Sent twice (a double click), `act_id` is the same."""

    act_id = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason (kept in the history)",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        **REASON,
    )

    def __init__(self, *args: Any, **kwargs: Any):
        """Why comes last, after what."""
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])


def rupees_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal("0.01"), max_value=MOST_RUPEES, decimal_places=2
    )


class RupeesField(forms.DecimalField):
    """Typed in rupees, kept in paise: for model forms over a field of paise."""

    def __init__(self, label: str, **facts: Any):
        limits = {"min_value": Decimal(0), "max_value": MOST_RUPEES, "decimal_places": 2}
        super().__init__(label=label, widget=UnfoldAdminDecimalFieldWidget, **limits, **facts)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return f"{value // 100}.{value % 100:02d}".removesuffix(".00")

    def clean(self, value: Any) -> int | None:
        rupees = super().clean(value)
        return None if rupees is None else int(rupees * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class PercentField(RupeesField):
    """Typed in percent, kept in basis points."""

    def __init__(self, label: str, **facts: Any):
        super().__init__(label, **facts)
        self.max_value = Decimal(100)
        self.validators = [MaxValueValidator(Decimal(100)), *self.validators]


def paise_of(rupees: Decimal) -> int:
    return int(rupees * 100)


class ActingAdmin(ReadOnlyAdmin):
    """Acts on chosen rows, each after a form that says what will happen."""

    def act(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        *,
        action: str,
        title: str,
        form_class: type[forms.Form],
        do: Act,
        text: str = "",
        initial: dict[str, Any] | None = None,
    ) -> HttpResponse | None:
        """`do(row, data, {"actor_id", "now"})` answers a sentence; a refusal is shown instead."""
        is_sent = "act_id" in request.POST
        first = {"act_id": uuid.uuid4(), **(initial or {})}
        form = form_class(request.POST if is_sent else None, initial=first)
        if not is_sent or not form.is_valid():
            return self._ask(request, rows, form, action, title, text)
        for row in rows:
            self._do(request, row, form.cleaned_data, title, do)
        return None

    def act_plainly(
        self, request: HttpRequest, rows: Iterable[Model], action: str, do: Act
    ) -> None:
        """Of acts that need no words: they only look."""
        for row in rows:
            self._do(request, row, {}, action.replace("_", " ").capitalize(), do)

    def act_facts(self, row: Any) -> list[tuple[str, Any]]:
        """What staff see of a row before they confirm."""
        return facts_of(row, self)

    def _ask(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        form: forms.Form,
        action: str,
        title: str,
        text: str,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "text": text,
            "form": styled(form),
            "opts": self.opts,
            "rows": [(row, self.act_facts(row)) for row in rows],
            "back": str(self.opts.verbose_name_plural),
            "action": action,
            "selected": request.POST.getlist("_selected_action"),
        }
        return render(request, "admin/billing_act.html", context)

    def _do(
        self, request: HttpRequest, row: Any, data: dict[str, Any], title: str, do: Act
    ) -> None:
        """On record first. Sent again it is not done again, and says what became of it."""
        facts = {"reason": data.get("reason", ""), "act_id": data.get("act_id")}
        written = act_begin(user=request.user, row=row, title=title, **facts)
        if not written.is_new:
            messages.warning(request, f"{row}: {DONE_BEFORE} {written.entry.change_message}")
            return
        by = {"actor_id": request.user.pk, "now": clock.now()}
        try:
            said = do(row, data, by)
        except PlatformError as error:
            self._refused(request, row, written, sentence_of(error))
            return
        written.end(said)
        messages.success(request, f"{row}: {said}")

    def _refused(self, request: HttpRequest, row: Any, written: Written, why: str) -> None:
        written.end(f"refused. {why}")
        messages.error(request, f"{row}: {why}")
