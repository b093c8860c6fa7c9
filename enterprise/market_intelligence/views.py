"""Overview and Insights: findings of the imported data."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enterprise.data_sources.selectors import has_sources
from enterprise.data_sources.services import sample_show
from enterprise.market_intelligence.engine.contracts import Insight, Kind
from enterprise.market_intelligence.engine.ranking import is_clear
from enterprise.market_intelligence.front_door import IntelligenceEngine, IntelligenceResult
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission, allowed, requires

SHOWN_FIRST = 3


@never_cache
@require_safe
@requires(Permission.READ)
def overview(request: HttpRequest) -> HttpResponse:
    """The few findings that matter most. A new workspace opens with the sample company."""
    if not has_sources():
        now = clock.now()
        sample_show(today=clock.today(now), now=now)
    context = _findings(request)
    context["more"] = max(0, len(context["cards"]) - SHOWN_FIRST)
    context["cards"] = context["cards"][:SHOWN_FIRST]
    return render(request, "enterprise/overview.html", context)


@never_cache
@require_safe
@requires(Permission.READ)
def insights(request: HttpRequest) -> HttpResponse:
    return render(request, "enterprise/insights.html", _findings(request))


def _findings(request: HttpRequest) -> dict[str, Any]:
    found = IntelligenceEngine().get_workspace_findings(actor_id=request.user.pk)
    result = found.result
    return {
        "cards": _cards(result) if result else [],
        "quiet": [one for one in result.insights if not is_clear(one)] if result else [],
        "not_enough": result.not_enough if result else (),
        "run_hash": result.run_hash if result else "",
        "has_data": result is not None,
        "is_sample": found.is_sample and result is not None,
        "attribution": found.attribution,
        "may_change": allowed(request.membership.role, Permission.WORK),
    }


def _cards(result: IntelligenceResult) -> list[dict[str, Any]]:
    """A finding with its series and the findings to mark in the same chart."""
    drawn = {series.series: series for series in result.fitted}
    cards = []
    for insight in filter(is_clear, result.insights):
        cards.append(
            {
                "chart_id": f"finding-{len(cards) + 1}",
                "insight": insight,
                "fitted": drawn[insight.series],
                "marked": [insight] if _has_place(insight) else [],
                "is_season": insight.kind is Kind.SEASON,
                "percent": round(insight.level * 100),
            }
        )
    return cards


def _has_place(insight: Insight) -> bool:
    return insight.kind in {Kind.LEVEL_SHIFT, Kind.ANOMALY}
