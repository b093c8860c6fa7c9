"""Overview and Insights: findings of the workspace's figures."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enterprise.data_sources.selectors import has_sources
from enterprise.data_sources.services import sample_show
from enterprise.market_intelligence.engine.evidence import Finding
from enterprise.market_intelligence.forms import FeedFilter
from enterprise.market_intelligence.front_door import IntelligenceEngine
from enterprise.market_intelligence.selectors import (
    assigned_to,
    first_hour,
    first_hour_offer,
    snoozed_keys,
)
from enterprise.market_intelligence.views.cards import cards, shared
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission, allowed, requires

SHOWN_FIRST = 3
PAGE = 15


@never_cache
@require_safe
@requires(Permission.READ)
def overview(request: HttpRequest) -> HttpResponse:
    """What changed, what it means in rupees, what to decide this week.

    A new workspace opens with the sample company.
    """
    now = clock.now()
    if not has_sources():
        sample_show(today=clock.today(now), now=now)
    result = IntelligenceEngine().get_feed(actor_id=request.user.pk)
    clear = [each for each in result.findings if each.is_clear]
    context = shared(request, result)
    context["cards"] = cards(request, clear[:SHOWN_FIRST])
    context["more"] = max(0, len(clear) - SHOWN_FIRST)
    context["not_enough"] = result.refusals
    if allowed(request.membership.role, Permission.WORK):
        opened_at = request.tenant.created_at
        context["first_hour"] = first_hour_offer(first_hour(), opened_at=opened_at, now=now)
    return render(request, "enterprise/overview.html", context)


@never_cache
@require_safe
@requires(Permission.READ)
def insights(request: HttpRequest) -> HttpResponse:
    result = IntelligenceEngine().get_feed(actor_id=request.user.pk, with_snoozed=True)
    chosen = FeedFilter(request.GET)
    kind, show = chosen.wanted()
    found = _filtered(request, result.findings, kind, show)
    clear = [each for each in found if each.is_clear]
    page = Paginator(clear, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = shared(request, result)
    context |= {
        "filter": chosen,
        "kind": kind,
        "show": show,
        "page": page,
        "cards": cards(request, page.object_list),
        "quiet": [each for each in found if not each.is_clear] if page.number == 1 else [],
        "not_enough": result.refusals if not (kind or show) and page.number == 1 else (),
    }
    return render(request, "enterprise/insights.html", context)


def _filtered(
    request: HttpRequest, findings: Sequence[Finding], kind: str, show: str
) -> list[Finding]:
    away = snoozed_keys(clock.today())
    mine = assigned_to(request.user.pk) if show == "mine" else set()
    return [
        each
        for each in findings
        if (not kind or each.kind == kind)
        and (each.key in away) == (show == "snoozed")
        and (show != "mine" or each.key in mine)
    ]
