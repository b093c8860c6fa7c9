"""The launch prices become version 1 of each plan."""

from datetime import datetime

from django.db import transaction

from billing.models import Plan, PlanVersion
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
