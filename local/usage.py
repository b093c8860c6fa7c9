"""What a Local workspace uses of its plan, counted in one query for the owner's billing page."""

from local.automation.social_media.selectors import posts_on
from local.automation.whatsapp.selectors.campaigns import messages_of_month
from local.customers.selectors import customers_living
from marketing_platform.core import clock
from marketing_platform.tiers.quotas import counted_together

# One workspace is one shop: whoever opens another one opens another workspace, by the same payer.
PLACES = 1


def usage_of() -> dict[str, int]:
    """By quota, as the services count before they make one more."""
    now = clock.now()
    rows = {
        "contacts": customers_living(),
        "messages_per_month": messages_of_month(now),
        "posts_per_day": posts_on(clock.today(now)),
    }
    return {"places": PLACES, **counted_together(rows)}
