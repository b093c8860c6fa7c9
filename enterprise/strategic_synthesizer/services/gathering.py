"""What the brief rests on: read from the other systems' own selectors."""

from datetime import date

from enterprise.campaign_generator.selectors import CampaignForBrief, campaigns_for_brief
from enterprise.clients.selectors import client_of
from enterprise.data_sources.engine.quality.contracts import Severity
from enterprise.data_sources.selectors import (
    data_as_of,
    quality_of_workspace,
    rows_hash,
    spend_by,
)
from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.engine.evidence import Finding
from enterprise.market_intelligence.selectors import latest_findings
from enterprise.optimization_engine.engine.contracts import ChannelChange, FitResult
from enterprise.optimization_engine.selectors import (
    StoredAllocation,
    channel_label,
    latest_allocation,
    run_of,
)
from enterprise.strategic_synthesizer.engine.contracts import (
    BriefInputs,
    BudgetIn,
    CampaignIn,
    ChannelIn,
    FindingIn,
    Phrase,
    QualityIn,
)
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant

UNITS = {"INR": "inr", "share": "percent"}
MOST_PROBLEMS = 3
# Whose heading says what was measured; other findings are of a metric with a name.
BY_HEADING = {Kind.CONVERSION, Kind.VELOCITY, Kind.BOTTLENECK}


def inputs_of(tenant: Tenant, *, today: date) -> BriefInputs:
    """Findings, budget, campaigns and data problems of the acting workspace."""
    client = client_of(tenant)
    allocation = latest_allocation()
    as_of = data_as_of()
    return BriefInputs(
        company=client.company_name if client else tenant.name,
        today=today,
        findings=tuple(_finding(each) for each in latest_findings() if each.is_clear),
        budget=_budget(allocation) if allocation else None,
        weeks_of_data=len(spend_by("week").periods),
        data_hash=rows_hash(),
        campaigns=tuple(_campaign(each) for each in campaigns_for_brief()),
        quality=_problems(today),
        data_as_of=clock.today(as_of) if as_of else today,
    )


def _campaign(found: CampaignForBrief) -> CampaignIn:
    return CampaignIn(
        id=found.id,
        name=found.name,
        state=found.state,
        budget_paise=found.budget_paise,
        content_hash=found.content_hash,
        as_of=found.as_of,
        test_weeks=found.test_weeks,
    )


def _problems(today: date) -> tuple[QualityIn, ...]:
    """What is worst in the data, named by table and subject."""
    report = quality_of_workspace(today)
    return tuple(
        QualityIn(
            message=f"{issue.table} · {issue.subject or issue.column}",
            rows=issue.n,
            of_rows=max(issue.n, report.counts.get(issue.table, issue.n)),
            rows_hash=report.rows_hash,
            as_of=today,
        )
        for issue in report.issues[:MOST_PROBLEMS]
        if issue.severity is not Severity.LOW
    )


def _finding(found: Finding) -> FindingIn:
    times = 100 if found.unit == "share" else 1
    return FindingIn(
        kind=str(found.kind),
        subject=found.metric,
        value=found.value * times,
        unit=UNITS.get(found.unit, found.unit),
        low=found.low * times,
        high=found.high * times,
        level=found.level,
        n=found.n,
        method=found.method,
        run_hash=found.run_hash,
        as_of=found.as_of,
        heading=_heading(found) if found.kind in BY_HEADING else None,
        happened_on=found.happened_on,
        grade=str(found.grade),
    )


def _heading(found: Finding) -> Phrase:
    return Phrase(found.heading.message, tuple(found.heading.values))


def _budget(stored: StoredAllocation) -> BudgetIn:
    allocation, fit = stored.allocation, run_of(stored.run_id).result
    return BudgetIn(
        channels=tuple(_channel(each, fit) for each in allocation.changes),
        total_before_paise=allocation.total_before_paise,
        total_after_paise=allocation.total_after_paise,
        gain=allocation.gain.mean,
        gain_low=allocation.gain.low,
        gain_high=allocation.gain.high,
        outcome_name=allocation.outcome_name,
        outcome_unit=UNITS.get(allocation.outcome_unit, allocation.outcome_unit),
        weeks=fit.weeks,
        fit_run_hash=fit.run_hash,
        allocation_run_hash=allocation.run_hash,
        rows_hash=fit.rows_hash,
        as_of=allocation.as_of,
        is_reliable=fit.diagnostics.is_reliable,
        is_unchanged=allocation.is_unchanged,
    )


def _channel(change: ChannelChange, fit: FitResult) -> ChannelIn:
    found = next(each for each in fit.channels if each.channel == change.channel)
    return ChannelIn(
        name=channel_label(change.channel),
        before_paise=change.before_paise,
        after_paise=change.after_paise,
        roas=found.roas.mean,
        roas_low=found.roas.low,
        roas_high=found.roas.high,
        is_identified=found.is_identified,
    )
