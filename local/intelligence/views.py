from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from local.business.engine import CITIES
from local.business.selectors import business_of, facts_of
from local.intelligence.front_door import LocalInsightsRequest, LocalIntelligenceEngine
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def insights(request: HttpRequest) -> HttpResponse:
    """The next 30 days as cards."""
    today = clock.today()
    language = "hi" if (get_language() or "en").startswith("hi") else "en"
    facts = facts_of(business_of(request.tenant))
    answer = LocalIntelligenceEngine().get_local_insights(
        LocalInsightsRequest(business=facts, date=today, language=language)
    )
    context = {
        "insights": answer.insights,
        "not_enough": answer.not_enough,
        "days": answer.days,
        "until": today + timedelta(days=answer.days - 1),
        "today": today,
        "city": CITIES[facts.city].names[language],
        "may_change": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/intelligence/insights.html", context)
