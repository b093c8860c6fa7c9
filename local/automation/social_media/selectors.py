from collections.abc import Iterable, Mapping
from datetime import date

from local.automation.social_media.engine import (
    Brand,
    ConsentedResult,
    OpenSeats,
    OwnerBook,
    OwnerOffer,
)
from local.automation.social_media.models import (
    BrandKit,
    ClassSeats,
    CoachingResult,
    DayIdea,
    Offer,
    PostedRecord,
)
from local.business.models import LocalBusiness
from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.models import Tenant

COACHING = "coaching_class"


def is_coaching(tenant: Tenant) -> bool:
    """Whether results and seats have a place here."""
    return LocalBusiness.objects.filter(tenant=tenant, category=COACHING).exists()


def brand_kit() -> BrandKit | None:
    return BrandKit.objects.select_related("owner_photo").first()


def owner_book(first: date, last: date | None = None, *, category: str) -> OwnerBook:
    """What the owner of the acting workspace decided, as far as it matters on these days.

    Results and seats belong to coaching classes; a business that became another trade keeps none.
    """
    last = last or first
    teaches = category == COACHING
    return OwnerBook(
        offers=tuple(_offer(row) for row in _offers_between(first, last)),
        results=tuple(_result(row) for row in results_listed()) if teaches else (),
        seats=_seats(seats_counted(last)) if teaches else None,
        brand=_brand(brand_kit()),
    )


def results_listed() -> list[CoachingResult]:
    """Results whose consent stands, the newest first."""
    return list(CoachingResult.objects.filter(is_active=True))


def seats_counted(until: date) -> ClassSeats | None:
    """The owner's last count of open seats by that day, current or not."""
    return ClassSeats.objects.filter(counted_on__lte=until).first()


def _offers_between(first: date, last: date) -> Iterable[Offer]:
    return Offer.objects.filter(is_active=True, valid_from__lte=last, valid_until__gte=first)


def offers_listed(today: date) -> list[Offer]:
    """Offers that run or will run, the soonest end first."""
    return list(Offer.objects.filter(is_active=True, valid_until__gte=today))


def chosen_variant(on: date) -> int:
    """The idea chosen for the day; 0 when nobody asked for another one."""
    return chosen_variants([on]).get(on, 0)


def chosen_variants(days: Iterable[date]) -> Mapping[date, int]:
    return dict(DayIdea.objects.filter(on__in=list(days)).values_list("on", "variant"))


def posted_networks(days: Iterable[date]) -> Mapping[date, frozenset[str]]:
    """On which networks each of the days was marked as posted."""
    found: dict[date, set[str]] = {}
    for on, network in PostedRecord.objects.filter(on__in=list(days)).values_list("on", "network"):
        found.setdefault(on, set()).add(network)
    return {on: frozenset(networks) for on, networks in found.items()}


def is_posted_since(day: date) -> bool:
    """Whether a post of that day or a later one was marked as posted anywhere."""
    return PostedRecord.objects.filter(on__gte=day).exists()


def generated_files(keys: Iterable[str]) -> Mapping[str, MediaFile]:
    """Pictures made before, by key."""
    return {row.key: row for row in MediaFile.objects.filter(key__in=list(keys)) if row.key}


def _offer(row: Offer) -> OwnerOffer:
    return OwnerOffer(str(row.pk), row.words, row.valid_from, row.valid_until)


def _result(row: CoachingResult) -> ConsentedResult:
    return ConsentedResult(
        id=str(row.pk),
        student=row.student,
        exam=row.exam,
        rank=row.rank,
        course=row.course,
        duration=row.duration,
        is_paid=row.is_paid,
        result_on=row.result_on,
        consent_on=row.consent_on,
    )


def _seats(row: ClassSeats | None) -> OpenSeats | None:
    return OpenSeats(row.course, row.number, row.counted_on) if row else None


def _brand(row: BrandKit | None) -> Brand:
    if row is None:
        return Brand()
    photo = row.owner_photo
    return Brand(row.primary_colour, row.accent_colour, row.tagline, photo.sha256 if photo else "")
