"""What this workspace would pay, for its pay form: its own price, coupon and tax."""

from dataclasses import dataclass
from datetime import datetime

from billing.engine.prices import Interval
from billing.selectors.prices import price_for
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.models import Tenant


@dataclass(frozen=True)
class OwnPrice:
    """One interval, formatted. `listed` is before a coupon; `given_back` comes back after the
    payment; `coupon`, `given_back` and, where none is due, `tax` are empty."""

    base: str
    tax: str
    total: str
    listed: str
    coupon: str
    given_back: str


@dataclass(frozen=True)
class OwnPrices:
    month: OwnPrice
    year: OwnPrice


def own_prices(tenant: Tenant, *, now: datetime) -> OwnPrices:
    """As a checkout that is opened now charges it. Raises PlanNotOnSale."""
    return OwnPrices(
        month=_own_price(tenant, Interval.MONTH, now), year=_own_price(tenant, Interval.YEAR, now)
    )


def _own_price(tenant: Tenant, interval: Interval, now: datetime) -> OwnPrice:
    price = price_for(tenant, interval, now=now)
    return OwnPrice(
        base=Rupees(price.base_paise).format(),
        tax=Rupees(price.tax_paise).format() if price.tax_paise else "",
        total=Rupees(price.amount_paise).format(),
        listed=Rupees(price.list_paise).format(),
        coupon=price.coupon.code if price.coupon is not None else "",
        given_back=Rupees(price.given_back_paise).format() if price.given_back_paise else "",
    )
