"""The public pages: landing with a live sample, pricing."""

import hashlib
from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from marketing_platform.api.errors import ServiceAway
from marketing_platform.api.limits import limit_per_hour
from marketing_platform.api.problems import with_headers
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.pages import client_address, error_sentence
from marketing_platform.onboarding.plan_cards import plan_cards, trial_days
from marketing_platform.onboarding.structured import site_data
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY, deployed

SAMPLE_KEPT_SECONDS = 6 * 3600
SAMPLES_PER_HOUR = 60


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    plans = plan_cards()
    context: dict[str, Any] = {
        "plans": plans,
        "trial_days": trial_days(deployed()[0]),
        "structured": site_data(plans),
    }
    maker = _sample_maker()
    if maker is not None:
        context |= _form_context(request, maker)
        with suppress(PlatformError):
            context["sample"] = _made(context["category"], context["city"], request, maker)
    return render(request, "public/landing.html", context)


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    plans = plan_cards()
    context = {"plans": plans, "structured": site_data(plans)}
    return render(request, "public/pricing.html", context)


@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """Today's post for a visitor's trade and city: no sign-up, no workspace, kept for hours."""
    maker = _sample_maker()
    if maker is None:
        raise Http404
    context = _form_context(request, maker)
    status, problem = 200, None
    try:
        context["sample"] = _made(context["category"], context["city"], request, maker)
    except PlatformError as error:
        context["sample_error"], status, problem = error_sentence(error), error.status, error
    # htmx 2 does not swap answers other than 2xx, so the swapped part is always 200.
    if request.htmx:
        return render(request, "public/_sample.html", context)
    response = render(request, "public/sample.html", context, status=status)
    return with_headers(response, problem) if problem else response


def _form_context(request: HttpRequest, maker: Any) -> dict[str, Any]:
    choices = maker.choices(language=get_language() or "en")
    return {
        **choices,
        "category": request.GET.get("category", choices["category"])[:60],
        "city": request.GET.get("city", choices["city"])[:60],
    }


def _made(category: str, city: str, request: HttpRequest, maker: Any) -> Any:
    """Raises LimitReached, ServiceAway, or what the maker refuses."""
    language = get_language() or "en"
    today = clock.today()
    asked = hashlib.sha256(f"{category}|{city}|{language}|{today}".encode()).hexdigest()
    try:
        kept = cache.get(f"sample:{asked}")
    except RedisError as error:
        raise ServiceAway from error
    if kept is None:
        limit_per_hour("samples per hour", client_address(request), SAMPLES_PER_HOUR)
        kept = maker.make(category=category, city=city, language=language, today=today)
        with suppress(RedisError):  # made again for the next visitor
            cache.set(f"sample:{asked}", kept, SAMPLE_KEPT_SECONDS)
    return kept


def _sample_maker() -> Any:
    for tier in deployed():
        if REGISTRY[tier].sample:
            return resolve(REGISTRY[tier].sample)()
    return None
