"""What billing does because of a gateway. Receipts are told inside the workspace; the rest runs
on the public side.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings

from billing import services
from billing.errors import GatewayUnavailable
from billing.models import Payment, Refund
from billing.services.charging import payment_settle, payments_catch_up
from billing.services.receipting import receipt_send
from billing.services.reconciling import reconcile
from billing.services.refunds import refund_credit, refund_run
from billing.services.subscriptions import remote_close
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.models import Tenant

# A webhook is tried for a day at most; a week also covers a gateway that stood still.
LOOK_BACK = timedelta(days=7)


@work_handler("billing.apply_event", public=True)
def apply_event(_tenant: None, *, event_id: int, **_unused: Any) -> None:
    services.event_apply(event_id=event_id, now=clock.now())


@work_handler("billing.refresh_checkout", public=True)
def refresh_checkout(_tenant: None, *, checkout_id: str, turn: int, **_unused: Any) -> None:
    services.checkout_follow_up(checkout_id=checkout_id, turn=turn, now=clock.now())


@work_handler("billing.refresh_subscription", public=True)
def refresh_subscription(_tenant: None, *, subscription_id: int, **_unused: Any) -> None:
    services.subscription_refresh(subscription_id=subscription_id, now=clock.now())


@work_handler("billing.end_trial", public=True)
def end_trial(_tenant: None, *, subscription_id: int, **_unused: Any) -> None:
    services.trial_end(subscription_id=subscription_id, now=clock.now())


@work_handler("billing.run_refund", public=True)
def run_refund(_tenant: None, *, refund_id: str, turn: int = 0, **_unused: Any) -> None:
    refund_run(refund_id=refund_id, turn=turn, now=clock.now())


@work_handler("billing.credit_refund", public=True)
def credit_refund(_tenant: None, *, refund_id: str, **_unused: Any) -> None:
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    refund_credit(refund=refund, now=clock.now())


@work_handler("billing.settle_payment", public=True)
def settle_payment(_tenant: None, *, payment_id: int, **_unused: Any) -> None:
    rows = Payment.objects.select_related("tenant", "subscription", "checkout")
    payment_settle(payment=rows.get(pk=payment_id), now=clock.now())


@work_handler("billing.close_remote", public=True)
def close_remote(_tenant: None, *, gateway_code: str, remote_id: str, **_unused: Any) -> None:
    remote_close(gateway_code=gateway_code, remote_id=remote_id)


@work_handler("billing.send_receipt", works_when_read_only=True)
def send_receipt(tenant: Tenant, *, payment_id: int, **_unused: Any) -> None:
    receipt_send(tenant=tenant, payment_id=payment_id, now=clock.now())


@work_handler("billing.reconcile", public=True)
def reconcile_gateway(_tenant: None, *, gateway_code: str, since: str, **_unused: Any) -> None:
    """Tried again when the gateway left a question open; what was applied stays applied."""
    began = datetime.fromisoformat(since)
    report = reconcile(gateway_code=gateway_code, since=began, now=clock.now())
    payments_catch_up(gateway_code=gateway_code, now=clock.now())
    if report.unanswered:
        raise GatewayUnavailable


@periodic(
    "billing.reconcile_nightly",
    times=Daily(time(2, 30), time(3, 30)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def reconcile_nightly(_tenant: Tenant) -> None:
    """The first workspace of a night orders it; each gateway is reconciled once."""
    reconcile_order(now=clock.now())


def reconcile_order(*, now: datetime) -> None:
    for code in settings.BILLING_GATEWAYS:
        work_schedule(
            task="billing.reconcile",
            arguments={"gateway_code": code, "since": (now - LOOK_BACK).isoformat()},
            key=f"billing-reconcile:{code}:{clock.today(now)}",
            queue="billing",
        )
