"""Deals of an invented company, with stages, whose rates and durations are known."""

from datetime import UTC, datetime, timedelta

import numpy as np

from enterprise.market_intelligence.engine.deals import DealRow, Stay

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
STAGES = ("New", "Qualified", "Proposal")


def made(
    count,
    seed,
    *,
    rates=(0.6, 0.5, 0.7),
    days=(5.0, 10.0, 20.0),
    lost_days=None,
    has_groups=False,
    over=700,
    with_history=True,
):
    """Exponential stays of `days` before going on (`lost_days` before being lost)."""
    random = np.random.default_rng(seed)
    return [
        _deal(place, random, rates, days, lost_days or days, has_groups, over, with_history)
        for place in range(count)
    ]


def _deal(place, random, rates, days, lost_days, has_groups, over, with_history):
    is_small = has_groups and random.random() < 0.4
    odds = ([0.8, 0.1, 0.1] if is_small else [0.1, 0.6, 0.3]) if has_groups else [0.5, 0.3, 0.2]
    middle = (13 if is_small else 15.5) if has_groups else 14
    amount = int(100 * np.exp(middle + 0.5 * random.standard_normal()))
    source = str(random.choice(["Google Ads", "LinkedIn Ads", "Referral"], p=odds))
    at = NOW - timedelta(days=float(random.uniform(0, over)))
    created_on, history = at.date(), []
    stage, is_won, closed_on = STAGES[0], None, None
    for step, stage in enumerate(STAGES):
        goes_on = random.random() < rates[step] * (0.6 if is_small else 1.0)
        stay = timedelta(days=float(random.exponential((days if goes_on else lost_days)[step])))
        if at + stay > NOW:
            history.append(Stay(stage, at, None))
            break
        history.append(Stay(stage, at, at + stay))
        at += stay
        if not goes_on:
            is_won, closed_on, stage = False, at.date(), "Lost"
            break
    else:
        is_won, closed_on, stage = True, at.date(), "Won"
    if is_won is not None:
        history.append(Stay(stage, at, None))
    return DealRow(
        id=str(place),
        account=f"A{random.integers(100_000)}",
        amount_paise=amount,
        stage=stage,
        created_on=created_on,
        closed_on=closed_on,
        is_won=is_won,
        source=source,
        history=tuple(history) if with_history else (),
    )
