"""What reaches the bank: payouts of gateways, statements, customers' transfers."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from unfold.admin import TabularInline

from billing.admin import settlements
from billing.admin.base import ActingAdmin, ReadOnlyAdmin, ReasonForm, paise_of, rupees_field
from billing.engine.transfers import Part
from billing.models import (
    BankLine,
    BankStatement,
    IncomingTransfer,
    Payout,
    PayoutItem,
    TaxDocument,
)
from billing.selectors.payouts import bank_state_ids
from billing.services.transfers import (
    transfer_add,
    transfer_assign,
    transfer_match,
    transfer_return,
    undone_of,
)
from billing.services.undoing import transfer_undo
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees

MOST_PAISE = 10**12


class PayoutItemInline(TabularInline):
    model = PayoutItem
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "kind",
        "remote_id",
        "amount_paise",
        "fee_paise",
        "fee_tax_paise",
        "is_known",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BankFilter(admin.SimpleListFilter):
    """How a payout stands against the bank; the settlements page says why in words."""

    title = "bank's statement"
    parameter_name = "bank"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("matched", "Matched"), ("differs", "Differs"), ("unmatched", "Unmatched")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payout]) -> QuerySet[Payout]:
        if self.value() == "matched":
            return queryset.exclude(bank_line=None)
        if self.value() in {"differs", "unmatched"}:
            return queryset.filter(pk__in=bank_state_ids(self.value()))
        return queryset


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ("remote_id", "gateway", "state", "utr", "amount", "fee", "paid_on", "in_bank")
    list_filter = ("gateway", "state", BankFilter, "paid_on")
    search_fields = ("remote_id", "utr", "items__remote_id")
    list_select_related = ("bank_line",)
    inlines = (PayoutItemInline,)

    def get_urls(self) -> list[URLPattern]:
        see = self.admin_site.admin_view
        pages = (
            ("settlements/", settlements.settlements, "settlements"),
            ("settlements/<slug:table>.csv", settlements.settlements_csv, "settlements_csv"),
            ("settlements/statement/", settlements.statement_upload, "statement_upload"),
            ("settlements/import/", settlements.payouts_now, "payouts_now"),
        )
        own = [path(route, see(view), name=f"billing_{name}") for route, view, name in pages]
        return [*own, *super().get_urls()]

    @admin.display(ordering="amount_paise")
    def amount(self, row: Payout) -> str:
        return Rupees(row.amount_paise).format()

    @admin.display(description="fee and GST on it")
    def fee(self, row: Payout) -> str:
        return Rupees(row.fee_paise + row.fee_tax_paise).format()

    @admin.display(boolean=True, description="on the bank's statement")
    def in_bank(self, row: Payout) -> bool:
        return getattr(row, "bank_line", None) is not None


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "uploaded_at", "actor_id")


class LineFilter(admin.SimpleListFilter):
    title = "what it is"
    parameter_name = "is"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("payout", "A payout"), ("transfer", "A customer's transfer"), ("open", "Open")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BankLine]) -> QuerySet[BankLine]:
        ways = {
            "payout": queryset.exclude(payout=None),
            "transfer": queryset.exclude(transfer=None),
            "open": queryset.filter(payout=None, transfer=None),
        }
        return ways.get(self.value() or "", queryset)


@admin.register(BankLine)
class BankLineAdmin(ReadOnlyAdmin):
    list_display = ("on", "amount", "utr", "narration", "payout")
    list_filter = (LineFilter, "on")
    search_fields = ("utr", "narration")
    list_select_related = ("payout",)

    @admin.display(ordering="amount_paise")
    def amount(self, row: BankLine) -> str:
        return Rupees(row.amount_paise).format()


class TurnForm(ReasonForm):
    """Of the match that was on the page: sent again after another one it does nothing."""

    turn = forms.IntegerField(
        min_value=0, max_value=10_000, required=False, widget=forms.HiddenInput
    )


class AssignForm(TurnForm):
    parts = forms.CharField(
        label="Invoices",
        help_text="One in each line: number, rupees of this transfer, rupees of deducted tax (TDS)",
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )

    def clean_parts(self) -> list[Part]:
        lines = [line.split() for line in self.cleaned_data["parts"].splitlines() if line.strip()]
        return [_part(words) for words in lines]


def _part(words: list[str]) -> Part:
    if len(words) not in {2, 3}:
        raise forms.ValidationError("Each line: number, rupees, rupees of TDS.")
    document = TaxDocument.objects.filter(number=words[0], kind="invoice").order_by("-pk").first()
    if document is None:
        raise forms.ValidationError(f"There is no invoice {words[0]}.")
    try:
        paid, tds = (Rupees.of(text).paise for text in (words[1], (*words, "0")[2]))
    except (ArithmeticError, ValueError) as error:
        raise forms.ValidationError("Rupees as 27000 or 27000.50.") from error
    if not 0 < paid <= MOST_PAISE or not 0 <= tds <= MOST_PAISE:
        raise forms.ValidationError("Rupees as 27000 or 27000.50.")
    return Part(invoice_id=document.pk, transfer_paise=paid, tds_paise=tds)


class UnknownForm(ReasonForm):
    utr = forms.CharField(label="UTR, as the bank writes it", max_length=60)
    amount = rupees_field("Amount that arrived, in ₹")
    received_on = forms.DateField(label="Day of arrival (YYYY-MM-DD)")
    payer_name = forms.CharField(label="Sender", max_length=200, required=False)
    virtual_account = forms.CharField(label="Virtual account", max_length=40, required=False)
    reference = forms.CharField(label="Reference of the sender", max_length=200, required=False)


@admin.register(IncomingTransfer)
class IncomingTransferAdmin(ActingAdmin):
    """The queue: what could not be matched to invoices by itself, and why."""

    list_display = ("utr", "amount", "received_on", "payer_name", "account", "state", "remark")
    list_filter = ("state", "received_on")
    search_fields = ("utr", "payer_name", "reference", "virtual_account", "account__legal_name")
    list_select_related = ("account",)
    actions = ("look_again", "assign", "undo", "sent_back")

    @admin.display(ordering="amount_paise")
    def amount(self, row: IncomingTransfer) -> str:
        return Rupees(row.amount_paise).format()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_act_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A transfer whose sender nobody knows: it is matched, or waits with the reason."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UnknownForm(request.POST if is_sent else None, initial={"act_id": uuid.uuid4()})
        if is_sent and form.is_valid():
            transfer = self._entered(request, form)
            if transfer is not None:
                return redirect("admin:billing_incomingtransfer_changelist")
        text = "Without a known payer: invoices are looked for by name, number and amount."
        return self._ask(
            request, IncomingTransfer.objects.none(), form, "", "A transfer that arrived", text
        )

    def _entered(self, request: HttpRequest, form: forms.Form) -> IncomingTransfer | None:
        data = dict(form.cleaned_data)
        reason, amount = data.pop("reason"), paise_of(data.pop("amount"))
        data.pop("act_id")
        by = {"actor_id": request.user.pk, "now": clock.now()}
        try:
            transfer = transfer_add(**data, amount_paise=amount, **by)
        except PlatformError as error:
            form.add_error(None, sentence_of(error))
            return None
        self.log_addition(request, transfer, f"entered: {reason}"[:300])
        said = f"UTR {transfer.utr}: {transfer.get_state_display()}. {transfer.remark}"
        messages.success(request, said)
        return transfer

    @admin.action(permissions=["act"], description="Look again for its invoices")
    def look_again(self, request: HttpRequest, rows: QuerySet[IncomingTransfer]) -> None:
        def do(row: IncomingTransfer, _data: dict[str, Any], by: dict[str, Any]) -> str:
            found = transfer_match(transfer_id=row.pk, **by)
            return f"{found.get_state_display()} {found.remark}".strip()

        self.act_plainly(request, rows, "look_again", do)

    @admin.action(permissions=["act"], description="Say what it pays for")
    def assign(self, request: HttpRequest, rows: QuerySet[IncomingTransfer]) -> HttpResponse | None:
        def do(row: IncomingTransfer, data: dict[str, Any], by: dict[str, Any]) -> str:
            facts = {name: data[name] for name in ("parts", "reason", "turn")}
            return transfer_assign(transfer_id=row.pk, **facts, **by).get_state_display()

        if rows.count() != 1:
            messages.error(request, "Choose one transfer.")
            return None
        return self.act(
            request,
            rows,
            action="assign",
            title="What this transfer pays for",
            text="The rupees together are the transfer, to the paisa.",
            form_class=AssignForm,
            do=do,
            initial={"turn": undone_of(rows.get())},
        )

    @admin.action(permissions=["act"], description="Undo a wrong match")
    def undo(self, request: HttpRequest, rows: QuerySet[IncomingTransfer]) -> HttpResponse | None:
        def do(row: IncomingTransfer, data: dict[str, Any], by: dict[str, Any]) -> str:
            facts = {"reason": data["reason"], "turn": data["turn"]}
            found = transfer_undo(transfer_id=row.pk, **facts, **by)
            return found.get_state_display()

        if rows.count() != 1:
            messages.error(request, "Choose one transfer.")
            return None
        return self.act(
            request,
            rows,
            action="undo",
            title="Undo the match",
            text="Its invoices are open again, with their TDS; a workspace that this money opened "
            "again is read-only again. Then say what it really pays for.",
            form_class=TurnForm,
            do=do,
            initial={"turn": undone_of(rows.get())},
        )

    @admin.action(permissions=["act"], description="It was sent back")
    def sent_back(
        self, request: HttpRequest, rows: QuerySet[IncomingTransfer]
    ) -> HttpResponse | None:
        def do(row: IncomingTransfer, data: dict[str, Any], by: dict[str, Any]) -> str:
            found = transfer_return(transfer_id=row.pk, reason=data["reason"], **by)
            return found.get_state_display()

        return self.act(
            request,
            rows,
            action="sent_back",
            title="Sent back by the bank",
            form_class=ReasonForm,
            do=do,
        )
