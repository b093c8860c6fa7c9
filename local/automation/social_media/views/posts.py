"""The post of a day, the list of days, and what one taps there."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.social_media.engine import (
    GREATEST_VARIANT,
    LANGUAGES,
    DailyContent,
    DailyContentRequest,
)
from local.automation.social_media.forms import LANGUAGE_LABELS, AnotherIdeaForm, PostedForm
from local.automation.social_media.front_door import NETWORK_LABELS, SocialMediaAutomation
from local.automation.social_media.selectors import chosen_variant, posted_networks
from local.automation.social_media.services import day_idea_choose, posted_mark, posted_undo
from local.automation.social_media.views.shared import interface_language, picture_address
from local.business.engine import CITIES
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

DAYS_LISTED_BACK, DAYS_LISTED_AHEAD = 6, 13


@dataclass(frozen=True)
class _Shown:
    """The post on the screen: of which day, in which language."""

    business: LocalBusiness
    on: date
    language: str
    today: date


def today_context(request: HttpRequest) -> dict[str, Any]:
    """Today's post and the next days, for the page of the day."""
    shown = _shown(request, clock.today(), request.GET.get("language"))
    return _post_context(request, shown) | {"coming_days": _coming_days(shown)}


@never_cache
@require_safe
@requires(Permission.READ)
def post_of_day(request: HttpRequest, on: date) -> HttpResponse:
    shown = _shown(request, on, request.GET.get("language"))
    try:
        context = _post_context(request, shown)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
        return redirect("posts")
    return render(request, "local/social_media/post.html", context)


@never_cache
@require_safe
@requires(Permission.READ)
def posts(request: HttpRequest) -> HttpResponse:
    """The week that was and the fortnight to come, a line each."""
    business, present = business_of(request.tenant), clock.today()
    first, last = present - timedelta(DAYS_LISTED_BACK), present + timedelta(DAYS_LISTED_AHEAD)
    planned = SocialMediaAutomation(business).plan_days(first, last)
    done = posted_networks(day.date for day in planned)
    language = interface_language()
    rows = [
        {
            "on": day.date,
            "headline": day.headline(language),
            "reason": day.pick.reason(language),
            "is_today": day.date == present,
            "is_past": day.date < present,
            "posted": [
                NETWORK_LABELS[each] for each in NETWORK_LABELS if each in done.get(day.date, ())
            ],
        }
        for day in planned
    ]
    context = {
        "coming": [row for row in rows if not row["is_past"]],
        "past": [row for row in reversed(rows) if row["is_past"]],
    }
    return render(request, "local/social_media/posts.html", context)


@require_POST
@requires(Permission.WORK)
def another_idea(request: HttpRequest) -> HttpResponse:
    form = AnotherIdeaForm(request.POST)
    if not form.is_valid():
        return _back_with_error(request, form)
    day_idea_choose(
        on=form.cleaned_data["on"],
        variant=form.cleaned_data["variant"],
        now=clock.now(),
        actor_id=request.user.pk,
    )
    return _post_again(request, form.cleaned_data["on"], form.cleaned_data["language"])


@require_POST
@requires(Permission.WORK)
def posted(request: HttpRequest) -> HttpResponse:
    form = PostedForm(request.POST)
    if not form.is_valid():
        return _back_with_error(request, form)
    posted_mark(
        on=form.cleaned_data["on"],
        network=form.cleaned_data["network"],
        variant=form.cleaned_data["variant"],
        now=clock.now(),
        actor_id=request.user.pk,
    )
    return _post_again(request, form.cleaned_data["on"], form.cleaned_data["language"])


@require_POST
@requires(Permission.WORK)
def not_posted(request: HttpRequest) -> HttpResponse:
    form = PostedForm(request.POST)
    if not form.is_valid():
        return _back_with_error(request, form)
    posted_undo(on=form.cleaned_data["on"], network=form.cleaned_data["network"])
    return _post_again(request, form.cleaned_data["on"], form.cleaned_data["language"])


def _shown(request: HttpRequest, on: date, language: str | None) -> _Shown:
    business = business_of(request.tenant)
    known = language if language in LANGUAGES else business.languages[0]
    return _Shown(business, on, known, clock.today())


def _post_context(request: HttpRequest, shown: _Shown) -> dict[str, Any]:
    """Everything the post card shows, for one language; only its poster is drawn."""
    content = SocialMediaAutomation(shown.business).generate_daily_content(
        DailyContentRequest(
            date=shown.on, languages=(shown.language,), variant=chosen_variant(shown.on)
        ),
        today=shown.today,
    )
    interface = interface_language()
    done = posted_networks([shown.on]).get(shown.on, frozenset())
    page = reverse("home") if shown.on == shown.today else reverse("local-post", args=[shown.on])
    return {
        "on": shown.on,
        "is_today": shown.on == shown.today,
        "page_url": page,
        "variant": content.variant,
        "next_variant": (content.variant + 1) % (GREATEST_VARIANT + 1),
        "reason": content.pick.reason(interface),
        "blocked": [breach.sentence(interface) for breach in content.blocked],
        "lang": shown.language,
        "languages": [
            {"slug": slug, "label": LANGUAGE_LABELS[slug], "is_chosen": slug == shown.language}
            for slug in dict.fromkeys([*shown.business.languages, *LANGUAGES])
        ],
        "previews": _previews(content, shown.language),
        "posting": [
            {"network": network, "label": label, "is_done": network in done}
            for network, label in NETWORK_LABELS.items()
        ],
        "business_name": shown.business.name,
        "place": CITIES[shown.business.city].names[interface],
        "may_work": allowed(request.membership.role, Permission.WORK),
        **_pictures(content, shown.language),
    }


def _previews(content: DailyContent, language: str) -> list[dict[str, Any]]:
    return [
        {"network": network, "label": label, "post": content.networks[network][language]}
        for network, label in NETWORK_LABELS.items()
        if language in content.networks.get(network, {})
    ]


def _pictures(content: DailyContent, language: str) -> dict[str, Any]:
    poster = content.posters.get(language)
    if poster is None:
        return {"poster_url": None, "poster_png_url": "", "filename": "", "headline": ""}
    return {
        "poster_url": picture_address(poster.preview_id),
        "poster_png_url": picture_address(poster.media_id),
        "filename": poster.file_name,
        "headline": poster.headline,
    }


def _coming_days(shown: _Shown) -> list[dict[str, Any]]:
    first, last = shown.today + timedelta(days=1), shown.today + timedelta(days=3)
    language = interface_language()
    planned = SocialMediaAutomation(shown.business).plan_days(first, last)
    return [{"on": day.date, "headline": day.headline(language)} for day in planned]


def _post_again(request: HttpRequest, on: date, language: str) -> HttpResponse:
    """The changed card for htmx, otherwise the page it stands on."""
    if request.htmx:
        shown = _shown(request, on, language)
        return render(request, "local/social_media/_post.html", _post_context(request, shown))
    page = reverse("home") if on == clock.today() else reverse("local-post", args=[on])
    return redirect(f"{page}?language={language}")


def _back_with_error(request: HttpRequest, form: Any) -> HttpResponse:
    sentences = [str(error) for errors in form.errors.values() for error in errors]
    messages.error(request, " ".join(sentences))
    return redirect("home")
