"""What the brief rests on: read from the other systems' own selectors."""

from datetime import date

from enterprise.campaign_generator.selectors import CampaignForBrief, campaigns_for_brief
from enterprise.clients.selectors import client_of
from enterprise.data_sources.engine.quality.contracts import Issue, QualityReport, Severity
from enterprise.data_sources.selectors import (
    data_as_of,
    has_own_data,
    quality_of_workspace,
    rows_hash,
)
from enterprise.market_intelligence.engine.contracts import Sentence
from enterprise.market_intelligence.engine.evidence import Finding
from enterprise.market_intelligence.engine.wording import SHORT_TRAITS
from enterprise.market_intelligence.selectors import latest_findings
from enterprise.optimization_engine.engine.contracts import ChannelChange, FitResult
from enterprise.optimization_engine.engine.preflight import LEAST_WEEKS
from enterprise.optimization_engine.selectors import (
    StoredAllocation,
    channel_label,
    latest_allocation,
    mix_data,
    outcomes,
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
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.models import Tenant

UNITS = {"INR": "inr", "share": "percent"}
MOST_PROBLEMS = 3
TABLES = {
    "spend": _("Spend"),
    "outcomes": _("Outcomes"),
    "lead_counts": _("Counted leads"),
    "leads": _("Leads"),
    "deals": _("Deals"),
}


def inputs_of(tenant: Tenant, *, today: date) -> BriefInputs:
    """Findings, budget, campaigns and data problems of the acting workspace."""
    client = client_of(tenant)
    is_sample = not has_own_data()
    allocation = _allocation(is_sample)
    as_of = data_as_of()
    return BriefInputs(
        company=client.company_name if client else tenant.name,
        today=today,
        findings=tuple(_finding(each) for each in latest_findings() if each.is_clear),
        budget=_budget(allocation) if allocation else None,
        weeks_of_data=_weeks_of_both(),
        weeks_needed=LEAST_WEEKS,
        is_sample=is_sample and as_of is not None,
        data_hash=rows_hash(),
        campaigns=tuple(_campaign(each) for each in campaigns_for_brief()),
        quality=_problems(today),
        data_as_of=clock.today(as_of) if as_of else today,
    )


def _allocation(is_sample: bool) -> StoredAllocation | None:
    """The latest; none of the sample company's beside the client's own figures."""
    found = latest_allocation()
    return found if found and run_of(found.run_id).is_sample == is_sample else None


def _weeks_of_both() -> int:
    """Weeks with spend and an outcome, of the outcome that a budget model would take first."""
    found = outcomes()
    return len(mix_data(found[0].code).weeks) if found else 0


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
    """What is worst in the data."""
    report = quality_of_workspace(today)
    worst = [each for each in report.issues if each.severity is not Severity.LOW]
    return tuple(_problem(each, report, today) for each in worst[:MOST_PROBLEMS])


def _problem(issue: Issue, report: QualityReport, today: date) -> QualityIn:
    places = issue.title.params.items()
    return QualityIn(
        message=issue.title.text,
        names=tuple((place, said) for place, said in places if isinstance(said, str)),
        numbers=tuple((place, said) for place, said in places if not isinstance(said, str)),
        about=channel_label(issue.subject),
        table=TABLES[issue.table],
        of_rows=next((each.rows for each in report.tables if each.name == issue.table), issue.n),
        rows_hash=report.rows_hash,
        as_of=today,
    )


def _finding(found: Finding) -> FindingIn:
    times = 100 if found.unit == "share" else 1
    return FindingIn(
        kind=str(found.kind),
        subject=found.metric,
        value=found.value * times,
        unit=UNITS.get(found.unit, found.unit),
        low=None if found.is_open_ended else found.low * times,
        high=None if found.is_open_ended else found.high * times,
        level=found.level,
        n=found.n,
        method=found.method,
        run_hash=found.run_hash,
        as_of=found.as_of,
        heading=_phrase(found.heading),
        happened_on=found.happened_on,
        grain=found.grain,
        group=tuple(_phrase(each) for each in found.heading.parts),
    )


def _phrase(said: Sentence) -> Phrase:
    """Names stay; a trait that holds a number is said in fewer words."""
    short = SHORT_TRAITS.get(said.message)
    return Phrase(short) if short else Phrase(said.message, said.values)


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
