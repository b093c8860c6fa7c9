"""A budget over channels and weeks, exact to the paisa."""

from collections.abc import Sequence
from datetime import date, timedelta

from enterprise.campaign_generator.engine.contracts import Grid


def grid_of(
    budget_paise: int, channels: Sequence[str], shares: Sequence[int], first_on: date, weeks: int
) -> Grid:
    """Channels by their shares, weeks evenly; rows and columns sum to ``budget_paise``."""
    by_channel = parts(budget_paise, shares)
    rows = tuple(parts(paise, [1] * weeks) for paise in by_channel)
    days = tuple(first_on + timedelta(days=7 * week) for week in range(weeks))
    return Grid(budget_paise, tuple(channels), days, rows)


def parts(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """``total`` in whole parts by weight, largest remainders first, earlier ones on a tie.

    Weights that are all zero count as equal. Integers only, so that no paisa is lost.
    """
    if total < 0 or not weights or min(weights) < 0:
        raise ValueError("a total and weights of zero or more")
    whole = sum(weights)
    weighed = list(weights) if whole else [1] * len(weights)
    whole = whole or len(weights)
    shares = [divmod(total * weight, whole) for weight in weighed]
    given = [share for share, _rest in shares]
    by_rest = sorted(range(len(shares)), key=lambda place: (-shares[place][1], place))
    for place in by_rest[: total - sum(given)]:
        given[place] += 1
    return tuple(given)
