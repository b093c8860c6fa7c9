"""SocialMediaAutomation: one business's post of the day, ready to share. SamplePost: the same for
a visitor who has no business here yet."""

import base64
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext

from local.automation.social_media.engine import (
    PREVIEW_PIXELS,
    ComposedDay,
    DailyContent,
    DailyContentRequest,
    DaySituation,
    PlannedDay,
    PosterPlan,
    StoredPoster,
    compose_day,
    plan_day,
    poster_plan,
    request_languages,
)
from local.automation.social_media.errors import DateOutOfRange
from local.automation.social_media.front_door.publishing import Publishing
from local.automation.social_media.selectors import (
    brand_kit,
    chosen_variants,
    generated_files,
    owner_book,
)
from local.business.engine import CATEGORIES, CITIES, LANGUAGES, BusinessFacts, category_of, city_of
from local.business.models import LocalBusiness
from local.business.selectors import facts_of
from local.occasions.engine import occasions_between
from local.occasions.selectors import occasions_for
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.documents.errors import DocumentError
from marketing_platform.documents.preview import webp_preview
from marketing_platform.documents.render import render_png
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import content_of
from marketing_platform.media.services import GeneratedFile, generated_store_all
from marketing_platform.writing.contracts import Copywriter
from marketing_platform.writing.services import copywriter as configured_copywriter

DAYS_BACK, DAYS_AHEAD = 31, 366
OCCASION_HORIZON = timedelta(days=31)
PREVIEW_BYTES = 15_000
PARALLEL_POSTERS = 2
SAMPLE_BYTES = 10_000
NETWORK_LABELS = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "google_business": "Google",
    "whatsapp_status": "WhatsApp",
}
logger = logging.getLogger(__name__)


class SocialMediaAutomation(Publishing):
    """Makes and sends the daily content of one business, in its workspace's context."""

    def __init__(self, business: LocalBusiness, *, copywriter: Copywriter | None = None):
        self._business = business
        self._copywriter = copywriter

    def generate_daily_content(
        self, request: DailyContentRequest | None = None, *, today: date | None = None
    ) -> DailyContent:
        """Pick, captions and posters of one day; the same call gives the same answer.

        Without a request: today in India, captions in all four languages and posters in the
        business's own. What breaks a rule is withheld and named in `blocked`. Posters are kept,
        so that the second call draws nothing. Raises DateOutOfRange.
        """
        request = request or DailyContentRequest()
        today = today or clock.today()
        situation = self._situation(_checked_date(request.date or today, today))
        own = situation.facts.languages
        composed = compose_day(
            situation,
            languages=request_languages(request, own),
            networks=request.networks,
            variant=request.variant,
            copywriter=self._copywriter or configured_copywriter(),
        )
        plans = _plans(situation, composed, request.languages or own)
        return DailyContent(
            date=situation.day,
            variant=request.variant,
            pick=composed.pick,
            networks=composed.networks,
            posters=_stored(plans, situation),
            blocked=composed.blocked,
        )

    def plan_days(self, first: date, last: date) -> list[PlannedDay]:
        """What each day from first to last will be about, without captions and posters."""
        facts = facts_of(self._business)
        occasions = occasions_for(facts, first, last + OCCASION_HORIZON)
        book = owner_book(first, last, category=facts.category)
        days = [first + timedelta(days=passed) for passed in range((last - first).days + 1)]
        chosen = chosen_variants(days)
        return [
            plan_day(DaySituation(facts, day, occasions, book), chosen.get(day, 0)) for day in days
        ]

    def _situation(self, day: date) -> DaySituation:
        facts = facts_of(self._business)
        occasions = occasions_for(facts, day, day + OCCASION_HORIZON)
        return DaySituation(facts, day, occasions, owner_book(day, category=facts.category))


def _checked_date(day: date, today: date) -> date:
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    if not first <= day <= last:
        raise DateOutOfRange(field="date", first=first.isoformat(), last=last.isoformat())
    return day


def _plans(
    situation: DaySituation, composed: ComposedDay, languages: tuple[str, ...]
) -> list[PosterPlan]:
    return [
        poster_plan(situation, composed.pick, words, language)
        for language, words in composed.posters.items()
        if language in languages
    ]


def _keys(plan: PosterPlan) -> tuple[str, str]:
    return f"poster:{plan.key}", f"poster-{PREVIEW_PIXELS}:{plan.key}"


def _stored(plans: list[PosterPlan], situation: DaySituation) -> dict[str, StoredPoster]:
    """Every plan's picture and preview from the media store; only what is missing is drawn."""
    found = generated_files([key for plan in plans for key in _keys(plan)])
    missing = [plan for plan in plans if not all(_is_there(found, key) for key in _keys(plan))]
    kept = {**found, **_drawn(missing)} if missing else found
    return {plan.language: _poster(plan, kept, situation) for plan in plans}


