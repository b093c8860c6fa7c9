"""Deals and series as the engines read them."""

from collections import Counter
from dataclasses import replace

from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.selectors import contacts, deals, outcome_metrics
from enterprise.market_intelligence.engine.contracts import Grain, MetricSeries, NotEnough
from enterprise.market_intelligence.engine.deals import DealRow, Stay
from enterprise.market_intelligence.engine.regularise import RegularSeries, regularise
from enterprise.market_intelligence.engine.rupees import Role, Worth
from enterprise.market_intelligence.errors import SeriesInvalid
from enterprise.market_intelligence.selectors.series import ALL, LEADS, outcome_points

MOST_FORECAST = 10
COUNTED_LEADS = "crm:leads"


def deal_rows() -> tuple[DealRow, ...]:
    """Every deal with what its customer's contacts tell: their number and usual region."""
    known = contacts()
    number = Counter(each.account for each in known if each.account)
    regions: dict[str, Counter[str]] = {}
    for each in known:
        if each.account and each.region:
            regions.setdefault(each.account, Counter())[each.region] += 1
    return tuple(
        DealRow(
            id=deal.id,
            account=deal.account,
            amount_paise=deal.amount_paise,
            stage=deal.stage,
            created_on=deal.created_on,
            closed_on=deal.closed_on,
            is_won=deal.is_won,
            source=CHANNELS.get(deal.source, deal.source),
            region=regions[deal.account].most_common(1)[0][0] if deal.account in regions else "",
            contacts=number[deal.account],
            history=tuple(
                Stay(stay.stage, stay.entered_at, stay.left_at) for stay in deal.stage_history
            ),
        )
        for deal in deals()
    )


def outcomes_to_forecast() -> tuple[list[RegularSeries], dict[str, Worth]]:
    """At most ten outcomes by week (or month, where a source is that coarse), and which of them
    are rupees earned. Series with too many gaps are left to the series analysis to refuse."""
    series: list[RegularSeries] = []
    worths: dict[str, Worth] = {}
    for metric in outcome_metrics()[:MOST_FORECAST]:
        found = outcome_points(metric, Grain.MONTH if metric.grain == "month" else Grain.WEEK)
        if metric.code == COUNTED_LEADS:
            found = replace(found, name=f"{ALL} · {LEADS}", unit=LEADS)
        regular = _regular(found)
        if regular is not None:
            series.append(regular)
            if found.unit == "INR" and metric.is_total:
                worths[found.name] = Worth(Role.REVENUE)
    return series, worths


def _regular(series: MetricSeries) -> RegularSeries | None:
    try:
        made = regularise(series)
    except SeriesInvalid:
        return None
    return None if isinstance(made, NotEnough) else made
