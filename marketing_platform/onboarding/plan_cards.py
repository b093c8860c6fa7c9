"""A plan as the public pages show it."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.urls import reverse

from billing.selectors import plans_on_sale

TRIAL_TIERS = frozenset({"local"})


def plan_cards() -> list[dict[str, Any]]:
    """The current plan of every deployed tier with its own sign-up address."""
    return [
        {
            **asdict(plan),
            "start_url": reverse("start_you", args=[plan.tier]),
            "trial_days": trial_days(plan.tier),
        }
        for plan in plans_on_sale()
    ]


def trial_days(tier: str) -> int | None:
    return settings.TRIAL_DAYS if tier in TRIAL_TIERS and settings.TRIAL_DAYS else None
