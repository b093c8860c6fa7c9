"""Visits to the gateways' pages, the money that they took, and what goes back."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from billing.admin.base import ActingAdmin, ReadOnlyAdmin, ReasonForm, paise_of, rupees_field
from billing.models import Checkout, Dispute, Payment, Refund
from billing.services.refunds import refunds_for_staff
from billing.services.staff_acts import refund_by_staff
from marketing_platform.core.money import Rupees


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
        "gateway",
        "remote_id",
        "created_at",
    )
    list_filter = ("state", "purpose", "interval", "gateway", "created_at")
    search_fields = ("id", "tenant__name", "tenant__slug", "remote_id", "document_number")
    list_select_related = ("tenant",)

    @admin.display(ordering="amount_paise", description="amount with GST")
    def amount(self, row: Checkout) -> str:
        return Rupees(row.amount_paise).format()


@admin.register(Payment)
class PaymentAdmin(ActingAdmin):
    list_display = ("tenant", "amount", "gateway", "method", "remote_id", "needs_refund", "paid_at")
    list_filter = ("needs_refund", "gateway", "method", "paid_at")
    search_fields = ("tenant__name", "tenant__slug", "remote_id")
    list_select_related = ("tenant",)
    actions = ("refund",)

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
            text="The gateway gives it back; once it has, a credit note is issued.",
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


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "amount", "state", "reason", "remote_id", "created_at", "settled_at")
    list_filter = ("state", CreditFilter, "created_at")
    search_fields = ("tenant__name", "tenant__slug", "remote_id", "payment__remote_id")
    list_select_related = ("tenant",)

    @admin.display(ordering="amount_paise")
    def amount(self, row: Refund) -> str:
        return Rupees(row.amount_paise).format()


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("tenant", "amount", "state", "reason", "remote_id", "observed_at")
    list_filter = ("state",)
    search_fields = ("tenant__name", "tenant__slug", "remote_id")
    list_select_related = ("tenant",)

    @admin.display(ordering="amount_paise")
    def amount(self, row: Dispute) -> str:
        return Rupees(row.amount_paise).format()
