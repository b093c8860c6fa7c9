"""Lists of customers by how they come back. The rules are in engine.segments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import TruncDate

from local.business.models import LocalBusiness
from local.customers.engine.segments import (
    CustomerFacts,
    Segment,
    segments_of,
    usual_gap,
    vip_from_paise,
)
from local.customers.models import Purpose, Visit
from local.customers.selectors.consent import agreed_ids
from local.customers.selectors.customers import customers_living, customers_own
from marketing_platform.core.clock import IST, today
from marketing_platform.tenants.context import current_tenant


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    """Members of every segment, by id; `usual_gap` are the days that the lists assume."""

    members: Mapping[Segment, tuple[UUID, ...]]
    customers: int
    usual_gap: int

    def count(self, segment: Segment) -> int:
        return len(self.members[segment])


def customer_facts(
    purpose: str = Purpose.WHATSAPP_MARKETING, *, with_sample: bool = False
) -> list[CustomerFacts]:
    """What the lists are made of, for every customer. Three statements, whatever their number."""
    agreed = agreed_ids(purpose)
    rows = (
        Visit.objects.filter(customer__isnull=False)
        .order_by()
        .values("customer_id")
        .annotate(
            days=Count(TruncDate("happened_at", tzinfo=IST), distinct=True),
            first=Min("happened_at"),
            last=Max("happened_at"),
            spent=Sum("amount_paise"),
        )
    )
    visits = {
        key: rest
        for key, *rest in rows.values_list("customer_id", "days", "first", "last", "spent")
    }
    people = (customers_living() if with_sample else customers_own()).order_by("pk")
    facts = people.values_list("pk", "birth_month", "birth_day", "is_minor")
    return [
        _facts(key, month, day, is_minor, key in agreed, visits.get(key))
        for key, month, day, is_minor in facts
    ]


def segment_counts(now: datetime, *, with_sample: bool = False) -> SegmentCounts:
    """Who is in which list at this moment; the invented ones only for looking at them."""
    day, usual = today(now), usual_gap(_category())
    every = customer_facts(with_sample=with_sample)
    vip_from = vip_from_paise(every)
    members: dict[Segment, list[UUID]] = {segment: [] for segment in Segment}
    for facts in every:
        for segment in segments_of(facts, today=day, usual=usual, vip_from=vip_from):
            members[segment].append(facts.customer_id)  # type: ignore[arg-type]
    kept = {segment: tuple(ids) for segment, ids in members.items()}
    return SegmentCounts(kept, len(every), usual)


def segment_members(segment: Segment | str, now: datetime) -> tuple[UUID, ...]:
    """Ids of the customers in a list now; ValueError for a list that we do not have.

    Being in a list permits nothing: ask `may_message` before writing to anybody.
    """
    return segment_counts(now).members[Segment(segment)]


def _category() -> str:
    tenant = current_tenant()
    found = LocalBusiness.objects.filter(tenant=tenant).values_list("category", flat=True).first()
    return found or ""


def _facts(
    key: UUID,
    month: int | None,
    day: int | None,
    is_minor: bool,
    has_agreed: bool,
    visits: list | None,
) -> CustomerFacts:
    days, first, last, spent = visits or (0, None, None, 0)
    return CustomerFacts(
        customer_id=key,
        has_agreed=has_agreed,
        days=days,
        first_on=today(first) if first else None,
        last_on=today(last) if last else None,
        spent_paise=spent or 0,
        birthday=(month, day) if month and day else None,
        is_minor=is_minor,
    )
