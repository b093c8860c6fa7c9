"""Buying on paper: quotes, certificates of deducted tax, files for a customer's vendor desk."""

from django.db import models
from django.db.models import Q

from billing.models.accounts import BillingAccount
from billing.models.choices import INTERVALS
from billing.models.plans import PlanVersion
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

QUOTE_STATES = [
    ("open", "Open"),
    ("accepted", "Accepted"),
    ("declined", "Declined"),
    ("expired", "Expired"),
]
CERTIFICATE_STATES = [("open", "Expected"), ("received", "Received"), ("matched", "Matched")]


class Quote(TenantOwned):
    """An offer on paper, outside the tax series, valid 30 days. Figures stand as they were told."""

    kept_as = Kept.RECORD

    number = models.CharField(max_length=16, unique=True)
    account = models.ForeignKey(BillingAccount, on_delete=models.PROTECT, related_name="quotes")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    interval = models.CharField(max_length=5, choices=INTERVALS)
    # As of TaxDocument: who offers, to whom, what, and the tax of its place.
    facts = models.JSONField()
    taxable_paise = models.PositiveBigIntegerField()
    total_paise = models.PositiveBigIntegerField()
    po_number = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=10, choices=QUOTE_STATES, default="open")
    valid_until = models.DateField()
    actor_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.number


class QuoteCounter(models.Model):
    """The last number of the quotes of a financial year; a gap is no harm here."""

    financial_year = models.CharField(max_length=7, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.financial_year}: {self.last}"


class TdsCertificate(models.Model):
    """A payer's certificate for the tax it deducted in one quarter."""

    account = models.ForeignKey(
        BillingAccount, on_delete=models.PROTECT, related_name="certificates"
    )
    # "2026-27" and 1 to 4
    financial_year = models.CharField(max_length=7)
    quarter = models.PositiveSmallIntegerField()
    # What we booked as deducted, and what the certificate says.
    booked_paise = models.PositiveBigIntegerField()
    certified_paise = models.PositiveBigIntegerField(null=True, blank=True)
    certificate_number = models.CharField(max_length=40, blank=True, default="")
    file_name = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    content = models.BinaryField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=CERTIFICATE_STATES, default="open")
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-financial_year", "-quarter"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "financial_year", "quarter"],
                name="one_certificate_per_payer_and_quarter",
            ),
            models.CheckConstraint(
                condition=Q(quarter__gte=1, quarter__lte=4), name="a_quarter_is_one_to_four"
            ),
        ]

    def __str__(self) -> str:
        return f"Certificate of {self.financial_year}, quarter {self.quarter}"


class VendorFile(models.Model):
    """What customers' vendor desks ask for: cancelled cheque, PAN, GST certificate, policy."""

    title = models.CharField(max_length=120)
    file_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    content = models.BinaryField()
    is_shown = models.BooleanField(default=True)
    actor_id = models.UUIDField()
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "-uploaded_at"]

    def __str__(self) -> str:
        return self.title
