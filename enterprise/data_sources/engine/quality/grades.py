"""What each engine can do with the data as it is: ready, limited or not yet, and why.

The lengths are rules of thumb, and said so: two full years let a model tell season from effect;
one year is the least with any season at all; a share of 100 cases is known to about ±10 points.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from enterprise.data_sources.engine.quality.contracts import (
    Grade,
    Issue,
    QualityInput,
    Severity,
    State,
)
from enterprise.data_sources.engine.quality.weekly import week_of, weeks_between
from enterprise.data_sources.engine.tables import Sentence
from marketing_platform.core.text import mark as _

YEAR, TWO_YEARS, HALF_YEAR = 52, 104, 26
ENGINES = ("insights", "forecast", "budget", "funnel", "segments")


@dataclass(frozen=True)
class _Lengths:
    """Weeks of spend, of the longest outcome, and of both at once; channels in all."""

    spend: int
    outcome: int
    both: int
    channels: int
    monthly: bool


def grades_of(given: QualityInput, issues: Iterable[Issue]) -> tuple[Grade, ...]:
    found, lengths = list(issues), _lengths(given)
    return (
        _insights(lengths),
        _forecast(lengths),
        _budget(lengths, found),
        _funnel(given),
        _segments(given),
    )


def overlap_issues(given: QualityInput) -> Iterable[Issue]:
    """Spend and outcomes that hardly meet in time."""
    lengths = _lengths(given)
    if not lengths.spend or not lengths.outcome or lengths.both >= HALF_YEAR:
        return
    yield Issue(
        "little_overlap", Severity.HIGH, "spend", "date", "", lengths.both, str(lengths.both),
        Sentence(
            _("Spend and outcomes share only %(n)s weeks"), {"n": lengths.both}
        ),
        Sentence(_("Upload both for the same weeks: nothing can be compared otherwise.")),
    )  # fmt: skip


def _lengths(given: QualityInput) -> _Lengths:
    spend = _span((row.date for row in given.spend if row.date <= given.today), given.today)
    outcomes = [
        _span((day for day in days if day <= given.today), given.today)
        for days in _outcome_days(given)
    ]
    longest = max(outcomes, key=len, default=frozenset())
    return _Lengths(
        spend=len(spend),
        outcome=len(longest),
        both=max((len(spend & weeks) for weeks in outcomes), default=0),
        channels=len({row.channel for row in given.spend if row.paise}),
        monthly=any(row.grain == "month" for row in given.spend),
    )


def _outcome_days(given: QualityInput) -> list[list[date]]:
    by_series: dict[str, list[date]] = {}
    for row in given.outcomes:
        by_series.setdefault(row.series, []).append(row.date)
    leads = [row.date for row in given.lead_counts] + [row.created_on for row in given.leads]
    won = [row.closed_on for row in given.deals if row.is_won and row.closed_on]
    return [*by_series.values(), leads, won]


def _span(days: Iterable[date], today: date) -> frozenset[date]:
    known = list(days)
    if not known:
        return frozenset()
    last = min(max(known), today)
    return frozenset(week_of(week) for week in weeks_between(min(known), last))


def _grade(engine: str, state: State, *reasons: tuple[str, dict[str, object]]) -> Grade:
    return Grade(engine, state, tuple(Sentence(text, params) for text, params in reasons))


def _insights(lengths: _Lengths) -> Grade:
    weeks = max(lengths.spend, lengths.outcome)
    params = {"n": weeks, "needed": HALF_YEAR}
    if weeks >= HALF_YEAR:
        return _grade("insights", State.READY, (_("%(n)s weeks of figures."), params))
    if weeks >= 8:
        text = _("%(n)s weeks of figures; from %(needed)s on we can see level shifts.")
        return _grade("insights", State.LIMITED, (text, params))
    text = _("%(n)s weeks of figures; at least 8 are needed to see a trend.")
    return _grade("insights", State.NOT_YET, (text, params))


def _forecast(lengths: _Lengths) -> Grade:
    params = {"n": lengths.outcome, "needed": TWO_YEARS, "least": HALF_YEAR}
    if lengths.outcome >= TWO_YEARS:
        return _grade("forecast", State.READY, (_("%(n)s weeks of your longest outcome."), params))
    if lengths.outcome >= HALF_YEAR:
        text = _("%(n)s weeks of your longest outcome; below %(needed)s the season is not known.")
        return _grade("forecast", State.LIMITED, (text, params))
    text = _("%(n)s weeks of your longest outcome; at least %(least)s are needed.")
    return _grade("forecast", State.NOT_YET, (text, params))


def _budget(lengths: _Lengths, issues: list[Issue]) -> Grade:
    params = {"n": lengths.both, "needed": TWO_YEARS, "least": YEAR, "channels": lengths.channels}
    if lengths.both < YEAR or not lengths.channels:
        text = _("%(n)s weeks with both spend and an outcome; at least %(least)s are needed.")
        return _grade("budget", State.NOT_YET, (text, params))
    reasons: list[tuple[str, dict[str, object]]] = []
    if lengths.both < TWO_YEARS:
        text = _("%(n)s weeks with both spend and an outcome; %(needed)s tell season from effect.")
        reasons.append((text, params))
    if lengths.monthly:
        reasons.append((_("Part of the spend is by month and is left out of weekly models."), {}))
    if any(issue.code in {"correlated", "constant", "inflated"} for issue in issues):
        text = _("Some channels move together or never vary: their effects cannot be told apart.")
        reasons.append((text, {}))
    serious = [
        i for i in issues if i.severity is Severity.HIGH and i.table in {"spend", "outcomes"}
    ]
    if serious:
        reasons.append((_("Serious problems still open: %(n)s."), {"n": len(serious)}))
    if reasons:
        return _grade("budget", State.LIMITED, *reasons)
    text = _("%(n)s weeks with both spend and an outcome, %(channels)s channels.")
    return _grade("budget", State.READY, (text, params))


def _funnel(given: QualityInput) -> Grade:
    deals, leads = len(given.deals), len(given.leads)
    # Deals are what the funnel is made of; many leads without history do not spoil them.
    is_of_deals = deals >= min(30, leads)
    n = deals if is_of_deals else leads
    staged = len(given.staged_deals if is_of_deals else given.staged_leads)
    params: dict[str, object] = {"n": n, "staged": staged, "least": 30, "needed": 100}
    if n < 30:
        text = _("%(n)s deals or leads with an id; at least %(least)s are needed.")
        return _grade("funnel", State.NOT_YET, (text, params))
    if staged < n / 2:
        text = _("Only %(staged)s of %(n)s records have a stage history: rates yes, speed no.")
        return _grade("funnel", State.LIMITED, (text, params))
    if n < 100:
        text = _("%(n)s records; below %(needed)s the intervals are wide.")
        return _grade("funnel", State.LIMITED, (text, params))
    return _grade("funnel", State.READY, (_("%(n)s records, %(staged)s with history."), params))


def _segments(given: QualityInput) -> Grade:
    usable = sum(1 for row in given.deals if row.paise and row.paise > 0 and row.came_from)
    params: dict[str, object] = {"n": usable, "least": 100, "needed": 200}
    if usable >= 200:
        text = _("%(n)s deals with an amount and a source.")
        return _grade("segments", State.READY, (text, params))
    if usable >= 100:
        text = _("%(n)s deals with an amount and a source; below %(needed)s groups are shaky.")
        return _grade("segments", State.LIMITED, (text, params))
    text = _("%(n)s deals with an amount and a source; at least %(least)s are needed.")
    return _grade("segments", State.NOT_YET, (text, params))
