"""Customers and what they ask."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from local.business.engine import LANGUAGES
from local.customers.engine.phones import mobile_of
from local.customers.errors import InvalidCustomer, NumberTaken, TooManyCustomers
from local.customers.models import Customer, Enquiry
from local.customers.selectors import customer_count, customer_own
from local.customers.services.sample import sample_clear
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.quotas import QuotaReached, quota_check, quota_limit

NAME_LENGTH, NOTE_LENGTH = 80, 300


def customer_create(
    *,
    phone: str,
    name: str = "",
    language: str = "",
    birthday: tuple[int, int] | None = None,
    note: str = "",
    is_minor: bool = False,
    guardian_name: str = "",
    bsuid: str = "",
    now: datetime,
    actor_id: UUID | None = None,
) -> Customer:
    """A new customer, who has agreed to nothing.

    Raises NumberUnusable, NumberTaken, InvalidCustomer for a bad field, TooManyCustomers.
    """
    facts = _facts(
        name=name,
        language=language,
        birthday=birthday,
        note=note,
        is_minor=is_minor,
        guardian_name=guardian_name,
    )
    number = mobile_of(phone) if phone or not bsuid else None
    with transaction.atomic():
        customers_lock()
        if number and Customer.objects.filter(phone=number).exists():
            raise NumberTaken(field="phone")
        sample_clear()
        room_check()
        return Customer.objects.create(
            phone=number, bsuid=bsuid or None, actor_id=actor_id, created_at=now, **facts
        )


def customer_edit(
    *,
    customer_id: UUID,
    phone: str,
    name: str,
    language: str,
    birthday: tuple[int, int] | None,
    note: str,
    is_minor: bool,
    guardian_name: str,
    now: datetime,
) -> Customer:
    """Raises what customer_create raises, and CustomerMissing. An empty number takes it away.

    Whoever gets another number has agreed to nothing for it; a no stays a no.
    """
    facts = _facts(
        name=name,
        language=language,
        birthday=birthday,
        note=note,
        is_minor=is_minor,
        guardian_name=guardian_name,
    )
    number = mobile_of(phone) if phone else None
    with transaction.atomic():
        customers_lock()
        customer = customer_own(customer_id)
        if number and Customer.objects.filter(phone=number).exclude(pk=customer.pk).exists():
            raise NumberTaken(field="phone")
        if number != customer.phone and (customer.phone or not customer.bsuid):
            customer.number_since_at = now
        for name_of, value in {**facts, "phone": number, "changed_at": now}.items():
            setattr(customer, name_of, value)
        customer.save()
    return customer


def customer_for_number(
    *, phone: str, name: str = "", now: datetime, actor_id: UUID | None = None
) -> tuple[Customer, bool]:
    """The customer of a number, made when there is none; and whether it was made.

    Two at once get the same row. A name fills an empty one and never replaces another.
    Raises NumberUnusable, TooManyCustomers.
    """
    number, name = mobile_of(phone), clean_line(name)[:NAME_LENGTH]
    with transaction.atomic():
        customers_lock()
        found = Customer.objects.filter(phone=number).first()
        if found is None:
            sample_clear()
            room_check()
            made = Customer.objects.create(
                phone=number, name=name, actor_id=actor_id, created_at=now
            )
            return made, True
        if name and not found.name:
            found.name, found.changed_at = name, now
            found.save(update_fields=["name", "changed_at"])
        return found, False


def enquiry_record(
    *, customer_id: UUID, text: str, now: datetime, actor_id: UUID | None = None
) -> Enquiry:
    """Something somebody asked about. Raises InvalidCustomer, CustomerMissing."""
    text = clean_line(text)
    if not 1 <= len(text) <= NOTE_LENGTH:
        raise InvalidCustomer(
            _("Enquiry: write what they asked, in 1 to %(limit)d characters."),
            field="text",
            limit=NOTE_LENGTH,
        )
    customer = customer_own(customer_id)
    return Enquiry.objects.create(customer=customer, text=text, asked_at=now, actor_id=actor_id)


def enquiry_answer(*, enquiry_id: int, customer_id: UUID, now: datetime) -> bool:
    """False when it was answered before, or is not this customer's."""
    mine = Enquiry.objects.filter(pk=enquiry_id, customer_id=customer_id)
    return bool(mine.filter(answered_at__isnull=True).update(answered_at=now))


# --- for the other services


def customers_lock() -> None:
    """One at a time makes customers in this workspace, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"customers:{connection.schema_name}"]
        )


def room() -> int | None:
    """How many customers may still be added; None when the plan sets no limit."""
    limit = quota_limit(current_tenant(), "contacts")
    return None if limit is None else max(0, limit - customer_count())


def room_check(more: int = 1) -> None:
    """Raises TooManyCustomers, with the figures, unless so many have room."""
    try:
        quota_check(current_tenant(), "contacts", used=customer_count, more=more)
    except QuotaReached as full:
        raise TooManyCustomers(limit=full.limit, used=full.used, more=full.more) from full


def _facts(
    *,
    name: str,
    language: str,
    birthday: tuple[int, int] | None,
    note: str,
    is_minor: bool,
    guardian_name: str,
) -> dict[str, Any]:
    if language and language not in LANGUAGES:
        raise InvalidCustomer(_("Language: choose one of the list."), field="language")
    return {
        "name": _line(name, NAME_LENGTH, "name"),
        "language": language,
        "birth_month": birthday[0] if birthday else None,
        "birth_day": birthday[1] if birthday else None,
        "note": _line(note, NOTE_LENGTH, "note"),
        "is_minor": is_minor,
        "guardian_name": _line(guardian_name, NAME_LENGTH, "guardian_name") if is_minor else "",
    }


TOO_LONG = {
    "name": _("Name: use at most %(limit)d characters."),
    "note": _("Note: use at most %(limit)d characters."),
    "guardian_name": _("Parent's name: use at most %(limit)d characters."),
}


def _line(text: str, limit: int, field: str) -> str:
    text = clean_line(text)
    if len(text) > limit:
        raise InvalidCustomer(TOO_LONG[field], field=field, limit=limit)
    return text
