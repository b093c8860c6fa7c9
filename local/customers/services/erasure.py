"""Erasing a person (DPDP Act 2023, s.12). Their bills stay, and name nobody."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from local.customers.models import Customer
from local.customers.selectors import customer_of
from local.customers.services.consent import subjects_record
from marketing_platform.audit.services import audit_record
from marketing_platform.tenants.models import SubjectAct

# erase(customer): what another feature keeps about the person beyond rows that point at them.
Eraser = Callable[[Customer], None]
ERASERS: dict[str, Eraser] = {}


def erase_also(name: str) -> Callable[[Eraser], Eraser]:
    """Register what else goes with a person; called in the transaction, before the row goes.

    Rows with a key on Customer need it only when they hold words of their own: their `on_delete`
    is CASCADE or SET_NULL (a test looks).
    """

    def register(eraser: Eraser) -> Eraser:
        if ERASERS.get(name, eraser) is not eraser:
            raise ValueError(f"two erasers for {name}")
        ERASERS[name] = eraser
        return eraser

    return register


def customer_erase(*, customer_id: UUID, now: datetime, actor_id: UUID | None = None) -> None:
    """Name, number, birthday, note, consent and enquiries are gone; bills name nobody.

    Kept outside the backup as an act on an id, so that a restored one erases again. Raises
    CustomerMissing.
    """
    with transaction.atomic():
        customer = customer_of(customer_id)
        subjects_record(customer, SubjectAct.ERASED, now=now)
        audit_record(
            action="customer.erased",
            actor_kind="human" if actor_id else "system",
            actor_id=str(actor_id or ""),
            subject=str(customer.pk),
            now=now,
        )
        _erase(customer)


def subject_erased(subject: str) -> None:
    """Again, in a restored workspace; for somebody who is not there it does nothing."""
    found = Customer.objects.filter(pk=UUID(subject)).first()
    if found is not None:
        _erase(found)


def _erase(customer: Customer) -> None:
    for eraser in ERASERS.values():
        eraser(customer)
    customer.delete()