def _is_there(found: Mapping[str, MediaFile], key: str) -> bool:
    return key in found and default_storage.exists(found[key].storage_path)


def _drawn(plans: list[PosterPlan]) -> dict[str, MediaFile]:
    photo = _owner_photo() if any(plan.photo_digest for plan in plans) else None
    with ThreadPoolExecutor(max_workers=PARALLEL_POSTERS) as pool:
        pictures = list(pool.map(lambda plan: _draw(plan, photo), plans))
    made = []
    for plan, (png, preview) in zip(plans, pictures, strict=True):
        png_key, preview_key = _keys(plan)
        made.append(GeneratedFile(png_key, png, "image/png", "poster"))
        made.append(GeneratedFile(preview_key, preview, "image/webp", "poster_preview"))
    return generated_store_all(files=made)


def _draw(plan: PosterPlan, photo: bytes | None) -> tuple[bytes, bytes]:
    """PNG and preview of one plan. Runs in a thread: no database here.

    The preview is drawn small from the start, in half the time of making the PNG smaller.
    """
    files = {"photo.jpg": photo} if plan.photo_digest and photo else None
    png = render_png(plan.source, payload=plan.payload, files=files)
    small = render_png(plan.source, payload=plan.payload, files=files, pixels=PREVIEW_PIXELS)
    return png, webp_preview(small, pixels=PREVIEW_PIXELS, limit_bytes=PREVIEW_BYTES)


def _owner_photo() -> bytes | None:
    kit = brand_kit()
    return content_of(kit.owner_photo) if kit and kit.owner_photo else None


def _poster(
    plan: PosterPlan, kept: Mapping[str, MediaFile], situation: DaySituation
) -> StoredPoster:
    png_key, preview_key = _keys(plan)
    return StoredPoster(
        language=plan.language,
        headline=str(plan.payload["headline"]),
        media_id=kept[png_key].pk,
        preview_id=kept[preview_key].pk,
        file_name=f"post-{situation.day.isoformat()}-{plan.language}.png",
    )


class SamplePost:
    """Today's post for a trade and a city, for the public pages: no workspace, nothing stored."""

    def choices(self, *, language: str) -> dict[str, Any]:
        """Options of the form (slug, label) and what is chosen at first."""
        shown = shown_language(language, LANGUAGES)
        return {
            "categories": _options({slug: each.names[shown] for slug, each in CATEGORIES.items()}),
            "cities": _options({slug: each.names[shown] for slug, each in CITIES.items()}),
            "category": "sweet_shop",
            "city": "pune",
        }

    def make(self, *, category: str, city: str, language: str, today: date) -> dict[str, Any]:
        """The post in one language. Raises UnknownCategory or UnknownCity."""
        shown = shown_language(language, LANGUAGES)
        trade, place = category_of(category), city_of(city)
        facts = BusinessFacts(
            id=f"sample:{trade.slug}:{place.slug}",
            name=gettext("Your shop"),
            category=trade.slug,
            city=place.slug,
            state=place.state,
            languages=(shown,),
            primary_colour=trade.primary_colour,
            accent_colour=trade.accent_colour,
        )
        occasions = occasions_between(
            today, today + OCCASION_HORIZON, state=place.state, city=place.slug, category=trade.slug
        )
        situation = DaySituation(facts, today, occasions)
        composed = compose_day(situation, languages=(shown,), networks=tuple(NETWORK_LABELS))
        words = composed.posters[shown]
        return {
            "headline": words.headline,
            "reason": composed.pick.reason(shown_language(shown)),
            "business_name": facts.name,
            "lang": shown,
            "place": place.names[shown],
            "poster_url": _sample_picture(poster_plan(situation, composed.pick, words, shown)),
            "previews": [
                {"network": network, "label": label, "post": composed.networks[network][shown]}
                for network, label in NETWORK_LABELS.items()
            ],
        }


def _options(names: Mapping[str, str]) -> list[dict[str, str]]:
    ordered = sorted(names.items(), key=lambda pair: pair[1])
    return [{"slug": slug, "label": label} for slug, label in ordered]


def _sample_picture(plan: PosterPlan) -> str | None:
    """The poster as a small data address; None (a drawn stand-in) when it cannot be drawn."""
    try:
        small = render_png(plan.source, payload=plan.payload, pixels=PREVIEW_PIXELS)
        preview = webp_preview(small, pixels=PREVIEW_PIXELS, limit_bytes=SAMPLE_BYTES)
    except DocumentError:
        logger.exception("the sample poster could not be drawn")
        return None
    return f"data:image/webp;base64,{base64.b64encode(preview).decode()}"
