"""Prices that staff agree with one workspace, and the price of everybody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.models import CustomPrice
from billing.selectors.prices import Price, price_for
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import REGISTRY

__all__ = ["Price", "custom_price_set", "price_check", "price_for", "quotas_check"]
LARGEST_PAISE = 10**12
LARGEST_QUOTA = 10**9


@public_context()
def custom_price_set(
    *,
    tenant: Tenant,
    monthly_paise: int,
    annual_paise: int,
    effective_from: datetime,
    actor_id: UUID,
    reason: str,
    now: datetime,
    effective_until: datetime | None = None,
    quotas: Mapping[str, Any] | None = None,
) -> CustomPrice:
    """A price and limits for one workspace, with who and why. It never changes what is agreed
    already: it holds for new checkouts and changes. Raises InvalidInput."""
    if not reason.strip():
        raise InvalidInput(_("Write down what was agreed."), field="reason")
    if effective_until is not None and effective_until <= effective_from:
        raise InvalidInput(_("The end must lie after the beginning."), field="effective_until")
    price_check(monthly_paise, "monthly_paise")
    price_check(annual_paise, "annual_paise")
    with transaction.atomic():
        row = CustomPrice.objects.create(
            tenant=tenant,
            monthly_paise=monthly_paise,
            annual_paise=annual_paise,
            quotas=quotas_check(tenant.tier, quotas or {}),
            effective_from=effective_from,
            effective_until=effective_until,
            actor_id=actor_id,
            reason=reason.strip(),
            created_at=now,
        )
        tenant_event(tenant, "custom_price_set", reason=row.reason, actor_id=actor_id, now=now)
    return row


def price_check(paise: int, field: str) -> None:
    """At least ₹1, before GST. Raises InvalidInput."""
    if not 100 <= paise <= LARGEST_PAISE:
        raise InvalidInput(_("A price is at least ₹1."), field=field)


def quotas_check(tier: str, quotas: Mapping[str, Any]) -> dict[str, int]:
    """Limits that the tier knows, as whole numbers. Raises InvalidInput."""
    known = REGISTRY[tier].limits
    for name, count in quotas.items():
        if name not in known:
            raise InvalidInput(
                _("There is no limit “%(name)s” here. There are: %(known)s."),
                field="quotas",
                name=name,
                known=", ".join(known),
            )
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= LARGEST_QUOTA:
            raise InvalidInput(_("A limit is a whole number, or 0 for none."), field="quotas")
    return dict(quotas)
