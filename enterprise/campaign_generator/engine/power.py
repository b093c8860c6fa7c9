"""How long an A/B test must run. Two proportions, normal approximation (Fleiss, Levin and Paik,
Statistical Methods for Rates and Proportions, chapter 4), two-sided 5 %, power 80 %."""

import math
from statistics import NormalDist

from enterprise.campaign_generator.engine.contracts import MOST_TEST_WEEKS, TrialAsked, TrialPlan

ALPHA, POWER = 0.05, 0.80


def per_arm(base_rate: float, lift: float) -> int:
    """Visits each arm needs to find a relative ``lift`` of ``base_rate``; both 0–1 exclusive.

    Raises ValueError where the lifted rate is no proportion.
    """
    other = base_rate * (1 + lift)
    if not 0 < base_rate < 1 or not 0 < other < 1 or base_rate == other:
        raise ValueError("rates lie between 0 and 1 and differ")
    z_alpha = NormalDist().inv_cdf(1 - ALPHA / 2)
    z_power = NormalDist().inv_cdf(POWER)
    mean = (base_rate + other) / 2
    spread = z_alpha * math.sqrt(2 * mean * (1 - mean)) + z_power * math.sqrt(
        base_rate * (1 - base_rate) + other * (1 - other)
    )
    return math.ceil((spread / (other - base_rate)) ** 2)


def smallest_lift(base_rate: float, visits_per_arm: int) -> float | None:
    """The smallest relative lift that so many visits find; None where not even the largest."""
    low, high = 1e-4, (1 - base_rate) / base_rate * 0.999
    if high <= low or per_arm(base_rate, high) > visits_per_arm:
        return None
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (
            (low, middle) if per_arm(base_rate, middle) <= visits_per_arm else (middle, high)
        )
    return high


def plan(asked: TrialAsked, budget_paise: int, weeks: int) -> TrialPlan:
    """What can be learned with the budget; nothing where rate, lift or price is not stated."""
    if asked.base_rate is None or asked.lift is None or not asked.visit_paise:
        return TrialPlan(asked, None, None, None, None)
    needed = per_arm(asked.base_rate, asked.lift)
    visits = budget_paise // weeks // asked.visit_paise
    weeks_needed = (
        min(math.ceil(2 * needed / visits), MOST_TEST_WEEKS) if visits else MOST_TEST_WEEKS
    )
    smallest = smallest_lift(asked.base_rate, visits * weeks // 2)
    return TrialPlan(asked, needed, visits, weeks_needed, smallest)
