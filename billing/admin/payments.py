"""Visits to the gateways' pages, the money that they took, and what goes back."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline

from billing.admin.base import ActingAdmin, ReadOnlyAdmin, ReasonForm, paise_of, rupees_field
from billing.admin.documents import SettlementInline
from billing.admin.shown import EMPTY, link, method_words
from billing.models import Checkout, Dispute, Payment, Refund, TaxDocument
from billing.services.refund_closing import refund_note, refund_without_note
from billing.services.refunds import refundable_paise, refunds_for_staff
from billing.services.staff_acts import refund_by_staff
from billing.staff_selectors import refund_invoices, refunds_to_make
from marketing_platform.core.money import Rupees

NOT_WAITING = "Choose one refund that misses its credit note (filter: credit note, missing)."


class RefundForm(ReasonForm):
    amount = rupees_field("Amount with GST, in ₹")


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = (
        "tenant",
        "purpose",
        "state",
        "interval",
        "amount",
        "way",
        "remote_id",
        "created_at",
    )
    list_filter = ("state", "purpose", "interval", "gateway", "created_at")
    search_fields = ("id", "tenant__name", "tenant__slug", "remote_id", "document_number")
    list_select_related = ("tenant",)
    tenant_path = "tenant"

    @admin.display(ordering="amount_paise", description="amount with GST")
    def amount(self, row: Checkout) -> str:
        return Rupees(row.amount_paise).format()


class SurplusFilter(admin.SimpleListFilter):
    title = "paid for nothing"
    parameter_name = "surplus"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "Still to be given back")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        if self.value() != "waits":
            return queryset
        return queryset.filter(pk__in=refunds_to_make().values("pk"))


class RefundInline(TabularInline):
    model = Refund
    extra = 0
    can_delete = False
    hide_title = True
    show_change_link = True
    fields = readonly_fields = ("created_at", "amount", "state", "reason", "settled_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="amount")
    def amount(self, row: Refund) -> str:
        return Rupees(row.amount_paise).format()


@admin.register(Payment)
class PaymentAdmin(ActingAdmin):
    list_display = ("tenant", "amount", "way", "paid_by", "remote_id", "surplus", "paid_at")
    list_filter = (SurplusFilter, "needs_refund", "gateway", "method", "paid_at")
    search_fields = (
        "tenant__name",
        "tenant__slug",
        "remote_id",
        "remote_invoice_id",
        "settlements__document__number",
    )
    inlines = (SettlementInline, RefundInline)
    list_select_related = ("tenant",)
    tenant_path = "tenant"
    actions = ("refund",)

    def links(self, row: Payment) -> list[Any]:
        rows = row.settlements.select_related("document")
        documents = {each.document_id: each.document for each in rows}.values()
        own = [link(each, f"Invoice {each.number}") for each in documents]
        own += [link(row.subscription, "Subscription")] if row.subscription_id else []
        return [*own, *super().links(row)]

    @admin.display(description="method", ordering="method")
    def paid_by(self, row: Payment) -> str:
        return method_words(row.method)

    @admin.display(description="paid for nothing", ordering="needs_refund")
    def surplus(self, row: Payment) -> str:
        return f"Yes: {row.remark or 'goes back'}" if row.needs_refund else EMPTY

    def act_facts(self, row: Payment) -> list[tuple[str, Any]]:
        left = Rupees(refundable_paise(row)).format()
        return [*super().act_facts(row), ("Can still go back", left)]

    @admin.display(ordering="amount_paise", description="amount with GST")
    def amount(self, row: Payment) -> str:
        return Rupees(row.amount_paise).format()

    @admin.action(permissions=["act"], description="Refund, with a reason")
    def refund(self, request: HttpRequest, rows: QuerySet[Payment]) -> HttpResponse | None:
        def do(row: Payment, data: dict[str, Any], by: dict[str, Any]) -> str:
            planned = refund_by_staff(
                payment=row, amount_paise=paise_of(data["amount"]), reason=data["reason"], **by
            )
            return f"{Rupees(planned.amount_paise).format()} goes back, with its credit note"

        if rows.count() != 1:
            messages.error(request, "Choose one payment.")
            return None
        return self.act(
            request,
            rows,
            action="refund",
            title="Refund",
            text="The gateway gives the amount back to the customer, and this cannot be undone. "
            "Once it has, a credit note with its GST is issued. The subscription goes on.",
            form_class=RefundForm,
            do=do,
        )


class CreditFilter(admin.SimpleListFilter):
    """The queue of staff: what went back for an invoice without a credit note."""

    title = "credit note"
    parameter_name = "credit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("missing", "Missing")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:
        if self.value() != "missing":
            return queryset
        return queryset.filter(pk__in=refunds_for_staff().values("pk"))


class CloseForm(ReasonForm):
    """`invoices`: those of the customer, as (id, words)."""

    what = forms.ChoiceField(
        label="What is right",
        choices=[
            ("note", "A credit note on an invoice"),
            ("none", "None is due: the invoice stands with its GST, and the money is a loss"),
        ],
        widget=forms.RadioSelect,
    )
    invoice = forms.ChoiceField(label="Invoice (of a credit note)", required=False)

    def __init__(self, *args: Any, invoices: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["invoice"].choices = [("", "–"), *invoices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") == "note" and not data.get("invoice"):
            self.add_error("invoice", "Choose the invoice that the credit note is on.")
        return data


def close(row: Refund, data: dict[str, Any], by: dict[str, Any]) -> str:
    facts = {"refund": row, "reason": data["reason"], **by}
    if data["what"] == "none":
        document, loss = refund_without_note(**facts)
        return f"{document.number} stands, {Rupees(loss).format()} is written off"
    document = TaxDocument.objects.get(pk=data["invoice"])
    note = refund_note(document=document, **facts)
    return f"credit note {note.number} on {document.number}"


@admin.register(Refund)
class RefundAdmin(ActingAdmin):
    list_display = ("tenant", "amount", "state", "reason", "remote_id", "created_at", "settled_at")
    list_filter = ("state", CreditFilter, "created_at")
    search_fields = ("tenant__name", "tenant__slug", "remote_id", "payment__remote_id")
    list_select_related = ("tenant",)
    tenant_path = "tenant"
    actions = ("close",)

    @admin.display(ordering="amount_paise")
    def amount(self, row: Refund) -> str:
        return Rupees(row.amount_paise).format()

    def links(self, row: Refund) -> list[Any]:
        own = [link(row.payment, f"Payment {row.payment.remote_id}")]
        own += [link(note, f"Credit note {note.number}") for note in row.documents.all()]
        return [*own, *super().links(row)]

    @admin.action(permissions=["act"], description="Close: credit note, or none is due")
    def close(self, request: HttpRequest, rows: QuerySet[Refund]) -> HttpResponse | None:
        waiting = refunds_for_staff().filter(pk__in=rows.values("pk"))
        if rows.count() != 1 or not waiting.exists():
            messages.error(request, NOT_WAITING)
            return None
        invoices = refund_invoices(rows.get())
        return self.act(
            request,
            rows,
            action="close",
            title="Close a refund without a credit note",
            text="The money is already with the customer. This says which paper answers for it. "
            "What earlier credit notes of the invoice have left is used first.",
            form_class=partial(CloseForm, invoices=invoices),
            do=close,
        )


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "amount", "stands", "reason", "remote_id", "observed_at")
    list_filter = ("state",)
    search_fields = ("tenant__name", "tenant__slug", "remote_id")
    list_select_related = ("tenant",)
    tenant_path = "tenant"

    @admin.display(ordering="amount_paise")
    def amount(self, row: Dispute) -> str:
        return Rupees(row.amount_paise).format()

    @admin.display(description="state", ordering="state")
    def stands(self, row: Dispute) -> str:
        return row.state.replace("_", " ").capitalize()
