"""Plans and prices. Amounts are integer paise, exclusive of GST."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from billing.models.choices import TIERS
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

DURATIONS = [("once", "First payment"), ("repeating", "Some months"), ("forever", "Always")]
DEFAULT_SAC = "997331"


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
    # Counts by name, such as {"people": 3}; what is missing comes from the tier registry.
    quotas = models.JSONField(default=dict, db_default={}, blank=True)
    # Six digits; which one applies is the accountant's decision.
    sac = models.CharField(max_length=6, default=DEFAULT_SAC, db_default=DEFAULT_SAC)

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


class CustomPrice(TenantOwned):
    """A price that staff agreed for one workspace, exclusive of GST. Rows are only added."""

    kept_as = Kept.RECORD

    monthly_paise = models.PositiveBigIntegerField()
    annual_paise = models.PositiveBigIntegerField()
    quotas = models.JSONField(default=dict, blank=True)
    effective_from = models.DateTimeField()
    # None: until a newer row.
    effective_until = models.DateTimeField(null=True, blank=True)
    actor_id = models.UUIDField()
    reason = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-effective_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly_paise__gt=0, annual_paise__gt=0),
                name="a_custom_price_is_not_zero",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_custom_price_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"Custom price {self.pk}"


class Coupon(models.Model):
    """A word that lowers the price before GST: by a share or by an amount, never below ₹1."""

    code = models.CharField(max_length=30, unique=True)
    tier = models.CharField(max_length=10, choices=TIERS, blank=True, default="")
    percent_basis_points = models.PositiveSmallIntegerField(default=0)
    amount_paise = models.PositiveBigIntegerField(default=0)
    duration = models.CharField(max_length=10, choices=DURATIONS, default="once")
    months = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    most_uses = models.PositiveIntegerField(null=True, blank=True)
    is_on = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent_basis_points__gt=0, amount_paise=0)
                | Q(percent_basis_points=0, amount_paise__gt=0),
                name="a_coupon_is_a_share_or_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(percent_basis_points__lte=10_000), name="a_coupon_is_at_most_all"
            ),
            models.CheckConstraint(
                condition=~Q(duration="repeating") | Q(months__gt=0),
                name="a_repeating_coupon_has_months",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def worth(self) -> str:
        """What it takes off, such as 20 % or ₹250.00."""
        if self.percent_basis_points:
            return f"{self.percent_basis_points / 100:g} %"
        return Rupees(self.amount_paise).format()


class CouponUse(TenantOwned):
    """A coupon on a workspace. It counts once it was paid with."""

    kept_as = Kept.RECORD

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses")
    actor_id = models.UUIDField(null=True, blank=True)
    used_at = models.DateTimeField()
    months_left = models.PositiveSmallIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "coupon"], name="a_coupon_once_a_workspace"),
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(ended_at=None),
                name="one_coupon_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} on {self.tenant_id}"


class ReferralCode(TenantOwned):
    """What a workspace's owner passes on."""

    kept_as = Kept.RECORD

    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_referral_code_per_workspace")
        ]

    def __str__(self) -> str:
        return self.code


class Referral(TenantOwned):
    """A workspace that came by a code (`tenant`), and what its first payment earned the other."""

    kept_as = Kept.RECORD

    code = models.ForeignKey(ReferralCode, on_delete=models.PROTECT, related_name="referrals")
    created_at = models.DateTimeField()
    rewarded_at = models.DateTimeField(null=True, blank=True)
    reward_paise = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="a_workspace_comes_by_one_code"),
            models.CheckConstraint(
                condition=Q(rewarded_at=None, reward_paise=0) | Q(rewarded_at__gte=F("created_at")),
                name="a_reward_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} by {self.code_id}"
