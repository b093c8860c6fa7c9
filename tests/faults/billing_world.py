"""The workspaces of the billing drill, and what a customer does. Once Django knows the servers."""

from datetime import timedelta
from random import Random
from typing import Any

from django.core.management import call_command

from billing.models import LIVE_STATES, Checkout, Payment, Subscription
from billing.services import checkout_start
from billing.services.asking import cancel_ask
from billing.services.changing import change_preview, change_start
from billing.services.refunds import refund_plan, refundable_paise
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import User

BACK = "http://drill.localhost/billing/return/"


def make(count: int) -> None:
    """Schemas, prices, a supplier, and workspaces without rooms of their own: money is all."""
    from billing.services.suppliers import supplier_save

    call_command("migrate_platform", verbosity=0)
    supplier_save(
        legal_name="Ujala Platform Private Limited",
        address="12 Residency Road",
        city="Bengaluru",
        pincode="560025",
        gstin="29AAACU0001A1Z9",
        email="billing@ujala.example",
    )
    for number in range(count):
        _workspace(number)


def _workspace(number: int) -> None:
    from billing.services import trial_start
    from marketing_platform.tenants.services import tenant_reserve
    from marketing_platform.tiers.contracts import resolve
    from marketing_platform.tiers.registry import REGISTRY
    from marketing_platform.users.permissions import Role
    from marketing_platform.users.services import membership_add

    shop = {"category": "sweet_shop", "city": "pune", "languages": ["en"]}
    shop["name"] = f"Drill Sweets {number}"
    now = clock.now()
    owner = User.objects.create_user(phone=f"+9198000001{number:02d}", full_name="Drill Owner")
    form = resolve(REGISTRY["local"].signup_form)(data=shop, language="en")
    assert form.is_valid(), form.errors
    tenant = tenant_reserve(
        tier="local", name=shop["name"], language="en", actor_id=owner.pk, now=now
    )
    resolve(REGISTRY["local"].profile)().create(tenant=tenant, cleaned=form.cleaned_data)
    membership_add(tenant=tenant, user=owner, role=Role.OWNER, now=now)
    trial_start(tenant=tenant, now=now)
    Tenant.objects.filter(pk=tenant.pk).update(state=State.ACTIVE)


def tenants() -> list[Tenant]:
    return list(Tenant.objects.order_by("name"))


def subscribe(tenant: Tenant, life: Any, interval: str) -> None:
    page = checkout_start(
        tenant=tenant,
        interval=interval,
        user_id=User.objects.order_by("pk").first().pk,
        return_url=BACK,
        now=clock.now(),
        gateway_code=life.code,
    )
    life.press(Checkout.objects.get(pk=page.pk))


def live_of(tenant: Tenant) -> Subscription | None:
    rows = Subscription.objects.select_related("tenant", "plan_version__plan")
    return rows.filter(tenant=tenant, state__in=LIVE_STATES).exclude(gateway="").first()


def act(tenant: Tenant, life: Any, chance: Random) -> str:
    """One thing that this customer may do this month; its name, "" for nothing or a refusal."""
    row = live_of(tenant)
    if row is None:
        return ""
    ways = (_nothing, _fail, _recover, _cancel, _give_back, _change)
    [way] = chance.choices(ways, weights=(6, 3, 3, 1, 2, 1))
    try:
        way(row, life)
    except PlatformError:
        return ""
    return way.__name__.removeprefix("_")


def _nothing(_row: Subscription, _life: Any) -> None:
    """Most months are like that."""


def _fail(row: Subscription, life: Any) -> None:
    life.debits(row.gateway_subscription_id, "fail")


def _recover(row: Subscription, life: Any) -> None:
    life.debits(row.gateway_subscription_id, "succeed")


def _cancel(row: Subscription, _life: Any) -> None:
    cancel_ask(subscription=row, at_period_end=True, now=clock.now())


def _give_back(row: Subscription, _life: Any) -> None:
    payment = Payment.objects.filter(subscription=row, needs_refund=False).last()
    if payment is None:
        return
    amount = min(10_000, refundable_paise(payment))
    refund_plan(
        payment=payment, amount_paise=amount, reason="Asked", actor_id=None, now=clock.now()
    )


def _change(row: Subscription, life: Any) -> None:
    now = clock.now() - timedelta(seconds=1)
    preview = change_preview(subscription=row, interval="year", now=now)
    change = change_start(
        subscription=row,
        interval="year",
        at=preview.computed_at,
        seen_paise=preview.charged_paise,
        return_url=BACK,
        actor_id=None,
        now=clock.now(),
    )
    page = change.checkouts.last()
    if page is not None:
        life.press(page)
