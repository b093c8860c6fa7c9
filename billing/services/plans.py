"""The launch prices become version 1 of each plan; staff add the versions after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from billing.models import Plan, PlanVersion
from billing.models.plans import DEFAULT_SAC
from billing.services.prices import price_check, quotas_check
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tiers.registry import REGISTRY


def plans_seed(*, now: datetime) -> None:
    """Version 1 for every tier known, deployed or not. Existing plans stay as they are."""
    with transaction.atomic():
        for tier, spec in REGISTRY.items():
            plan, _created = Plan.objects.get_or_create(tier=tier)
            PlanVersion.objects.get_or_create(
                plan=plan,
                number=1,
                defaults={
                    "monthly_paise": spec.monthly_price.paise,
                    "annual_paise": spec.annual_price.paise,
                    "effective_from": now,
                },
            )


def plan_version_check(
    *,
    tier: str,
    monthly_paise: int,
    annual_paise: int,
    effective_from: datetime,
    now: datetime,
    quotas: Mapping[str, Any] | None = None,
    sac: str = DEFAULT_SAC,
) -> dict[str, int]:
    """The limits as they would be kept. Raises InvalidInput with the field that is wrong."""
    if tier not in REGISTRY:
        raise InvalidInput(field="tier")
    if effective_from < now:
        raise InvalidInput(_("A price cannot begin in the past."), field="effective_from")
    if len(sac) != 6 or not sac.isascii() or not sac.isdigit():
        raise InvalidInput(_("A service code (SAC) has six digits."), field="sac")
    price_check(monthly_paise, "monthly_paise")
    price_check(annual_paise, "annual_paise")
    return quotas_check(tier, quotas or {})


@public_context()
def plan_version_add(
    *,
    tier: str,
    monthly_paise: int,
    annual_paise: int,
    effective_from: datetime,
    now: datetime,
    quotas: Mapping[str, Any] | None = None,
    sac: str = DEFAULT_SAC,
) -> PlanVersion:
    """The next version of a plan. Whoever pays already keeps theirs until they change.

    Never from a time before now: pages showed the old price then. Raises InvalidInput.
    """
    checked = plan_version_check(
        tier=tier,
        monthly_paise=monthly_paise,
        annual_paise=annual_paise,
        effective_from=effective_from,
        now=now,
        quotas=quotas,
        sac=sac,
    )
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get_or_create(tier=tier)[0]
        newest = plan.versions.order_by("-number").first()
        number = newest.number + 1 if newest else 1
        return PlanVersion.objects.create(
            plan=plan,
            number=number,
            monthly_paise=monthly_paise,
            annual_paise=annual_paise,
            effective_from=effective_from,
            quotas=checked,
            sac=sac,
        )
