"""A plan as the public pages show it."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from billing.selectors import plans_on_sale
from marketing_platform.core import clock
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY

TRIAL_TIERS = frozenset({"local"})


def plan_cards() -> list[dict[str, Any]]:
    """The current plan of every deployed tier with its own sign-up address."""
    return [
        {
            **asdict(plan),
            "start_url": reverse("start_you", args=[plan.tier]),
            "trial_days": trial_days(plan.tier),
            "passed_on": passed_on(plan.tier),
        }
        for plan in plans_on_sale()
    ]


def passed_on(tier: str) -> list[dict[str, Any]]:
    """What another company charges beside the plan, with our own words for the amounts."""
    if not REGISTRY[tier].passed_on:
        return []
    rows = resolve(REGISTRY[tier].passed_on)(clock.today())
    return [
        {
            "label": gettext(row.label),
            "amount": f"₹{row.amount / 10_000:.4f}",
            "with_gst": f"₹{row.with_gst / 10_000:.4f}",
            "valid_from": row.valid_from,
            "source": row.source,
        }
        for row in rows
    ]


def trial_days(tier: str) -> int | None:
    return settings.TRIAL_DAYS if tier in TRIAL_TIERS and settings.TRIAL_DAYS else None
