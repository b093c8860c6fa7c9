"""Everything that changes money's tables. Callers import from here."""

from billing.services.applying import event_apply
from billing.services.checkouts import (
    checkout_follow_up,
    checkout_refresh,
    checkout_refresh_if_due,
    checkout_start,
)
from billing.services.intake import webhook_receive
from billing.services.plans import plans_seed
from billing.services.staff_terms import staff_terms_accept
from billing.services.subscriptions import subscription_refresh
from billing.services.trials import trial_end, trial_start

__all__ = [
    "checkout_follow_up",
    "checkout_refresh",
    "checkout_refresh_if_due",
    "checkout_start",
    "event_apply",
    "plans_seed",
    "staff_terms_accept",
    "subscription_refresh",
    "trial_end",
    "trial_start",
    "webhook_receive",
]
