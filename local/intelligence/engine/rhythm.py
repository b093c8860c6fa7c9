"""How often each customer comes: their own gap, shrunk to the trade's, and where they stand now.

g = (n·own median gap + 3·trade gap) / (n + 3), n being the number of own gaps. The trade's gap is
an assumption from content/gaps.toml. Visits on one day are one visit.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from uuid import UUID

from local.intelligence.engine.contracts import Visit
from local.intelligence.engine.wording import content
from marketing_platform.core.clock import IST

PRIOR_GAPS = 3
DUE, SLIPPING, LOST = 0.9, 1.3, 2.0


@dataclass(frozen=True)
class Rhythm:
    """One customer. `gap` in days; None before the second visit. `basket` is the median of a day
    with an amount, `spent` all of it, both in paise.
    """

    customer_id: UUID
    visits: int
    first_on: date
    last_on: date
    gap: float | None
    basket: float
    spent: int

    def elapsed(self, today: date) -> int:
        return (today - self.last_on).days

    def standing(self, today: date) -> str:
        """new (one visit), fresh, due, slipping or lost."""
        if self.gap is None:
            return "new"
        share = self.elapsed(today) / self.gap
        if share < DUE:
            return "fresh"
        return "due" if share < SLIPPING else "slipping" if share < LOST else "lost"


def trade_gap(category: str) -> float:
    """Days between two visits that the trade is taken to have: an assumption."""
    gaps = content("gaps")
    return float(gaps["days"].get(category, gaps["days"]["other"]))


def rhythms_of(visits: Iterable[Visit], *, category: str, today: date) -> list[Rhythm]:
    """A Rhythm for everybody who was written down, in the order of their ids.

    Visits after today are left out.
    """
    spent: dict[UUID, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for visit in visits:
        day = visit.happened_at.astimezone(IST).date()
        if visit.customer_id is not None and day <= today:
            spent[visit.customer_id][day] += visit.amount_paise or 0
    prior = trade_gap(category)
    return [_rhythm(customer, days, prior) for customer, days in sorted(spent.items())]


def _rhythm(customer_id: UUID, days: dict[date, int], prior: float) -> Rhythm:
    ordered = sorted(days)
    gaps = [(after - before).days for before, after in pairwise(ordered)]
    n = len(gaps)
    return Rhythm(
        customer_id=customer_id,
        visits=len(ordered),
        first_on=ordered[0],
        last_on=ordered[-1],
        gap=(n * median(gaps) + PRIOR_GAPS * prior) / (n + PRIOR_GAPS) if gaps else None,
        basket=median([paise for paise in days.values() if paise] or [0]),
        spent=sum(days.values()),
    )
