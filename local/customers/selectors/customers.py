"""The list of customers, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from local.customers.engine.facts import ConsentState
from local.customers.engine.phones import digits_of, mobile_of
from local.customers.errors import CustomerInvented, CustomerMissing, NumberUnusable
from local.customers.models import Customer, Purpose, Visit
from local.customers.selectors.consent import last_action
from marketing_platform.core.text import clean_line, mask_phone

PAGE = 50
SHORTEST_PART = 3
MASKED_PART = 4  # what a masked number shows
# Who never came stands below who did, newest first.
SEEN_LAST = F("last_visit_at").desc(nulls_last=True)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One line of the list. `phone` is masked for those who may not see numbers."""

    id: UUID
    name: str
    phone: str
    language: str
    is_minor: bool
    last_visit_at: datetime | None
    consent: ConsentState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CustomersPage:
    rows: tuple[CustomerRow, ...]
    total: int
    page: int

    @property
    def has_more(self) -> bool:
        return self.page * PAGE < self.total

    @property
    def has_less(self) -> bool:
        return self.page > 1


def customers_page(
    *,
    search: str = "",
    among: Sequence[UUID] | None = None,
    page: int = 1,
    sees_numbers: bool,
) -> CustomersPage:
    """Those seen last first, 50 a page; `among` narrows to a segment. Two statements.

    Who may not see numbers finds a customer by the whole number or its last four digits.
    """
    found = _matching(search, sees_numbers)
    if among is not None:
        found = found.filter(pk__in=list(among))
    total = found.count()
    page = max(1, min(page, -(-total // PAGE) or 1))
    rows = _annotated(found).order_by(SEEN_LAST, "-created_at", "pk")
    shown = rows[(page - 1) * PAGE : page * PAGE]
    return CustomersPage(tuple(_row(each, sees_numbers) for each in shown), total, page)


def rows_of(
    *, after: UUID | None, limit: int, sees_numbers: bool, search: str = ""
) -> list[CustomerRow]:
    """By id, from the one after `after`: pages that stay whole while rows are added."""
    found = _matching(search, sees_numbers).exclude(batch__is_sample=True)
    if after is not None:
        found = found.filter(pk__gt=after)
    return [_row(each, sees_numbers) for each in _annotated(found).order_by("pk")[:limit]]


def customer_count() -> int:
    """What counts towards the plan: without the invented ones."""
    return customers_own().count()


def customer_of(customer_id: UUID) -> Customer:
    """The customer; of a joined duplicate the one that stayed. Raises CustomerMissing."""
    found = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    if found is None:
        raise CustomerMissing
    return found.merged_into or found


def customer_own(customer_id: UUID) -> Customer:
    """As customer_of, to change something. Raises CustomerMissing, CustomerInvented."""
    found = customer_of(customer_id)
    if found.batch_id is not None and found.batch is not None and found.batch.is_sample:
        raise CustomerInvented
    return found


def customer_by_phone(text: str) -> Customer | None:
    """Whoever has this number, however it is written; None for no number of ours."""
    try:
        return Customer.objects.filter(phone=mobile_of(text)).first()
    except NumberUnusable:
        return None


def customer_by_bsuid(bsuid: str) -> Customer | None:
    """Whoever WhatsApp knows by this identifier."""
    return Customer.objects.filter(bsuid=bsuid).first() if bsuid else None


def same_name(customer: Customer) -> list[Customer]:
    """Who may be the same person: the same name, another row."""
    if not customer.name:
        return []
    return list(customers_living().filter(name__iexact=customer.name).exclude(pk=customer.pk)[:5])


def customers_living() -> QuerySet[Any]:
    """Without the emptied rows of joined duplicates."""
    return Customer.objects.filter(merged_into__isnull=True)


def customers_own() -> QuerySet[Any]:
    """Those that are real: neither emptied duplicates nor invented."""
    return customers_living().exclude(batch__is_sample=True)


def _matching(search: str, sees_numbers: bool) -> QuerySet[Any]:
    found = customers_living()
    text = clean_line(search)[:80]
    if not text:
        return found
    digits = digits_of(text)
    wanted = Q(name__icontains=text)
    if len(digits) >= SHORTEST_PART and len(digits) >= len(text) // 2:
        wanted |= _by_digits(digits, sees_numbers)
    return found.filter(wanted)


def _by_digits(digits: str, sees_numbers: bool) -> Q:
    if len(digits) >= 10:
        return Q(phone__endswith=digits[-10:])
    if sees_numbers:
        return Q(phone__contains=digits)
    return Q(phone__endswith=digits) if len(digits) == MASKED_PART else Q(pk__isnull=True)


def _annotated(found: QuerySet[Any]) -> QuerySet[Any]:
    visits = Visit.objects.filter(customer_id=OuterRef("pk")).order_by("-happened_at")
    return found.annotate(
        last_visit_at=Subquery(visits.values("happened_at")[:1]),
        said=last_action(Purpose.WHATSAPP_MARKETING),
    )


def _row(each: Any, sees_numbers: bool) -> CustomerRow:
    phone = each.phone or ""
    return CustomerRow(
        id=each.pk,
        name=each.name,
        phone=phone if sees_numbers or not phone else mask_phone(phone),
        language=each.language,
        is_minor=each.is_minor,
        last_visit_at=each.last_visit_at,
        consent=ConsentState(each.said or ""),
        created_at=each.created_at,
    )


def used_elsewhere(customer_ids: Sequence[UUID]) -> set[UUID]:
    """Of these, whom rows of other features point at: a campaign, a conversation."""
    own = Customer._meta.app_label
    found: set[UUID] = set()
    for relation in Customer._meta.related_objects:
        if relation.related_model._meta.app_label != own:
            name = relation.field.name
            rows = relation.related_model.objects.filter(**{f"{name}__in": list(customer_ids)})
            found |= set(rows.values_list(f"{name}_id", flat=True))
    return found
