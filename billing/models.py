"""Plans, subscriptions, checkouts and payments. All lie in the public schema.

Amounts are integer paise; `base` is exclusive of GST, `amount` is what the gateway charges.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from billing.engine.lifecycle import LIVE
from billing.engine.lifecycle import State as SubscriptionState
from billing.engine.prices import CURRENCY, Interval
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned, Tier

TIERS = [(tier.value, tier.label) for tier in Tier if tier is not Tier.PUBLIC]
STATES = [(state.value, state.value.replace("_", " ").capitalize()) for state in SubscriptionState]
LIVE_STATES = sorted(state.value for state in LIVE)
INTERVALS = [(Interval.MONTH.value, "Monthly"), (Interval.YEAR.value, "Yearly")]


class CheckoutState(models.TextChoices):
    OPEN = "open", "Open"
    PAID = "paid", "Paid"
    DECLINED = "declined", "Declined"
    ABANDONED = "abandoned", "Abandoned"
    EXPIRED = "expired", "Expired"
    SUPERSEDED = "superseded", "Superseded"


class Plan(models.Model):
    """What a tier is sold as; its prices are versions."""

    tier = models.CharField(max_length=10, choices=TIERS, unique=True)

    def __str__(self) -> str:
        return f"{self.get_tier_display()} plan"


class PlanVersion(models.Model):
    """A price that never changes once written; a new price is a new version."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    monthly_paise = models.PositiveBigIntegerField()
    annual_paise = models.PositiveBigIntegerField()
    effective_from = models.DateTimeField()

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_price_per_plan_version"),
            models.CheckConstraint(
                condition=Q(monthly_paise__gt=0, annual_paise__gt=0), name="a_price_is_not_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, version {self.number}"


class Subscription(TenantOwned):
    """A workspace's agreement to pay. A final state never reopens: coming back makes a new row."""

    kept_as = Kept.RECORD

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    interval = models.CharField(max_length=5, choices=INTERVALS)
    state = models.CharField(
        max_length=10, choices=STATES, default=SubscriptionState.INCOMPLETE.value
    )
    gateway = models.CharField(max_length=20, blank=True, default="")
    gateway_subscription_id = models.CharField(max_length=100, blank=True, default="")
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    current_period_start = models.DateTimeField(null=True, blank=True)
    current_period_end = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    access_until = models.DateTimeField(null=True, blank=True)
    paid_count = models.PositiveIntegerField(default=0)
    observed_at = models.DateTimeField(null=True, blank=True)
    previous_subscription = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    state_changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(state__in=LIVE_STATES),
                name="one_live_subscription_per_tenant",
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_subscription_id"],
                condition=~Q(gateway_subscription_id=""),
                name="one_row_per_gateway_subscription",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in SubscriptionState]),
                name="a_subscription_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(interval__in=[interval.value for interval in Interval]),
                name="a_subscription_is_monthly_or_yearly",
            ),
            models.CheckConstraint(
                condition=Q(gateway="", gateway_subscription_id="")
                | (~Q(gateway="") & ~Q(gateway_subscription_id="")),
                name="a_gateway_subscription_has_an_id",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state"], name="subscription_by_tenant_state")]

    def __str__(self) -> str:
        return f"Subscription {self.pk} ({self.state})"


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
                condition=Q(state="open"),
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


class StaffTerms(TenantOwned):
    """Terms that staff accepted for a workspace (an invoice, a purchase order). Only added."""

    kept_as = Kept.RECORD

    actor_id = models.UUIDField()
    reason = models.TextField()
    until = models.DateTimeField()
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["-accepted_at", "-id"]
        verbose_name_plural = "staff terms"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="staff_terms_have_a_reason"),
            models.CheckConstraint(
                condition=Q(until__gt=F("accepted_at")), name="staff_terms_end_after_they_begin"
            ),
        ]

    def __str__(self) -> str:
        return f"Terms until {self.until:%Y-%m-%d}"
