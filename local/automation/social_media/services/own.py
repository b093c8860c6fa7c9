"""What only the owner decides about posts. Each call is one change."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language

from local.automation.social_media.engine import (
    GREATEST_VARIANT,
    RESULT_SHOWN_FOR,
    SEATS_SAID_FOR,
    OpenSeats,
    OwnerOffer,
    PolicyContext,
    check_offer,
    check_owner_words,
)
from local.automation.social_media.engine.contracts import Breach
from local.automation.social_media.errors import (
    ConsentTooEarly,
    CountTooOld,
    DayToCome,
    OfferDatesWrong,
    ResultIncomplete,
    ResultTooOld,
    TooManyOffers,
    TooManyResults,
    UnknownOffer,
    UnknownResult,
    WordsBreakRule,
)
from local.automation.social_media.models import (
    BrandKit,
    ClassSeats,
    CoachingResult,
    DayIdea,
    Offer,
)
from local.automation.social_media.selectors import COACHING, owner_book
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.core.text import clean_line
from marketing_platform.media.services import Upload, image_store
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import SubjectAct
from marketing_platform.tenants.restoring import subject_record

MOST_OFFERS = 10
MOST_RESULTS = 50
RESULT_SUBJECT = "local.coaching_result"
CONSENT_RULE = "coaching_no_topper_without_consent"


def brand_update(
    *,
    category: str,
    primary_colour: str,
    accent_colour: str,
    tagline: str,
    now: datetime,
    actor_id: UUID | None = None,
) -> BrandKit:
    """Save colours ("" = the profile's) and tagline. Raises WordsBreakRule for the tagline."""
    tagline = clean_line(tagline)
    _refuse(check_owner_words(tagline, PolicyContext(category)), "tagline")
    return _brand_change(
        now,
        actor_id,
        primary_colour=primary_colour.lower(),
        accent_colour=accent_colour.lower(),
        tagline=tagline,
    )


def brand_photo_set(
    *, upload: Upload | None, now: datetime, actor_id: UUID | None = None
) -> BrandKit:
    """Use an uploaded photo on posters. Raises a PhotoRefused that names `photo`."""
    photo = image_store(upload=upload, purpose="owner_photo", actor_id=actor_id)
    return _brand_change(now, actor_id, owner_photo=photo)


def brand_photo_remove(*, now: datetime, actor_id: UUID | None = None) -> BrandKit:
    """Posters are made without a photo again; the file itself stays in the library."""
    return _brand_change(now, actor_id, owner_photo=None)


def offer_add(
    *,
    category: str,
    words: str,
    valid_from: date,
    valid_until: date,
    today: date,
    now: datetime,
    actor_id: UUID | None = None,
) -> Offer:
    """Add an offer; the same words and dates twice are one offer.

    Raises WordsBreakRule, OfferDatesWrong or TooManyOffers.
    """
    words = clean_line(words)
    if valid_until < valid_from or valid_until < today:
        raise OfferDatesWrong(field="valid_until")
    typed = OwnerOffer("new", words, valid_from, valid_until)
    _refuse(check_offer(typed, category, owner_book(today, category=category)), "words")
    with transaction.atomic():
        running = Offer.objects.select_for_update().filter(is_active=True, valid_until__gte=today)
        if len(running) >= MOST_OFFERS:
            raise TooManyOffers(field="words", most=MOST_OFFERS)
        offer, _is_new = Offer.objects.get_or_create(
            words=words,
            valid_from=valid_from,
            valid_until=valid_until,
            is_active=True,
            defaults={"actor_id": actor_id, "created_at": now},
        )
    return offer


def offer_end(*, offer_id: int, now: datetime) -> None:
    """End an offer now. Raises UnknownOffer when it is not running."""
    changed = Offer.objects.filter(pk=offer_id, is_active=True).update(
        is_active=False, ended_at=now
    )
    if not changed:
        raise UnknownOffer


def coaching_result_add(
    *,
    student: str,
    exam: str,
    rank: str,
    course: str,
    duration: str,
    is_paid: bool,
    result_on: date,
    consent_on: date,
    now: datetime,
    actor_id: UUID | None = None,
) -> CoachingResult:
    """Keep a student's result with consent; the same result twice is one result.

    Raises ResultIncomplete, WordsBreakRule, DayToCome, ResultTooOld, ConsentTooEarly or
    TooManyResults.
    """
    words = {"student": student, "exam": exam, "rank": rank, "course": course}
    facts = {name: clean_line(text) for name, text in {**words, "duration": duration}.items()}
    _check_result_words(facts)
    _check_result_dates(result_on, consent_on, clock.today(now))
    with transaction.atomic():
        kept = CoachingResult.objects.select_for_update().filter(is_active=True)
        if len(kept) >= MOST_RESULTS:
            raise TooManyResults(field="student", most=MOST_RESULTS)
        result, _is_new = CoachingResult.objects.get_or_create(
            **facts,
            is_paid=is_paid,
            result_on=result_on,
            consent_on=consent_on,
            is_active=True,
            defaults={"actor_id": actor_id, "created_at": now},
        )
    return result


def _check_result_words(facts: dict[str, str]) -> None:
    """Posts quote them, so each is judged here: a course may not be called 'Sure selection'.
    That a result is spoken of at all is what the consent and the other facts allow."""
    for field, text in facts.items():
        if not text:
            raise ResultIncomplete(field=field)
        found = check_owner_words(text, PolicyContext(COACHING))
        _refuse(tuple(each for each in found if each.rule != CONSENT_RULE), field)


def _check_result_dates(result_on: date, consent_on: date, today: date) -> None:
    for field, day in (("result_on", result_on), ("consent_on", consent_on)):
        if day > today:
            raise DayToCome(field=field)
    if result_on + RESULT_SHOWN_FOR <= today:
        raise ResultTooOld(field="result_on")
    if consent_on <= result_on:
        raise ConsentTooEarly(field="consent_on")


def coaching_result_withdraw(*, result_id: int, now: datetime) -> None:
    """The consent was taken back: no post shows the result from now on, nor from a backup of
    before that is restored. Raises UnknownResult.
    """
    with transaction.atomic():
        if not coaching_result_hide(result_id=result_id):
            raise UnknownResult
        subject_record(
            tenant=current_tenant(),
            kind=RESULT_SUBJECT,
            subject=str(result_id),
            act=SubjectAct.OPTED_OUT,
            now=now,
        )


def coaching_result_hide(*, result_id: int) -> bool:
    """False when it is hidden already or not there."""
    kept = CoachingResult.objects.filter(pk=result_id, is_active=True)
    return bool(kept.update(is_active=False))


def class_seats_set(
    *, course: str, number: int, counted_on: date, now: datetime, actor_id: UUID | None = None
) -> ClassSeats:
    """The owner's count of open seats, instead of the one before; posts may say it for a week.

    Raises ResultIncomplete, WordsBreakRule, DayToCome or CountTooOld.
    """
    course, today = clean_line(course), clock.today(now)
    if not course:
        raise ResultIncomplete(field="course")
    _refuse(check_owner_words(course, PolicyContext(COACHING)), "course")
    if counted_on > today:
        raise DayToCome(field="counted_on")
    if not OpenSeats(course, number, counted_on).is_current_on(today):
        raise CountTooOld(field="counted_on", days=SEATS_SAID_FOR.days)
    with transaction.atomic():
        class_seats_clear()
        return ClassSeats.objects.create(
            course=course, number=number, counted_on=counted_on, actor_id=actor_id, created_at=now
        )


def class_seats_clear() -> None:
    """No seats are open, or nobody counted: posts say nothing about seats."""
    ClassSeats.objects.all().delete()


def day_idea_choose(
    *, on: date, variant: int, now: datetime, actor_id: UUID | None = None
) -> DayIdea:
    """Use this idea on the day. Variants beyond the last begin again at the first."""
    chosen, _is_new = DayIdea.objects.update_or_create(
        on=on,
        defaults={
            "variant": variant % (GREATEST_VARIANT + 1),
            "actor_id": actor_id,
            "chosen_at": now,
        },
    )
    return chosen


def _brand_change(now: datetime, actor_id: UUID | None, **values: object) -> BrandKit:
    kit, _is_new = BrandKit.objects.update_or_create(
        pk=1, defaults={"changed_at": now, "actor_id": actor_id, **values}
    )
    return kit


def _refuse(breaches: tuple[Breach, ...], field: str) -> None:
    if breaches:
        language = shown_language(get_language())
        raise WordsBreakRule(field=field, rule=breaches[0].sentence(language))
