"""Two rows of one person become one."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from local.customers.errors import CannotMerge
from local.customers.models import (
    ConsentAction,
    ConsentSource,
    Customer,
    Enquiry,
    Purpose,
    Visit,
)
from local.customers.selectors import consent_of, customer_own
from local.customers.selectors.consent import counting
from local.customers.services.consent import consent_withdraw
from marketing_platform.audit.services import audit_record
from marketing_platform.core.text import mark as _

# join(kept, other): what another feature keeps of `other` becomes `kept`'s.
Joiner = Callable[[Customer, Customer], None]
JOINERS: dict[str, Joiner] = {}
FILLED = ("name", "language", "birth_month", "birth_day", "note", "guardian_name")


def join_also(name: str) -> Callable[[Joiner], Joiner]:
    """Register what else moves when two rows become one; called in the transaction.

    `other` is emptied by then. What stays with it is found by `customer__merged_into`.
    """

    def register(joiner: Joiner) -> Joiner:
        if JOINERS.get(name, joiner) is not joiner:
            raise ValueError(f"two joiners for {name}")
        JOINERS[name] = joiner
        return joiner

    return register


def customers_merge(
    *, kept_id: UUID, other_id: UUID, now: datetime, actor_id: UUID | None = None
) -> Customer:
    """Visits and enquiries move to `kept`, which also takes what it lacks; it keeps its number.

    A consent is for the number it was given for, so a grant of the other row does not move; a
    withdrawal of either holds for both. The other row stays, empty, for what points at it. Raises
    CannotMerge for a row with itself, CustomerMissing.
    """
    with transaction.atomic():
        kept, other = customer_own(kept_id), customer_own(other_id)
        if kept.pk == other.pk:
            raise CannotMerge(_("This is the same customer already."))
        rows = Customer.objects.select_for_update().order_by("pk")
        locked = {row.pk: row for row in rows.filter(pk__in=[kept.pk, other.pk])}
        kept, other = locked[kept.pk], locked[other.pk]
        Visit.objects.filter(customer=other).update(customer=kept)
        Enquiry.objects.filter(customer=other).update(customer=kept)
        Customer.objects.filter(merged_into=other).update(merged_into=kept)
        takes_number = kept.phone is None
        number, bsuid = other.phone, other.bsuid
        _empty(other, kept, now)
        _fill(kept, other, number, bsuid, now)
        for joiner in JOINERS.values():
            joiner(kept, other)
        _carry_consent(kept, other, takes_number=takes_number, now=now, actor_id=actor_id)
        audit_record(
            action="customer.joined",
            actor_kind="human" if actor_id else "system",
            actor_id=str(actor_id or ""),
            subject=str(kept.pk),
            detail={"other": str(other.pk)},
            now=now,
        )
    return kept


def _empty(other: Customer, kept: Customer, now: datetime) -> None:
    Customer.objects.filter(pk=other.pk).update(
        phone=None,
        bsuid=None,
        name="",
        note="",
        guardian_name="",
        birth_month=None,
        birth_day=None,
        merged_into=kept,
        changed_at=now,
    )


def _fill(
    kept: Customer, other: Customer, number: str | None, bsuid: str | None, now: datetime
) -> None:
    for name in FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(other, name))
    if kept.phone is None and number is not None:
        kept.phone, kept.number_since_at = number, other.number_since_at
    kept.bsuid = kept.bsuid or bsuid
    kept.is_minor = kept.is_minor or other.is_minor
    kept.changed_at = now
    kept.save()


def _carry_consent(
    kept: Customer, other: Customer, *, takes_number: bool, now: datetime, actor_id: UUID | None
) -> None:
    for purpose in Purpose:
        mine, theirs = consent_of(kept.pk, purpose), consent_of(other.pk, purpose)
        if theirs.state == "withdrawn" and mine.state != "withdrawn":
            consent_withdraw(
                customer_id=kept.pk,
                purpose=purpose,
                source=ConsentSource.OWNER,
                now=now,
                actor_id=actor_id,
            )
        elif theirs.is_granted and takes_number and mine.state == "":
            given = counting().filter(customer=other, purpose=purpose)
            said = given.filter(action=ConsentAction.GRANTED).first()
            said.pk, said.customer, said.recorded_at = None, kept, now
            said._state.adding = True
            said.save(force_insert=True)
