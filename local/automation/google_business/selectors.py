"""Reading reviews, hours and posts of the acting workspace."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from local.automation.google_business.engine import HoursFacts, ReviewFact
from local.automation.google_business.engine.hours import days_of
from local.automation.google_business.engine.replies import Shop
from local.automation.google_business.errors import UnknownReview
from local.automation.google_business.models import (
    GooglePost,
    HoursChange,
    ProfileRead,
    Review,
)
from local.business.selectors import business_of, facts_of
from local.occasions.engine import Occasion
from local.occasions.selectors import occasions_for
from marketing_platform.connections.models import Connection
from marketing_platform.connections.selectors import connection_for
from marketing_platform.tenants.context import current_tenant

PROVIDER = "google_business"
# On other occasions nobody expects other hours.
NATIONAL_DAYS = frozenset({"republic_day", "independence_day", "gandhi_jayanti"})
HOLIDAYS_AHEAD = timedelta(days=30)
UNANSWERED = {"replied_at__isnull": True, "gone_at__isnull": True}
BUSY = ("sending", "in_review")


@dataclass(frozen=True)
class Profile:
    """What the overview says. `state` is connected or by_hand."""

    state: str
    read: ProfileRead | None
    to_answer: int
    replies_under_way: int
    next_holiday: Occasion | None
    conflicts: int


def reviews_facts() -> tuple[ReviewFact, ...]:
    """Every review that is still there, the newest first."""
    rows = Review.objects.filter(gone_at__isnull=True)
    return tuple(
        ReviewFact(
            id=row.pk,
            stars=row.stars,
            text=row.text,
            created_at=row.created_at,
            replied_at=row.replied_at,
            language=row.language,
        )
        for row in rows
    )


def hours_facts() -> HoursFacts:
    """Days with hours of their own: as Google was last read, and as the owner says by hand."""
    read = ProfileRead.objects.first()
    told = set(
        HoursChange.objects.filter(state__in=["done", "by_hand"]).values_list("on", flat=True)
    )
    on_google = days_of(read.special_hours) if read else set()
    return HoursFacts(
        is_known=bool(read or told),
        as_of=read.read_at if read else None,
        has_regular_hours=bool(read and read.regular_hours.get("periods")),
        special_days=frozenset(on_google | told),
    )


def google_connection() -> Connection | None:
    """The connected account, or None: then everything is done by hand."""
    return connection_for(PROVIDER)


def location_of(connection: Connection) -> str:
    """Its place, as My Business v4 names it: accounts/1/locations/2."""
    return f"{connection.details['account']}/{connection.details['location']}"


def shop() -> Shop:
    """The acting workspace's business, as replies need it. Raises NoBusiness."""
    business = business_of(current_tenant())
    return Shop(business.name, business.category, business.phone, business.languages[0])


def reviews_of(*, is_unanswered: bool = False, before: int | None = None) -> QuerySet[Review]:
    """Reviews that are still there, newest first; those older than the review `before`."""
    rows = Review.objects.filter(gone_at__isnull=True).select_related("reply")
    if is_unanswered:
        rows = rows.filter(**UNANSWERED).exclude(reply__state__in=BUSY)
    last = Review.objects.filter(pk=before).first() if before is not None else None
    if last is not None:
        older = rows.filter(created_at__lt=last.created_at)
        rows = older | rows.filter(created_at=last.created_at, pk__lt=last.pk)
    return rows.order_by("-created_at", "-pk")


def review_of(review_id: int) -> Review:
    """Raises UnknownReview."""
    review = reviews_of().filter(pk=review_id).first()
    if review is None:
        raise UnknownReview
    return review


def posts_lately() -> QuerySet[GooglePost]:
    return GooglePost.objects.select_related("picture")[:20]


def hours_changes(today: date) -> QuerySet[HoursChange]:
    """Changes of days to come that the owner should see, with conflicts."""
    rows = HoursChange.objects.filter(on__gte=today).exclude(state="cancelled")
    return rows.order_by("on", "-created_at")


def profile_read() -> ProfileRead | None:
    return ProfileRead.objects.first()


def holidays_ahead(today: date) -> list[Occasion]:
    """Days of the next month on which people ask whether the shop is open."""
    facts = facts_of(business_of(current_tenant()))
    found = occasions_for(facts, today, today + HOLIDAYS_AHEAD)
    return [
        each
        for each in found
        if (each.kind == "festive" or each.slug in NATIONAL_DAYS) and each.date >= today
    ]


def profile(today: date) -> Profile:
    known = hours_facts().special_days
    ahead = [each for each in holidays_ahead(today) if each.date not in known]
    return Profile(
        state="connected" if google_connection() else "by_hand",
        read=profile_read(),
        to_answer=reviews_of(is_unanswered=True).count(),
        replies_under_way=Review.objects.filter(reply__state__in=BUSY).count(),
        next_holiday=ahead[0] if ahead else None,
        conflicts=HoursChange.objects.filter(state="conflict", on__gte=today).count(),
    )
