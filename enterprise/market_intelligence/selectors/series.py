"""The workspace's own figures as series, and what a unit of each is worth."""

from datetime import date

from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.engine.tables import OutcomeMetric
from enterprise.data_sources.selectors import (
    Figures,
    marketing_figures,
    outcome_metrics,
    outcome_series,
)
from enterprise.market_intelligence.engine.contracts import Grain, MetricSeries
from enterprise.market_intelligence.engine.rupees import PERIODS, Role, Worth
from enterprise.market_intelligence.engine.wording import ALL, COST_PER_LEAD, LEADS, SPEND

FEWEST_POINTS = 2
# Outcomes that data sources count themselves: their leads are among the figures already.
COUNTED = "crm:"


def workspace_series(figures: Figures) -> tuple[MetricSeries, ...]:
    """Spend and cost per lead of each channel, leads in all, and the imported outcomes."""
    grain = Grain(figures.grain)
    series = [
        _series(f"{_label(channel)} · {SPEND}", "INR", grain, _rupees(by_period))
        for channel, by_period in sorted(figures.spend.items())
    ]
    series += _costs_per_lead(figures, grain)
    total = _added(figures.leads.values())
    if total:
        series.append(_series(f"{ALL} · {LEADS}", "leads", grain, total))
    series += [outcome_points(metric, Grain(metric.grain)) for metric in _imported()]
    unique = {one.name: one for one in series if len(one.points) >= FEWEST_POINTS}
    return tuple(unique.values())


def outcome_points(metric: OutcomeMetric, grain: Grain) -> MetricSeries:
    """An outcome as every analysis calls it; periods without a value are left out."""
    found = outcome_series(metric.code, grain)
    pairs = zip(found.dates, found.values, strict=True)
    points = tuple((day, value) for day, value in pairs if value is not None)
    return MetricSeries(found.name, found.unit, grain, points)


def _imported() -> list[OutcomeMetric]:
    return [each for each in outcome_metrics() if not each.code.startswith(COUNTED)]


def current_figures() -> Figures:
    return marketing_figures()


def series_worths(figures: Figures) -> dict[str, Worth]:
    """What one unit of each marketing series means in rupees, from the last thirteen weeks."""
    last = PERIODS[Grain(figures.grain)]
    worths = {
        f"{_label(channel)} · {SPEND}": Worth(Role.SPEND) for channel in sorted(figures.spend)
    }
    spend, leads = _added(figures.spend.values()), _added(figures.leads.values())
    per_lead = _cost_of_a_lead(spend, leads, last)
    worths[f"{ALL} · {LEADS}"] = Worth(Role.LEADS, per_lead)
    if figures.attribution == "total":
        worths[f"{ALL} · {COST_PER_LEAD}"] = Worth(Role.COST_PER_LEAD, _usual(leads, last))
    for channel, by_period in figures.leads.items():
        name = f"{_label(channel)} · {COST_PER_LEAD}"
        worths.setdefault(name, Worth(Role.COST_PER_LEAD, _usual(by_period, last)))
    earned = (each.name for each in _imported() if each.unit == "INR" and each.is_total)
    return worths | {name: Worth(Role.REVENUE) for name in earned}


def _usual(by_period: dict[date, int], last: int) -> float | None:
    """The mean of the last periods."""
    recent = [by_period[start] for start in sorted(by_period)[-last:]]
    return sum(recent) / len(recent) if recent else None


def _cost_of_a_lead(spend: dict[date, int], leads: dict[date, int], last: int) -> float | None:
    shared = sorted(spend.keys() & leads.keys())[-last:]
    count = sum(leads[start] for start in shared)
    return sum(spend[start] for start in shared) / 100 / count if count else None


def _costs_per_lead(figures: Figures, grain: Grain) -> list[MetricSeries]:
    if figures.attribution == "total":
        spend = _added(figures.spend.values())
        pairs = [(ALL, spend, figures.leads[""])] if spend else []
    else:
        pairs = [
            (_label(channel), by_period, figures.leads[channel])
            for channel, by_period in sorted(figures.spend.items())
            if channel in figures.leads
        ]
    made = []
    for label, spend, leads in pairs:
        points = {
            start: paise / 100 / leads[start]
            for start, paise in spend.items()
            if leads.get(start, 0) > 0
        }
        made.append(_series(f"{label} · {COST_PER_LEAD}", "INR", grain, points))
    return made


def _added(groups) -> dict[date, int]:
    """Sum over channels of the periods that all of them cover."""
    groups = list(groups)
    shared = set.intersection(*(set(group) for group in groups)) if groups else set()
    return {start: sum(group[start] for group in groups) for start in sorted(shared)}


def _rupees(by_period: dict[date, int]) -> dict[date, float]:
    return {start: paise / 100 for start, paise in by_period.items()}


def _series(name: str, unit: str, grain: Grain, points: dict) -> MetricSeries:
    return MetricSeries(name, unit, grain, tuple(sorted(points.items())))


def _label(channel: str) -> str:
    return CHANNELS.get(channel, channel)
