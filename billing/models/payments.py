"""Money that moved at a gateway: payments, refunds, disputes. Amounts are integer paise."""

import uuid

from django.db import models
from django.db.models import F, Q

from billing.models.checkouts import Checkout
from billing.models.subscriptions import Subscription
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

REFUND_STATES = [
    ("planned", "Planned"),
    ("asked", "Asked for"),
    ("processed", "Processed"),
    ("failed", "Failed"),
]


class Payment(TenantOwned):
    """Money that a gateway took. Rows are only added."""

    kept_as = Kept.RECORD

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="payments", null=True
    )
    checkout = models.ForeignKey(
        Checkout, on_delete=models.PROTECT, related_name="payments", null=True
    )
    gateway = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=100)
    base_paise = models.PositiveBigIntegerField()
    tax_paise = models.PositiveBigIntegerField()
    amount_paise = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    needs_refund = models.BooleanField(default=False)
    remark = models.CharField(max_length=200, blank=True, default="")
    # card, upi, emandate, netbanking, bank_transfer; empty when the gateway does not say.
    method = models.CharField(max_length=20, blank=True, default="", db_default="")
    # The gateway's own invoice or order of this payment, where it has one.
    remote_invoice_id = models.CharField(max_length=100, blank=True, default="", db_default="")
    # What this money pays for; None for a payment that is to be given back.
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-paid_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "remote_id"], name="one_row_per_gateway_payment"
            ),
            models.CheckConstraint(
                condition=Q(amount_paise=F("base_paise") + F("tax_paise"), amount_paise__gt=0),
                name="a_payment_is_base_plus_tax",
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.remote_id}"


class Refund(TenantOwned):
    """Money that goes back. Written before the gateway is asked; its id is the call's key."""

    kept_as = Kept.RECORD

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_paise = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=REFUND_STATES, default="planned")
    remote_id = models.CharField(max_length=100, blank=True, default="")
    reason = models.CharField(max_length=200)
    # None: the platform itself (paid twice, switch of plan).
    actor_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="a_refund_is_not_zero"),
            models.UniqueConstraint(
                fields=["payment", "remote_id"],
                condition=~Q(remote_id=""),
                name="one_row_per_gateway_refund",
            ),
        ]

    def __str__(self) -> str:
        return f"Refund {self.pk} ({self.state})"


class Dispute(TenantOwned):
    """A customer's bank takes a payment back, or may. Kept as the gateway tells it."""

    kept_as = Kept.RECORD

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    remote_id = models.CharField(max_length=100)
    amount_paise = models.PositiveBigIntegerField()
    # open, under_review, won, lost, closed
    state = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True, default="")
    observed_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "remote_id"], name="one_row_per_gateway_dispute"
            )
        ]

    def __str__(self) -> str:
        return f"Dispute {self.remote_id} ({self.state})"
