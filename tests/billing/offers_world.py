"""Payments and coupons for the tests of prices, coupons and referrals."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.models import Coupon, Payment, Subscription

NOW = datetime(2027, 4, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def paid(local_tenant):
    """paid(tenant): a payment of a month, on a subscription that is active."""

    def make(tenant=local_tenant, interval="month", base=99_900, at=NOW):
        row = Subscription.objects.filter(tenant=tenant).latest("pk")
        row.gateway, row.gateway_subscription_id = "sandbox", f"sub_{tenant.slug}"
        row.state, row.interval = "active", interval
        row.current_period_start, row.current_period_end = at, at + 30 * DAY
        row.save()
        tax = base * 18 // 100
        return Payment.objects.create(
            tenant=tenant,
            subscription=row,
            gateway="sandbox",
            remote_id=f"pay_{tenant.slug}_{at:%m%d%H%M}",
            base_paise=base,
            tax_paise=tax,
            amount_paise=base + tax,
            currency="INR",
            paid_at=at,
            created_at=at,
        )

    return make


def coupon(code="DIWALI", **changes):
    terms = {"percent_basis_points": 5_000, "valid_from": NOW - DAY}
    return Coupon.objects.create(code=code, **(terms | changes))
