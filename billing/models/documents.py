"""Tax invoices and credit notes, their numbers, what settles them, and the months they earn.

A document never changes once it is issued: its words, tax and parties stand in its own row. What
is still open of it is its total less its settlements. Amounts are integer paise.
"""

from django.db import models
from django.db.models import F, Q

from billing.models.accounts import BillingAccount
from billing.models.payments import Payment, Refund
from billing.models.subscriptions import Subscription
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

KINDS = [("invoice", "Tax invoice"), ("credit_note", "Credit note")]
SETTLED_BY = [
    ("payment", "Payment at a gateway"),
    ("transfer", "Bank transfer"),
    ("tds", "Tax deducted at source"),
    ("credit_note", "Credit note"),
    ("write_off", "Written off"),
]


class Supplier(models.Model):
    """Us, as one GST registration. The one that is on issues the invoices."""

    legal_name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    city = models.CharField(max_length=80)
    pincode = models.CharField(max_length=6)
    gstin = models.CharField(max_length=15, unique=True)
    pan = models.CharField(max_length=10)
    email = models.EmailField(blank=True, default="")
    # Letter of undertaking: exports and SEZ without tax while it is valid.
    lut_number = models.CharField(max_length=40, blank=True, default="")
    lut_valid_until = models.DateField(null=True, blank=True)
    issues_e_invoices = models.BooleanField(default=False)
    # Of customers who pay by transfer.
    bank_details = models.CharField(max_length=300, blank=True, default="")
    is_on = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_on"], condition=Q(is_on=True), name="one_supplier_issues"
            )
        ]

    def __str__(self) -> str:
        return f"{self.legal_name} {self.gstin}"


class SeriesCounter(models.Model):
    """The last number of a series in a year: locked, raised and used in one transaction."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="+")
    # "2026-27", by the date in India.
    financial_year = models.CharField(max_length=7)
    series = models.CharField(max_length=4)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "financial_year", "series"], name="one_counter_per_series"
            )
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.financial_year}: {self.last}"


class PeriodLock(models.Model):
    """A month whose return was filed: nothing is issued into it any more. Only added."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="+")
    # "2026-11"
    month = models.CharField(max_length=7)
    actor_id = models.UUIDField()
    locked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "month"], name="a_month_is_locked_once")
        ]

    def __str__(self) -> str:
        return f"{self.month} locked"


class TaxDocument(TenantOwned):
    """An invoice, or a credit note on one (`original`). All of Rule 46 and 53 stands here."""

    kept_as = Kept.RECORD

    kind = models.CharField(max_length=12, choices=KINDS)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(BillingAccount, on_delete=models.PROTECT, related_name="documents")
    number = models.CharField(max_length=16)
    financial_year = models.CharField(max_length=7)
    issued_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="documents", null=True, blank=True
    )
    original = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="credit_notes", null=True, blank=True
    )
    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, related_name="documents", null=True, blank=True
    )
    # As printed: {"name", "address", "city", "pincode", "state_code", "gstin", …}.
    seller = models.JSONField()
    buyer = models.JSONField()
    # [{"description", "sac", "taxable_paise", "rate_basis_points", "period_start", "period_end"}]
    lines = models.JSONField()
    place_of_supply = models.CharField(max_length=2)
    # regular, sez_with_tax, sez_without_tax, export_with_tax, export_without_tax
    supply = models.CharField(max_length=20, default="regular")
    taxable_paise = models.BigIntegerField()
    cgst_paise = models.BigIntegerField(default=0)
    sgst_paise = models.BigIntegerField(default=0)
    igst_paise = models.BigIntegerField(default=0)
    rounding_paise = models.SmallIntegerField(default=0)
    total_paise = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="INR")
    reason = models.CharField(max_length=200, blank=True, default="")
    po_number = models.CharField(max_length=40, blank=True, default="")
    cost_centre = models.CharField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=5, default="en")
    irn = models.CharField(max_length=64, blank=True, default="")
    # One document per cause: "payment:sandbox:pay_1", "renewal:12:2026-12-01", "refund:<id>".
    cause = models.CharField(max_length=120)
    actor_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "financial_year", "number"], name="a_number_is_given_once"
            ),
            models.UniqueConstraint(fields=["cause"], name="one_document_per_cause"),
            models.CheckConstraint(
                condition=Q(
                    total_paise=F("taxable_paise")
                    + F("cgst_paise")
                    + F("sgst_paise")
                    + F("igst_paise")
                    + F("rounding_paise")
                ),
                name="a_document_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(igst_paise=0) | Q(cgst_paise=0, sgst_paise=0),
                name="tax_is_of_one_state_or_between_states",
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", original=None)
                | Q(kind="credit_note", original__isnull=False),
                name="a_credit_note_names_its_invoice",
            ),
        ]
        indexes = [
            models.Index(fields=["supplier", "issued_on"], name="document_by_supplier_and_day")
        ]

    def __str__(self) -> str:
        return self.number


class Settlement(TenantOwned):
    """A part of a document that is settled, and by what. Only added; a reversal is negative."""

    kept_as = Kept.RECORD

    document = models.ForeignKey(TaxDocument, on_delete=models.PROTECT, related_name="settlements")
    amount_paise = models.BigIntegerField()
    by = models.CharField(max_length=12, choices=SETTLED_BY)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="settlements", null=True, blank=True
    )
    # "transfer:17", "tds:17", "credit_note:CN/26-27/3": once each per document.
    cause = models.CharField(max_length=120)
    actor_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    settled_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "cause"], name="a_cause_settles_once"),
            models.CheckConstraint(condition=~Q(amount_paise=0), name="a_settlement_is_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_paise} of {self.document_id}"


class RevenueSlice(TenantOwned):
    """The part of a document that is earned in a month; together they are its taxable amount."""

    kept_as = Kept.RECORD

    document = models.ForeignKey(TaxDocument, on_delete=models.PROTECT, related_name="slices")
    month = models.CharField(max_length=7)
    amount_paise = models.BigIntegerField()
    earned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "month"], name="one_slice_a_month")
        ]

    def __str__(self) -> str:
        return f"{self.month} of {self.document_id}"
