"""Agreements to pay, and the changes of plan on their way."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from billing.engine.lifecycle import State as SubscriptionState
from billing.engine.prices import CURRENCY, Interval
from billing.models.choices import INTERVALS, LIVE_STATES, STATES
from billing.models.plans import PlanVersion
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

MANDATES = [
    ("none", "None"),
    ("pending", "Being set up"),
    ("confirmed", "Confirmed"),
    ("paused", "Paused"),
    ("lost", "Lost"),
    ("needs_afa", "Waits for the customer's approval"),
]
CHANGE_STATES = [
    ("awaiting_mandate", "Waits for a new mandate"),
    ("awaiting_payment", "Waits for a payment"),
    ("scheduled", "At the end of the period"),
    ("switching", "Being switched"),
    ("done", "Done"),
    ("abandoned", "Abandoned"),
]
OPEN_CHANGES = ["awaiting_mandate", "awaiting_payment", "scheduled", "switching"]


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
    # The gateway will try the failed charge again by itself then.
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    paid_count = models.PositiveIntegerField(default=0)
    observed_at = models.DateTimeField(null=True, blank=True)
    # By our clock: when the gateway was last asked and answered something new.
    read_at = models.DateTimeField(null=True, blank=True)
    previous_subscription = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # What the gateway may debit without asking, and how.
    mandate = models.CharField(max_length=10, choices=MANDATES, default="none", db_default="none")
    mandate_method = models.CharField(max_length=12, blank=True, default="", db_default="")
    mandate_limit_paise = models.PositiveBigIntegerField(null=True, blank=True)
    mandate_lost_at = models.DateTimeField(null=True, blank=True)
    cancel_at_period_end = models.BooleanField(default=False, db_default=False)
    # "customer" or "us": who paused decides who may resume.
    paused_by = models.CharField(max_length=10, blank=True, default="", db_default="")
    # The price of one interval as agreed, before GST; None: the plan version's.
    agreed_paise = models.PositiveBigIntegerField(null=True, blank=True)
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


class PlanChange(TenantOwned):
    """From one price to another, with the figures that the customer saw. Never silently another."""

    kept_as = Kept.RECORD

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    interval = models.CharField(max_length=5, choices=INTERVALS)
    state = models.CharField(max_length=20, choices=CHANGE_STATES)
    # Before GST: the unused part of the old price, and the new price. `due` is what the present
    # mandate is charged now: 0 where a new one is charged the price and the unused part comes back.
    credit_paise = models.PositiveBigIntegerField(default=0)
    price_paise = models.PositiveBigIntegerField()
    due_paise = models.PositiveBigIntegerField(default=0)
    due_with_tax_paise = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, default=CURRENCY)
    computed_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    new_subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    actor_id = models.UUIDField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-computed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(state__in=OPEN_CHANGES),
                name="one_open_change_per_subscription",
            ),
            models.CheckConstraint(
                condition=Q(due_paise__lte=F("price_paise")),
                name="a_change_costs_at_most_the_price",
            ),
        ]

    def __str__(self) -> str:
        return f"Change {self.pk} ({self.state})"


class TrialUse(models.Model):
    """That a number or an address has tried a tier, kept as a keyed hash beyond the workspace."""

    person_hash = models.CharField(max_length=64)
    tier = models.CharField(max_length=12)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person_hash", "tier"], name="one_trial_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.tier} {self.used_at:%Y-%m-%d}"
