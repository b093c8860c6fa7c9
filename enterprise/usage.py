"""What an Enterprise workspace uses of its plan, counted in one query for the billing page."""

from datetime import date

from enterprise.campaign_generator.models import Campaign, CampaignState
from enterprise.data_sources.selectors.usage import people_stored, sources_own
from enterprise.optimization_engine.selectors import fits_of_day, fits_of_month
from marketing_platform.core import clock
from marketing_platform.tiers.quotas import counted_together


def usage_of() -> dict[str, int]:
    """By quota, as the services count before they make one more."""
    now = clock.now()
    contacts, leads = people_stored()
    counted = counted_together(
        {
            "contacts": contacts,
            "leads": leads,
            "data_sources": sources_own(),
            "optimisations_per_day": fits_of_day(now),
            "optimisations_per_month": fits_of_month(now),
        }
    )
    # A lead is a person too.
    counted["contacts"] += counted.pop("leads")
    return counted


def waiting_of(_today: date) -> int:
    """Campaigns that wait for somebody's approval."""
    return Campaign.objects.filter(state=CampaignState.IN_REVIEW).count()
