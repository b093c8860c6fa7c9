"""Visits to a gateway's pay page. `base` is exclusive of GST, `amount` is charged; paise."""

import uuid

from django.db import models
from django.db.models import F, Q

from billing.engine.prices import CURRENCY, Interval
from billing.models.choices import INTERVALS
from billing.models.plans import Coupon, PlanVersion
from billing.models.subscriptions import PlanChange, Subscription
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

PURPOSES = [("subscribe", "Subscribe"), ("switch", "Switch of plan"), ("pay_link", "One payment")]


class CheckoutState(models.TextChoices):
    OPEN = "open", "Open"
    PAID = "paid", "Paid"
    DECLINED = "declined", "Declined"
    ABANDONED = "abandoned", "Abandoned"
    EXPIRED = "expired", "Expired"
    SUPERSEDED = "superseded", "Superseded"


class Checkout(TenantOwned):
    """One visit to a gateway's pay page, with the price that we asked for."""

    kept_as = Kept.RECORD

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    interval = models.CharField(max_length=5, choices=INTERVALS)
    base_paise = models.PositiveBigIntegerField()
    tax_paise = models.PositiveBigIntegerField()
    amount_paise = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default=CURRENCY)
    # A subscription, a switch of one (`change`), or one payment by link for `document`.
    purpose = models.CharField(
        max_length=12, choices=PURPOSES, default="subscribe", db_default="subscribe"
    )
    discount_paise = models.PositiveBigIntegerField(default=0, db_default=0)
    coupon = models.ForeignKey(
        Coupon, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    change = models.ForeignKey(
        PlanChange, on_delete=models.PROTECT, related_name="checkouts", null=True, blank=True
    )
    document_number = models.CharField(max_length=16, blank=True, default="", db_default="")
    # When the gateway's first charge is later than the mandate: a trial, or a switch at the end.
    starts_at = models.DateTimeField(null=True, blank=True)
    gateway = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=100, blank=True, default="")
    url = models.URLField(max_length=500, blank=True, default="")
    return_url = models.URLField(max_length=500)
    state = models.CharField(
        max_length=10, choices=CheckoutState, default=CheckoutState.OPEN, db_index=True
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="checkouts", null=True, blank=True
    )
    user_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "interval"],
                condition=Q(state="open", purpose="subscribe"),
                name="one_open_checkout_per_tenant_and_interval",
            ),
            models.UniqueConstraint(
                fields=["gateway", "remote_id"],
                condition=~Q(remote_id=""),
                name="one_row_per_gateway_checkout",
            ),
            models.CheckConstraint(
                condition=Q(amount_paise=F("base_paise") + F("tax_paise"), amount_paise__gt=0),
                name="a_checkout_is_base_plus_tax",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CheckoutState]),
                name="a_checkout_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(interval__in=[interval.value for interval in Interval]),
                name="a_checkout_is_monthly_or_yearly",
            ),
        ]

    def __str__(self) -> str:
        return f"Checkout {self.pk} ({self.state})"
