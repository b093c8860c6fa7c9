from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from local.automation.google_business.selectors import google_connection
from local.automation.social_media.engine import (
    Brand,
    ConsentedResult,
    OpenSeats,
    OwnerBook,
    OwnerOffer,
)
from local.automation.social_media.engine.posting import CLOSED, UNDER_WAY, State
from local.automation.social_media.errors import PostMissing
from local.automation.social_media.models import (
    BrandKit,
    ClassSeats,
    CoachingResult,
    DayIdea,
    Offer,
    PlannedPost,
    PostedRecord,
)
from local.business.models import LocalBusiness
from marketing_platform.connections.models import Connection
from marketing_platform.connections.selectors import connection_live
from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.models import Tenant

COACHING = "coaching_class"
OUTGOING = UNDER_WAY | {State.LIVE}


def is_coaching(tenant: Tenant) -> bool:
    """Whether results and seats have a place here."""
    return LocalBusiness.objects.filter(tenant=tenant, category=COACHING).exists()


def posts_on(day: date) -> QuerySet[PlannedPost]:
    """Those that we take to a network on this day: what counts towards the plan."""
    return PlannedPost.objects.filter(on=day, state__in=OUTGOING)


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
    """On which networks each of the days is out: marked as posted, or sent by us."""
    found: dict[date, set[str]] = {}
    wanted = list(days)
    marked = PostedRecord.objects.filter(on__in=wanted).values_list("on", "network")
    sent = PlannedPost.objects.filter(on__in=wanted, state=State.LIVE)
    for on, network in [*marked, *sent.order_by().values_list("on", "network")]:
        found.setdefault(on, set()).add(network)
    return {on: frozenset(networks) for on, networks in found.items()}


def is_posted_since(day: date) -> bool:
    """Whether a post of that day or a later one is out anywhere, by us or by hand."""
    by_us = PlannedPost.objects.filter(on__gte=day, state=State.LIVE)
    return PostedRecord.objects.filter(on__gte=day).exists() or by_us.exists()


@dataclass(frozen=True)
class Channel:
    """Where a network's posts go: the connected account. `is_ready`: it needs no sign-in."""

    network: str
    connection: Connection
    account_id: str
    name: str
    is_ready: bool


def channels() -> dict[str, Channel]:
    """The networks to which posts can be sent from here, in the order of the networks.

    Instagram comes with the Facebook page; WhatsApp status can only be posted by hand.
    """
    found = {}
    meta, google = connection_live("meta"), google_connection()
    if meta is not None:
        name = meta.account_name
        handle = f"@{meta.details.get('instagram_name') or name}"
        for network, key, shown in (
            ("facebook", "page_id", name),
            ("instagram", "instagram_id", handle),
        ):
            account_id = str(meta.details.get(key) or "")
            if account_id:
                found[network] = Channel(network, meta, account_id, shown, meta.is_connected)
    if google is not None:
        found["google_business"] = Channel(
            "google_business", google, google.account_id, google.account_name, is_ready=True
        )
    return found


def channel_of(network: str) -> Channel | None:
    return channels().get(network)


def open_posts(on: date, network: str) -> QuerySet[PlannedPost]:
    """The one planned post of the day and network that is not closed, or none."""
    posts = PlannedPost.objects.filter(on=on, network=network)
    return posts.exclude(state__in=sorted(CLOSED)).order_by()


def planned_post(post_id: UUID) -> PlannedPost:
    """Raises PostMissing."""
    post = PlannedPost.objects.filter(pk=post_id).first()
    if post is None:
        raise PostMissing
    return post


def planned_between(first: date, last: date) -> Mapping[date, dict[str, PlannedPost]]:
    """Of each day the latest post of each network, an open one before a closed one."""
    found: dict[date, dict[str, PlannedPost]] = {}
    for post in PlannedPost.objects.filter(on__range=(first, last)).order_by("created_at"):
        mine = found.setdefault(post.on, {})
        known = mine.get(post.network)
        if known is None or known.state in CLOSED or post.state not in CLOSED:
            mine[post.network] = post
    return found


def planned_states(on: date) -> frozenset[str]:
    """The states of the day's posts that are not closed."""
    posts = PlannedPost.objects.filter(on=on).exclude(state__in=sorted(CLOSED))
    return frozenset(posts.values_list("state", flat=True))


def planned_page(
    *, cursor: str = "", limit: int = 30, on: date | None = None
) -> tuple[list[PlannedPost], str]:
    """The newest first, and the cursor of the next page (empty on the last). An unknown cursor
    begins at the start.
    """
    posts = PlannedPost.objects.order_by("-created_at", "-id")
    if on is not None:
        posts = posts.filter(on=on)
    found = list(_after(posts, cursor)[: limit + 1])
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], f"{last.created_at.isoformat()}~{last.pk}"


def _after(posts: QuerySet[PlannedPost], cursor: str) -> QuerySet[PlannedPost]:
    moment, _tilde, key = cursor.partition("~")
    try:
        at, pk = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        return posts
    if at.tzinfo is None:
        return posts
    return posts.filter(created_at__lt=at) | posts.filter(created_at=at, pk__lt=pk)


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
