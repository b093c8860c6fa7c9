"""Who pays: a person or a company, its GST registrations, and the workspaces it pays for."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

LONGEST_NET_DAYS = 45
PAYS_BY = [("gateway", "Mandate or card"), ("invoice", "Invoice and transfer")]


class BillingAccount(models.Model):
    """A payer. One may pay for several workspaces: separate invoices, one statement."""

    # By which a backup finds it in another database.
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    legal_name = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    city = models.CharField(max_length=80, blank=True, default="")
    pincode = models.CharField(max_length=6, blank=True, default="")
    # Two digits as in a GSTIN; 96 is outside India. Empty: not told yet.
    state_code = models.CharField(max_length=2, blank=True, default="")
    country = models.CharField(max_length=2, default="IN")
    emails = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=5, default="en")
    pays_by = models.CharField(max_length=10, choices=PAYS_BY, default="gateway")
    # Set by staff; how long an invoice may stay open.
    net_days = models.PositiveSmallIntegerField(default=0)
    po_required = models.BooleanField(default=False)
    # Declared by the customer: "393(1) 1031" and 1000 (10 %); empty and 0 when nothing is deducted.
    tds_section = models.CharField(max_length=40, blank=True, default="")
    tds_basis_points = models.PositiveSmallIntegerField(default=0)
    # Where transfers of this payer arrive: a virtual account number of the gateway.
    virtual_account = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(net_days__lte=LONGEST_NET_DAYS), name="net_days_are_at_most_45"
            ),
            models.CheckConstraint(
                condition=Q(tds_basis_points__lte=2_000), name="tds_is_at_most_20_percent"
            ),
            models.UniqueConstraint(
                fields=["virtual_account"],
                condition=~Q(virtual_account=""),
                name="one_payer_per_virtual_account",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name or f"Payer {self.pk}"


class GstRegistration(models.Model):
    """A GSTIN of a payer, with the name and address that it stands for."""

    account = models.ForeignKey(
        BillingAccount, on_delete=models.PROTECT, related_name="registrations"
    )
    gstin = models.CharField(max_length=15)
    legal_name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    city = models.CharField(max_length=80, blank=True, default="")
    pincode = models.CharField(max_length=6)
    is_sez = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account", "gstin"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "gstin"],
                condition=Q(removed_at=None),
                name="a_gstin_once_per_payer",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(is_default=True, removed_at=None),
                name="one_default_gstin_per_payer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gstin} {self.legal_name}"


class AccountWorkspace(TenantOwned):
    """Who pays for a workspace, and what its invoices must carry."""

    kept_as = Kept.RECORD

    account = models.ForeignKey(BillingAccount, on_delete=models.PROTECT, related_name="workspaces")
    # None: the account's default registration, or none at all.
    registration = models.ForeignKey(
        GstRegistration, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    po_number = models.CharField(max_length=40, blank=True, default="")
    po_valid_until = models.DateField(null=True, blank=True)
    cost_centre = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_payer_per_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} paid by {self.account_id}"
