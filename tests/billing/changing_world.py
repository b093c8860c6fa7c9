"""Asha's paid subscription at gateways in memory, for the tests of changes."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.gateways import registry
from billing.models import Subscription
from billing.services import checkout_refresh, checkout_start
from billing.services.changing import (
    change_preview,
    change_start,
)
from billing.services.suppliers import supplier_save
from tests.billing import fake_gateway
from tests.billing.fake_gateway import Fake, Remote

# The 30 days of April in India begin here, with the first payment.
PAID_AT = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
TENTH = PAID_AT + timedelta(days=10)
END = datetime(2027, 4, 30, 18, 30, tzinfo=UTC)
RETURN = "http://asha-sweets.localhost/billing/return/"


@pytest.fixture
def remote(monkeypatch, settings):
    rows = {**registry.GATEWAYS, **fake_gateway.gateways()}
    monkeypatch.setattr(registry, "GATEWAYS", rows)
    settings.BILLING_GATEWAYS = ["prorating", "mandates"]
    monkeypatch.setattr(Fake, "remote", Remote(now=PAID_AT), raising=False)
    supplier_save(
        legal_name="Ujala Platform Private Limited",
        address="12 Residency Road",
        city="Bengaluru",
        pincode="560025",
        gstin="29AAACU0001A1Z9",
        email="billing@ujala.example",
    )
    return Fake.remote


@pytest.fixture
def subscribed(remote, local_tenant, asha):
    """subscribed(gateway, interval="month"): asha's subscription, paid for on 1 April."""

    def make(gateway, interval="month", **page):
        checkout = checkout_start(
            tenant=local_tenant,
            interval=interval,
            user_id=asha.pk,
            return_url=RETURN,
            now=PAID_AT,
            gateway_code=gateway,
        )
        remote.pay(checkout.remote_id, **page)
        checkout_refresh(checkout=checkout, now=PAID_AT)
        return live(local_tenant)

    return make


def live(tenant):
    rows = Subscription.objects.select_related("tenant", "plan_version__plan")
    return rows.get(tenant=tenant, state__in=["active", "paused", "past_due", "trialing"])


def begin(subscription, interval, now=TENTH, **changes):
    preview = change_preview(subscription=subscription, interval=interval, now=now)
    wanted = {
        "at": preview.computed_at,
        "seen_paise": preview.charged_paise,
        "return_url": RETURN,
        "actor_id": None,
        "now": now,
    }
    Fake.remote.now = now
    return change_start(subscription=subscription, interval=interval, **(wanted | changes))


# --- figures
