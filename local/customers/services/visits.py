"""Bills at the counter, and taking the last one back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from local.customers.engine.cells import IN_FUTURE, LARGEST_PAISE, TOO_LARGE
from local.customers.errors import InvalidVisit, UndoTooLate
from local.customers.models import (
    ConsentAction,
    ConsentEvent,
    ConsentSource,
    Customer,
    Enquiry,
    Visit,
    VisitSource,
)
from local.customers.selectors import customer_own, visit_of
from local.customers.selectors.consent import AS_SAID, counting
from local.customers.selectors.customers import used_elsewhere
from local.customers.selectors.visits import UNDO_WITHIN
from local.customers.services.consent import (
    ConsentGiven,
    consent_record,
    consent_withdraw,
)
from local.customers.services.customers import customer_for_number
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

ITEMS_LENGTH = 300
EARLIEST_YEARS = timedelta(days=366 * 26)


@dataclass(frozen=True)
class VisitSaved:
    """`is_new_customer`: the number was not in the list. `is_repeat`: this form was sent before."""

    visit: Visit
    customer: Customer | None
    is_new_customer: bool
    is_repeat: bool = False


def visit_record(
    *,
    phone: str = "",
    customer_id: UUID | None = None,
    name: str = "",
    amount_paise: int | None = None,
    items: str = "",
    happened_at: datetime | None = None,
    consent: ConsentGiven | None = None,
    source: str = VisitSource.COUNTER,
    form_key: UUID | None = None,
    now: datetime,
    actor_id: UUID | None = None,
) -> VisitSaved:
    """One bill: of a number, of a known customer, or of somebody who gave neither.

    All of it or nothing. Consent is recorded only from `consent`, never by the visit itself.
    Raises NumberUnusable, InvalidVisit, TooManyCustomers, CustomerMissing, and what consent_record
    raises. The same `form_key` answers the visit that it made.
    """
    _check(amount_paise, items, happened_at, now)
    try:
        with transaction.atomic():
            customer, is_new = _customer(phone, customer_id, name, now, actor_id)
            if consent is not None and customer is None:
                raise InvalidVisit(
                    _("Number: nobody can agree without one. Write it, or clear the tick."),
                    field="phone",
                )
            visit = Visit.objects.create(
                customer=customer,
                amount_paise=amount_paise,
                happened_at=happened_at or now,
                items=clean_line(items),
                source=source,
                form_key=form_key,
                actor_id=actor_id,
                created_at=now,
            )
            if consent is not None and customer is not None:
                consent_record(
                    customer_id=customer.pk,
                    given=consent,
                    source=ConsentSource.API
                    if source == VisitSource.API
                    else ConsentSource.COUNTER,
                    now=now,
                    actor_id=actor_id,
                )
    except IntegrityError:
        before = Visit.objects.filter(form_key=form_key).select_related("customer").first()
        if form_key is None or before is None:
            raise
        return VisitSaved(before, before.customer, is_new_customer=False, is_repeat=True)
    return VisitSaved(visit, customer, is_new)


def visit_undo(*, visit_id: int, now: datetime, actor_id: UUID | None = None) -> None:
    """Take a counter bill of the last 24 hours back, with what came with it.

    A consent ticked in the same moment is withdrawn; a customer made by it, of whom there is
    nothing else, goes. Raises VisitMissing, UndoTooLate.
    """
    with transaction.atomic():
        visit = visit_of(visit_id)
        if visit.created_at < now - UNDO_WITHIN or visit.batch_id is not None:
            raise UndoTooLate
        customer = visit.customer
        visit.delete()
        if customer is None:
            return
        if customer.created_at == visit.created_at and not _has_more(customer, visit):
            customer.delete()
            return
        mine = {"recorded_at": visit.created_at, "action": ConsentAction.GRANTED}
        for said in ConsentEvent.objects.filter(customer=customer, **mine):
            rest = counting().filter(customer=customer, purpose=said.purpose)
            before = rest.exclude(**mine).order_by(*AS_SAID).first()
            if before is not None and before.action == ConsentAction.GRANTED:
                continue  # they had agreed before, and still do
            consent_withdraw(
                customer_id=customer.pk,
                purpose=said.purpose,
                source=ConsentSource.OWNER,
                now=now,
                actor_id=actor_id,
            )


def _customer(
    phone: str, customer_id: UUID | None, name: str, now: datetime, actor_id: UUID | None
) -> tuple[Customer | None, bool]:
    if customer_id is not None:
        return customer_own(customer_id), False
    if phone.strip():
        return customer_for_number(phone=phone, name=name, now=now, actor_id=actor_id)
    return None, False


def _check(paise: int | None, items: str, happened_at: datetime | None, now: datetime) -> None:
    if paise is not None and paise < 0:
        raise InvalidVisit(_("Amount: it is less than nothing."), field="amount")
    if paise is not None and paise > LARGEST_PAISE:
        raise InvalidVisit(TOO_LARGE, field="amount")
    if len(clean_line(items)) > ITEMS_LENGTH:
        raise InvalidVisit(
            _("Items: use at most %(limit)d characters."), field="items", limit=ITEMS_LENGTH
        )
    if happened_at is not None and happened_at > now:
        raise InvalidVisit(IN_FUTURE, field="happened_at")
    if happened_at is not None and happened_at < now - EARLIEST_YEARS:
        raise InvalidVisit(_("Date: this is too long ago."), field="happened_at")


def _has_more(customer: Customer, visit: Visit) -> bool:
    """Anything about the customer that did not come with this bill."""
    return (
        Visit.objects.filter(customer=customer).exists()
        or Enquiry.objects.filter(customer=customer).exists()
        or customer.changed_at is not None
        or ConsentEvent.objects.filter(customer=customer)
        .exclude(recorded_at=visit.created_at)
        .exists()
        or bool(used_elsewhere([customer.pk]))
    )
