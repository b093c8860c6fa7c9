"""The values that the tables of billing share."""

from billing.engine.lifecycle import LIVE
from billing.engine.lifecycle import State as SubscriptionState
from billing.engine.prices import Interval
from marketing_platform.tenants.models import Tier

TIERS = [(tier.value, tier.label) for tier in Tier if tier is not Tier.PUBLIC]
STATES = [(state.value, state.value.replace("_", " ").capitalize()) for state in SubscriptionState]
LIVE_STATES = sorted(state.value for state in LIVE)
INTERVALS = [(Interval.MONTH.value, "Monthly"), (Interval.YEAR.value, "Yearly")]
