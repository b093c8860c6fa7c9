"""The insights page: what the shop's own records show, then the days ahead."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.business.engine import CITIES, BusinessFacts
from local.business.selectors import business_of, facts_of
from local.intelligence.front_door import (
    BusinessInsights,
    BusinessInsightsRequest,
    LocalInsightsRequest,
    LocalIntelligenceEngine,
)
from local.intelligence.views.cards import cards_of, missing_of
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def insights(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    language = shown_language(get_language())
    facts = facts_of(business_of(request.tenant))
    ahead = LocalIntelligenceEngine().get_local_insights(
        LocalInsightsRequest(business=facts, date=today, language=language)
    )
    own = own_insights(facts)
    context: dict[str, Any] = {
        "cards": cards_of(own, language),
        "missing": missing_of(own, language),
        "as_of": own.as_of,
        "visits": own.visits,
        "reviews": own.reviews,
        "insights": ahead.insights,
        "not_enough": ahead.not_enough,
        "until": today + timedelta(days=ahead.days - 1),
        "today": today,
        "city": CITIES[facts.city].names[language],
        "may_change": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/intelligence/insights.html", context)


@never_cache
@require_POST
@requires(Permission.WORK)
def insights_again(request: HttpRequest) -> HttpResponse:
    """Compute again, after new bills or reviews came in."""
    own_insights(facts_of(business_of(request.tenant)), is_fresh=True)
    messages.success(request, gettext("Looked again at your records."))
    return redirect("local-insights")


def own_insights(facts: BusinessFacts, *, is_fresh: bool = False) -> BusinessInsights:
    request = BusinessInsightsRequest(
        business=facts, today=clock.today(), now=clock.now(), is_fresh=is_fresh
    )
    return LocalIntelligenceEngine().get_business_insights(request)
