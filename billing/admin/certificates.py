"""Certificates of deducted tax: which do not fit, which are missing, and what staff do about it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from billing.admin.base import ActingAdmin, ReasonForm, customer_links, paise_of, rupees_field
from billing.admin.shown import EMPTY, joined, link
from billing.models import TdsCertificate
from billing.selectors.accounts import workspaces_of
from billing.services.tds import certificate_accept, certificate_reject
from billing.staff_selectors import deductions_of
from marketing_platform.core.money import Rupees

CHOOSE_ONE = "Choose one certificate."
NO_FILE = "No file was uploaded for this one yet."
WORDS = {
    "open": "Wait for it; the payer is asked every 30 days",
    "received": "Accept it or reject it",
    "matched": "Nothing",
}


class WaitingFilter(admin.SimpleListFilter):
    title = "what waits"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("differs", "Differs: accept or reject"),
            ("missing", "Missing after the reminder"),
            ("rejected", "Rejected: another one is awaited"),
            ("not_asked", "Not asked for yet"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TdsCertificate]
    ) -> QuerySet[TdsCertificate]:
        missing = queryset.filter(state="open", certified_paise=None)
        ways = {
            "differs": queryset.filter(state="received"),
            "missing": missing.exclude(reminded_at=None),
            "rejected": queryset.filter(state="open").exclude(certified_paise=None),
            "not_asked": missing.filter(reminded_at=None),
        }
        return ways.get(self.value() or "", queryset)


class AcceptForm(ReasonForm):
    certified = rupees_field("Tax on the certificate as you read it in the file, in ₹")


class RejectForm(ReasonForm):
    """The payer reads the reason."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "Reason (the customer reads it)"


@admin.register(TdsCertificate)
class TdsCertificateAdmin(ActingAdmin):
    list_display = (
        "account",
        "period",
        "state",
        "declared",
        "certified",
        "difference",
        "to_do",
        "reminded_at",
    )
    list_filter = (WaitingFilter, "state", "financial_year", "quarter")
    search_fields = ("account__legal_name", "certificate_number", "account__documents__number")
    list_select_related = ("account",)
    tenant_path = "account__workspaces__tenant"
    exclude = ("content",)
    actions = ("download", "accept", "reject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TdsCertificate]:
        return super().get_queryset(request).defer("content")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "difference", "invoices", "to_do"]

    @admin.display(description="quarter", ordering="financial_year")
    def period(self, row: TdsCertificate) -> str:
        return f"{row.financial_year} Q{row.quarter}"

    @admin.display(description="declared", ordering="booked_paise")
    def declared(self, row: TdsCertificate) -> str:
        return Rupees(row.booked_paise).format()

    @admin.display(description="certified", ordering="certified_paise")
    def certified(self, row: TdsCertificate) -> str:
        paise = row.certified_paise
        return EMPTY if paise is None else Rupees(paise).format()

    @admin.display(description="difference")
    def difference(self, row: TdsCertificate) -> str:
        if row.certified_paise is None:
            return EMPTY
        paise = row.certified_paise - row.booked_paise
        words = {True: "more", False: "less"}[paise > 0]
        return f"{Rupees(abs(paise)).format()} {words}" if paise else "none"

    @admin.display(description="what to do")
    def to_do(self, row: TdsCertificate) -> str:
        if row.state == "open" and row.certified_paise is not None:
            return "Rejected: wait for another one"
        return WORDS[row.state]

    @admin.display(description="invoices of the quarter")
    def invoices(self, row: TdsCertificate) -> Any:
        """Which invoice the tax was deducted from, and how much."""
        return joined(
            link(document, f"{document.number}: {Rupees(paise).format()}")
            for document, paise in deductions_of(row)
        )

    def act_facts(self, row: TdsCertificate) -> list[tuple[str, Any]]:
        return [
            *super().act_facts(row),
            ("Certificate number", row.certificate_number or EMPTY),
            ("Declared on", self.invoices(row)),
        ]

    def links(self, row: TdsCertificate) -> list[Any]:
        found: list[Any] = [link(row.account, f"Payer: {row.account}")]
        for tenant in workspaces_of(row.account):
            found += customer_links(tenant)
        return found

    @admin.action(description="Download the certificate")
    def download(self, request: HttpRequest, rows: QuerySet[TdsCertificate]) -> HttpResponse | None:
        if rows.count() != 1:
            messages.error(request, CHOOSE_ONE)
            return None
        row = rows.get()
        if not row.content:
            messages.error(request, NO_FILE)
            return None
        response = HttpResponse(bytes(row.content), content_type="application/pdf")
        name = f"tds-{row.financial_year}-q{row.quarter}-{row.account_id}.pdf"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @admin.action(permissions=["act"], description="Accept what the certificate says")
    def accept(self, request: HttpRequest, rows: QuerySet[TdsCertificate]) -> HttpResponse | None:
        def do(row: TdsCertificate, data: dict[str, Any], by: dict[str, Any]) -> str:
            paise = paise_of(data["certified"])
            _row, opened = certificate_accept(
                certificate_id=row.pk, certified_paise=paise, reason=data["reason"], **by
            )
            parts = [f"{each.number}: {Rupees(part).format()} open again" for each, part in opened]
            return f"accepted. {'; '.join(parts) or 'Nothing is owed'}"

        if rows.count() != 1:
            messages.error(request, CHOOSE_ONE)
            return None
        return self.act(
            request,
            rows,
            action="accept",
            title="Accept what the certificate says",
            text="Where it says less, the customer owes the difference: it is open again on the "
            "invoices of the quarter, the latest deduction first, and due in a week. Where it says "
            "more, nothing is owed. The customer is told.",
            form_class=AcceptForm,
            do=do,
        )

    @admin.action(permissions=["act"], description="Reject it, with a reason")
    def reject(self, request: HttpRequest, rows: QuerySet[TdsCertificate]) -> HttpResponse | None:
        def do(row: TdsCertificate, data: dict[str, Any], by: dict[str, Any]) -> str:
            certificate_reject(certificate_id=row.pk, reason=data["reason"], **by)
            return "rejected; another one is awaited"

        return self.act(
            request,
            rows,
            action="reject",
            title="Reject the certificate",
            text="The declared tax stays settled and nothing is owed now. The customer is told, "
            "with your reason, and uploads another one.",
            form_class=RejectForm,
            do=do,
        )
