"""Invoices and credit notes, who issues them, and a month's returns."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline

from billing.admin.base import ActingAdmin, ReadOnlyAdmin, ReasonForm, paise_of, rupees_field
from billing.admin.shown import link
from billing.errors import EInvoiceIncomplete
from billing.models import (
    JournalEntry,
    JournalLine,
    PeriodLock,
    Settlement,
    Supplier,
    TaxDocument,
)
from billing.selectors.documents import open_paise
from billing.services.account_words import pincode_cleaned
from billing.services.document_pdf import document_pdf, file_name
from billing.services.returns import einvoice_file, gstr1_zip, period_lock, tally_file
from billing.services.staff_acts import document_credit, document_resend, document_write_off
from billing.services.staff_notices import charged_without_tax, letter_reminded_on
from billing.services.suppliers import registered_gstin, supplier_save
from billing.staff_selectors import invoices_by_state, transfer_of
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.money import Rupees

MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z"
ONE_ONLY = "Choose one row for this."
NO_EINVOICE = "is no e-invoice: it has no reference number (IRN)."


class CreditForm(ReasonForm):
    taxable = rupees_field("Amount before GST, in ₹")


class MonthForm(ReasonForm):
    month = forms.RegexField(MONTH, label="Month", help_text="2026-11")


class FileForm(MonthForm):
    """A file needs no reason: nothing changes."""

    reason = None
    kind = forms.ChoiceField(
        label="File", choices=[("gstr1", "GSTR-1, all tables (ZIP)"), ("tally", "Tally (XML)")]
    )


class SettlementInline(TabularInline):
    """What settles an invoice, or what a payment paid for."""

    model = Settlement
    extra = 0
    can_delete = False
    hide_title = True
    fields = readonly_fields = ("settled_on", "by", "amount", "paid_with", "reason")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="amount")
    def amount(self, row: Settlement) -> str:
        return Rupees(row.amount_paise).format()

    @admin.display(description="payment, transfer or note")
    def paid_with(self, row: Settlement) -> Any:
        if row.payment_id:
            return link(row.payment, row.payment.remote_id)
        transfer = transfer_of(row.cause)
        return link(transfer, f"UTR {transfer.utr}") if transfer else row.cause.partition(":")[2]


class OpenFilter(admin.SimpleListFilter):
    title = "payment"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("overdue", "Overdue"), ("settled", "Settled")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TaxDocument]
    ) -> QuerySet[TaxDocument]:
        if self.value() not in {"open", "overdue", "settled"}:
            return queryset
        return invoices_by_state(queryset, self.value(), today=clock.today(clock.now()))


@admin.register(TaxDocument)
class TaxDocumentAdmin(ActingAdmin):
    list_display = (
        "number",
        "kind",
        "tenant",
        "account",
        "issued_on",
        "due_on",
        "total",
        "left",
    )
    list_filter = (OpenFilter, "kind", "supply", "issued_on", "supplier")
    search_fields = ("number", "tenant__name", "tenant__slug", "account__legal_name", "po_number")
    inlines = (SettlementInline,)
    list_select_related = ("tenant", "account")
    tenant_path = "tenant"
    actions = ("download", "einvoice", "resend", "credit", "write_off")

    def links(self, row: TaxDocument) -> list[Any]:
        own = [link(row.original, f"Invoice {row.original.number}")] if row.original_id else []
        own += [link(each, f"Credit note {each.number}") for each in row.credit_notes.all()]
        own += [link(row.subscription, "Subscription")] if row.subscription_id else []
        return [*own, *super().links(row)]

    @admin.display(ordering="total_paise", description="total with GST")
    def total(self, row: TaxDocument) -> str:
        return Rupees(row.total_paise).format()

    @admin.display(description="open")
    def left(self, row: TaxDocument) -> str:
        known = getattr(row, "settled_paise", None)
        if row.kind != "invoice":
            return "–"
        paise = open_paise(row) if known is None else row.total_paise - known
        return Rupees(paise).format()

    def lines_prepare(self, rows: Sequence[Any]) -> None:
        """What is settled of them too."""
        from billing.selectors.documents import settled_paise

        super().lines_prepare(rows)
        sums = settled_paise(rows)
        for row in rows:
            row.settled_paise = sums.get(row.pk, 0)

    @admin.action(description="Download the PDF")
    def download(self, request: HttpRequest, rows: QuerySet[TaxDocument]) -> HttpResponse | None:
        row = _only(request, rows.select_related("supplier", "original"))
        if row is None:
            return None
        return _file(document_pdf(row), file_name(row), "application/pdf")

    @admin.action(description="Download for the e-invoice portal (JSON)")
    def einvoice(self, request: HttpRequest, rows: QuerySet[TaxDocument]) -> HttpResponse | None:
        row = _only(request, rows.select_related("supplier", "original", "account"))
        if row is None:
            return None
        if not row.irn:
            messages.error(request, f"{row.number} {NO_EINVOICE}")
            return None
        try:
            content = einvoice_file(row)
        except EInvoiceIncomplete as error:
            messages.error(request, sentence_of(error))
            return None
        return _file(content, file_name(row).replace(".pdf", ".json"), "application/json")

    @admin.action(permissions=["act"], description="Send again to the payer")
    def resend(self, request: HttpRequest, rows: QuerySet[TaxDocument]) -> HttpResponse | None:
        def do(row: TaxDocument, data: dict[str, Any], by: dict[str, Any]) -> str:
            count = document_resend(document=row, reason=data["reason"], **by)
            return f"sent to {count} {'address' if count == 1 else 'addresses'} of the payer"

        return self.act(
            request,
            rows,
            action="resend",
            title="Send again",
            text="Every billing address of the payer gets the link to this document once more.",
            form_class=ReasonForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Credit note, with a reason")
    def credit(self, request: HttpRequest, rows: QuerySet[TaxDocument]) -> HttpResponse | None:
        def do(row: TaxDocument, data: dict[str, Any], by: dict[str, Any]) -> str:
            facts = {"reason": data["reason"], "act_id": data["act_id"]}
            note = document_credit(
                document=row, taxable_paise=paise_of(data["taxable"]), **facts, **by
            )
            return f"{note.number} over {Rupees(note.total_paise).format()}"

        one = rows if rows.count() == 1 else rows.none()
        if not one:
            messages.error(request, ONE_ONLY)
            return None
        return self.act(
            request,
            one,
            action="credit",
            title="Credit note",
            text="GST of the same rate is taken back with it. No money moves: refund it apart.",
            form_class=CreditForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Write off what is open, with a reason")
    def write_off(self, request: HttpRequest, rows: QuerySet[TaxDocument]) -> HttpResponse | None:
        def do(row: TaxDocument, data: dict[str, Any], by: dict[str, Any]) -> str:
            left = document_write_off(document=row, reason=data["reason"], **by)
            return f"{Rupees(left).format()} written off"

        return self.act(
            request,
            rows,
            action="write_off",
            title="Write off",
            text="What is open is a loss in the books. Its GST stays declared.",
            form_class=ReasonForm,
            do=do,
        )


class SupplierForm(forms.ModelForm):
    class Meta:
        model = Supplier
        fields = (
            "legal_name",
            "address",
            "city",
            "pincode",
            "gstin",
            "email",
            "lut_number",
            "lut_valid_until",
            "issues_e_invoices",
            "bank_details",
        )

    def clean_gstin(self) -> str:
        return _checked(lambda: registered_gstin(self.cleaned_data["gstin"]).value)

    def clean_pincode(self) -> str:
        return _checked(lambda: pincode_cleaned(self.cleaned_data["pincode"], "IN", is_needed=True))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("lut_valid_until") and not data.get("lut_number"):
            self.add_error("lut_number", "Invoices without tax name the letter: enter its number.")
        return data


def _checked(check: Callable[[], str]) -> str:
    try:
        return check()
    except InvalidInput as error:
        raise forms.ValidationError(sentence_of(error)) from error


@admin.register(Supplier)
class SupplierAdmin(ActingAdmin):
    """Saving a GSTIN makes it the one that issues. Documents that are issued keep their words."""

    form = SupplierForm
    list_display = ("legal_name", "gstin", "city", "is_on", "issues_e_invoices", "lut_valid_until")
    actions = ("files", "lock_month")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.add_supplier")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.change_supplier")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """In the last thirty days of a letter of undertaking, and after them, it says so."""
        for row in Supplier.objects.filter(is_on=True, lut_valid_until__isnull=False):
            if clock.today() >= letter_reminded_on(row.lut_valid_until):
                messages.warning(
                    request,
                    f"The letter of undertaking of {row.gstin} ends on "
                    f"{row.lut_valid_until:%d-%m-%Y}. Subscriptions that are charged without tax "
                    f"now: {charged_without_tax()}.",
                )
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: Supplier, form: Any, change: bool) -> None:
        saved = supplier_save(**form.cleaned_data)
        obj.__dict__.update(saved.__dict__)

    @admin.action(description="Files of a month: GSTR-1, Tally")
    def files(self, request: HttpRequest, rows: QuerySet[Supplier]) -> HttpResponse | None:
        found: list[HttpResponse] = []

        def do(row: Supplier, data: dict[str, Any], _by: dict[str, Any]) -> str:
            month = data["month"]
            if data["kind"] == "tally":
                content = tally_file(supplier=row, month=month)
                found.append(_file(content, f"tally-{month}.xml", "application/xml"))
            else:
                content = gstr1_zip(supplier=row, month=month)
                found.append(_file(content, f"gstr1-{month}.zip", "application/zip"))
            return f"{data['kind']} of {month}"

        if _only(request, rows) is None:
            return None
        asked = self.act(
            request, rows, action="files", title="Files of a month", form_class=FileForm, do=do
        )
        return asked or (found[0] if found else None)

    @admin.action(permissions=["act"], description="Lock a month after filing")
    def lock_month(self, request: HttpRequest, rows: QuerySet[Supplier]) -> HttpResponse | None:
        def do(row: Supplier, data: dict[str, Any], by: dict[str, Any]) -> str:
            return f"{period_lock(supplier=row, month=data['month'], **by).month} is locked"

        return self.act(
            request,
            rows,
            action="lock_month",
            title="Lock a month",
            text="Nothing is issued into it any more, and nobody can open it again.",
            form_class=MonthForm,
            do=do,
        )


@admin.register(PeriodLock)
class PeriodLockAdmin(ReadOnlyAdmin):
    list_display = ("month", "supplier", "person", "locked_at")
    list_select_related = ("supplier",)


class LineInline(TabularInline):
    model = JournalLine
    extra = 0
    can_delete = False
    hide_title = True
    fields = readonly_fields = ("name", "debit", "credit")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="account")
    def name(self, row: JournalLine) -> str:
        return row.account.replace("_", " ").capitalize()

    @admin.display(description="debit")
    def debit(self, row: JournalLine) -> str:
        return Rupees(row.amount_paise).format() if row.amount_paise > 0 else ""

    @admin.display(description="credit")
    def credit(self, row: JournalLine) -> str:
        return Rupees(-row.amount_paise).format() if row.amount_paise < 0 else ""


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ("posted_on", "event", "amount", "narration", "tenant", "reason")
    list_filter = ("kind", "posted_on")
    search_fields = ("cause", "narration", "tenant__slug")
    list_select_related = ("tenant",)
    tenant_path = "tenant"
    inlines = (LineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        debits = Sum("lines__amount_paise", filter=Q(lines__amount_paise__gt=0))
        return super().get_queryset(request).annotate(debit_paise=debits)

    @admin.display(description="event", ordering="kind")
    def event(self, row: JournalEntry) -> str:
        return row.kind.replace("_", " ").capitalize()

    @admin.display(description="amount")
    def amount(self, row: JournalEntry) -> str:
        return Rupees(row.debit_paise or 0).format()


def _only(request: HttpRequest, rows: QuerySet[Any]) -> Any:
    found = list(rows[:2])
    if len(found) != 1:
        messages.error(request, ONE_ONLY)
        return None
    return found[0]


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
