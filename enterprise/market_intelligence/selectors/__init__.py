"""Reading runs, findings and the workspace's figures as the engines take them."""

from enterprise.market_intelligence.selectors.care import (
    JOB_KIND,
    comments_by_key,
    last_job,
    team_names,
)
from enterprise.market_intelligence.selectors.deals import deal_rows, outcomes_to_forecast
from enterprise.market_intelligence.selectors.first_hour import first_hour, first_hour_offer
from enterprise.market_intelligence.selectors.runs import (
    analysis_of,
    assigned_to,
    care_by_key,
    current_origin,
    evidence_of,
    figures_version,
    keys_of,
    latest_feed,
    latest_findings,
    latest_refusals,
    snoozed_keys,
    stored_analysis,
)
from enterprise.market_intelligence.selectors.series import (
    ALL,
    COST_PER_LEAD,
    LEADS,
    SPEND,
    current_figures,
    series_worths,
    workspace_series,
)

__all__ = [
    "ALL",
    "COST_PER_LEAD",
    "JOB_KIND",
    "LEADS",
    "SPEND",
    "analysis_of",
    "assigned_to",
    "care_by_key",
    "comments_by_key",
    "current_figures",
    "current_origin",
    "deal_rows",
    "evidence_of",
    "figures_version",
    "first_hour",
    "first_hour_offer",
    "keys_of",
    "last_job",
    "latest_feed",
    "latest_findings",
    "latest_refusals",
    "outcomes_to_forecast",
    "series_worths",
    "snoozed_keys",
    "stored_analysis",
    "team_names",
    "workspace_series",
]
