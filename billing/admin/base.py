"""What the staff pages of billing share: rows that only services change, and acts with a form."""

import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.admin import ModelAdmin

from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError

MOST_RUPEES = Decimal("100000000")
Act = Callable[[Any, dict[str, Any], dict[str, Any]], str]


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at; services write them."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Of the acts: the fields themselves are changed by nobody."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class ReasonForm(forms.Form):
    """Sent twice (a double click), `act_id` is the same."""

    act_id = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason (kept in the history)",
        min_length=5,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


def rupees_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal("0.01"), max_value=MOST_RUPEES, decimal_places=2
    )


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
    ) -> HttpResponse | None:
        """`do(row, data, {"actor_id", "now"})` answers a sentence; a refusal is shown instead."""
        is_sent = "act_id" in request.POST
        form = form_class(request.POST if is_sent else None, initial={"act_id": uuid.uuid4()})
        if not is_sent or not form.is_valid():
            return self._ask(request, rows, form, action, title, text)
        for row in rows:
            self._do(request, row, form.cleaned_data, action, do)
        return None

    def act_plainly(
        self, request: HttpRequest, rows: Iterable[Model], action: str, do: Act
    ) -> None:
        """Of acts that need no words: they only look."""
        for row in rows:
            self._do(request, row, {}, action, do)

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
            "form": form,
            "rows": rows,
            "action": action,
            "selected": request.POST.getlist("_selected_action"),
        }
        return render(request, "admin/billing_act.html", context)

    def _do(
        self, request: HttpRequest, row: Any, data: dict[str, Any], action: str, do: Act
    ) -> None:
        by = {"actor_id": request.user.pk, "now": clock.now()}
        try:
            said = do(row, data, by)
        except PlatformError as error:
            messages.error(request, f"{row}: {sentence_of(error)}")
            return
        self.log_change(request, row, f"{action}: {data.get('reason', said)}"[:300])
        messages.success(request, f"{row}: {said}")
