"""A finding with everything its card shows."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from enterprise.market_intelligence.engine.contracts import Analysis, Insight, Kind
from enterprise.market_intelligence.engine.evidence import Finding
from enterprise.market_intelligence.engine.series_report import key_of
from enterprise.market_intelligence.forms import KIND_LABELS
from enterprise.market_intelligence.selectors import (
    analysis_of,
    care_by_key,
    comments_by_key,
    team_names,
)
from marketing_platform.core import clock
from marketing_platform.jobs.views import context_of
from marketing_platform.users.permissions import Permission, allowed

PLACED = {Kind.LEVEL_SHIFT, Kind.ANOMALY}
ICONS = {
    Kind.LEVEL_SHIFT: "arrows-up-down",
    Kind.TREND: "arrow-trending-up",
    Kind.SEASON: "calendar-days",
    Kind.ANOMALY: "exclamation-circle",
    Kind.FORECAST: "presentation-chart-line",
    Kind.CONVERSION: "check-badge",
    Kind.VELOCITY: "clock",
    Kind.BOTTLENECK: "funnel",
    Kind.SEGMENT: "user-group",
}


def cards(request: HttpRequest, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    shown = list(findings)
    keys = [each.key for each in shown]
    care, comments = care_by_key(keys), comments_by_key(keys)
    team = team_names(request.tenant)
    analyses = {each: analysis_of(each) for each in {one.run_hash for one in shown}}
    today = clock.today()
    made = []
    for place, finding in enumerate(shown, start=1):
        own = care.get(finding.key)
        made.append(
            {
                "chart_id": f"finding-{place}",
                "finding": finding,
                "label": KIND_LABELS[finding.kind],
                "icon": ICONS[finding.kind],
                "percent": round(finding.level * 100),
                "assignee": team.get(own.assignee_id) if own else None,
                "assignee_id": own.assignee_id if own else None,
                "snoozed_until": _until(own, today),
                "comments": [
                    {"text": each.text, "by": _name(team, each.actor_id), "at": each.created_at}
                    for each in comments.get(finding.key, ())
                ],
                **_drawn(finding, analyses[finding.run_hash]),
            }
        )
    return made


def shared(request: HttpRequest, result: Any) -> dict[str, Any]:
    """What overview and feed have in common."""
    job = result.job
    context = {
        "has_data": result.as_of is not None and bool(result.findings or result.refusals),
        "is_sample": result.is_sample and result.as_of is not None,
        "attribution": result.attribution,
        "as_of": result.as_of,
        "may_change": allowed(request.membership.role, Permission.WORK),
        "team": team_names(request.tenant),
        "is_stuck": job is not None and not job.is_open,
    }
    if job is not None:
        context |= context_of(request, job)
    return context


def _drawn(finding: Finding, analysis: Analysis | None) -> dict[str, Any]:
    """The fitted series and the insight to mark in it, of findings about series."""
    if analysis is None:
        return {"fitted": None, "insight": None, "marked": []}
    insight: Insight | None = next(
        (each for each in analysis.insights if key_of(each) == finding.key), None
    )
    fitted = next((each for each in analysis.fitted if each.series == finding.metric), None)
    marked = [insight] if insight and insight.kind in PLACED else []
    return {"fitted": fitted, "insight": insight, "marked": marked}


def _until(care: Any, today: Any) -> Any:
    return (
        care.snoozed_until if care and care.snoozed_until and care.snoozed_until > today else None
    )


def _name(team: dict[UUID, str], actor_id: UUID | None) -> str:
    return team.get(actor_id, "") if actor_id else ""
