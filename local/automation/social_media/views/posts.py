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
from local.automation.social_media.selectors import (
    channels,
    chosen_variant,
    planned_between,
    posted_networks,
)
from local.automation.social_media.services import (
    day_idea_choose,
    posted_mark,
    posted_undo,
    posts_tidy,
)
from local.automation.social_media.views.month import month_of, network_lines
from local.automation.social_media.views.shared import interface_language, picture_address
from local.automation.social_media.views.sheet import is_live, reworded, sheet_of
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
    posts_tidy(now=clock.now())
    first, last = present - timedelta(DAYS_LISTED_BACK), present + timedelta(DAYS_LISTED_AHEAD)
    listed = SocialMediaAutomation(business).plan_days(first, last)
    done, planned = posted_networks(day.date for day in listed), planned_between(first, last)
    language, networks = interface_language(), channels()
    rows = [
        {
            "on": day.date,
            "headline": day.headline(language),
            "reason": day.pick.reason(language),
            "is_today": day.date == present,
            "is_past": day.date < present,
            **network_lines(
                planned.get(day.date, {}),
                done.get(day.date, frozenset()),
                day.date,
                present,
                networks,
            ),
        }
        for day in listed
    ]
    context = {
        "coming": [row for row in rows if not row["is_past"]],
        "past": [row for row in reversed(rows) if row["is_past"]],
        "month": month_of(present),
        "is_connected": bool(networks),
        "may_approve": allowed(request.membership.role, Permission.APPROVE_POSTS),
    }
    return render(request, "local/social_media/posts.html", context)


@require_POST
@requires(Permission.WORK)
def another_idea(request: HttpRequest) -> HttpResponse:
    form = AnotherIdeaForm(request.POST)
    if not form.is_valid():
        return back_with_error(request, form)
    day_idea_choose(
        on=form.cleaned_data["on"],
        variant=form.cleaned_data["variant"],
        now=clock.now(),
        actor_id=request.user.pk,
    )
    return post_again(request, form.cleaned_data["on"], form.cleaned_data["language"])


@require_POST
@requires(Permission.WORK)
def posted(request: HttpRequest) -> HttpResponse:
    form = PostedForm(request.POST)
    if not form.is_valid():
        return back_with_error(request, form)
    try:
        posted_mark(
            on=form.cleaned_data["on"],
            network=form.cleaned_data["network"],
            variant=form.cleaned_data["variant"],
            now=clock.now(),
            actor_id=request.user.pk,
        )
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return post_again(request, form.cleaned_data["on"], form.cleaned_data["language"])


@require_POST
@requires(Permission.WORK)
def not_posted(request: HttpRequest) -> HttpResponse:
    form = PostedForm(request.POST)
    if not form.is_valid():
        return back_with_error(request, form)
    posted_undo(on=form.cleaned_data["on"], network=form.cleaned_data["network"])
    return post_again(request, form.cleaned_data["on"], form.cleaned_data["language"])


def _shown(request: HttpRequest, on: date, language: str | None) -> _Shown:
    business = business_of(request.tenant)
    known = language if language in LANGUAGES else business.languages[0]
    return _Shown(business, on, known, clock.today())


def post_with_words(
    request: HttpRequest, on: date, language: str, typed: dict[str, tuple[str, str]]
) -> HttpResponse:
    """The day's page with words that were refused, and why, by network."""
    shown = _shown(request, on, language)
    try:
        context = _post_context(request, shown, typed)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
        return redirect("posts")
    return render(request, "local/social_media/post.html", context, status=422)


def _post_context(
    request: HttpRequest, shown: _Shown, typed: dict[str, tuple[str, str]] | None = None
) -> dict[str, Any]:
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
    sheet = sheet_of(
        content,
        shown.language,
        category=shown.business.category,
        today=shown.today,
        now=clock.now(),
        typed=typed,
    )
    by_us = {row["network"] for row in (sheet or {}).get("rows", ()) if row["may_stop"]}
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
        "previews": reworded(_previews(content, shown.language), sheet),
        "sheet": sheet,
        "posting": [
            {"network": network, "label": label, "is_done": network in done}
            for network, label in NETWORK_LABELS.items()
            if network not in by_us and not is_live(sheet, network)
        ],
        "business_name": shown.business.name,
        "place": CITIES[shown.business.city].names[interface],
        "may_work": allowed(request.membership.role, Permission.WORK),
        "may_approve": allowed(request.membership.role, Permission.APPROVE_POSTS),
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


def post_again(request: HttpRequest, on: date, language: str) -> HttpResponse:
    """The changed card for htmx, otherwise the page it stands on."""
    if request.htmx:
        shown = _shown(request, on, language)
        return render(request, "local/social_media/_post.html", _post_context(request, shown))
    page = reverse("home") if on == clock.today() else reverse("local-post", args=[on])
    return redirect(f"{page}?language={language}")


def back_with_error(request: HttpRequest, form: Any) -> HttpResponse:
    sentences = [str(error) for errors in form.errors.values() for error in errors]
    messages.error(request, " ".join(sentences))
    return redirect("home")
