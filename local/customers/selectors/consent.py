"""How consent stands: what was said last, of two at once the withdrawal. One statement each."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from local.customers.engine.facts import Consent, ConsentState
from local.customers.models import BatchState, ConsentAction, ConsentEvent, Customer, Purpose

# "withdrawn" sorts behind "granted", so descending it comes first.
AS_SAID = ("-happened_at", "-action", "-id")


def counting() -> QuerySet[Any]:
    """Without a yes of a file that was taken back, or for a number that they no longer have."""
    yes = Q(action=ConsentAction.GRANTED)
    return ConsentEvent.objects.exclude(yes & Q(batch__state=BatchState.UNDONE)).exclude(
        yes & Q(customer__number_since_at__gt=F("happened_at"))
    )


def consent_of(customer_id: UUID, purpose: str = Purpose.WHATSAPP_MARKETING) -> Consent:
    """The last word on one purpose."""
    said = (
        counting()
        .filter(customer_id=customer_id, purpose=purpose)
        .order_by(*AS_SAID)
        .values_list("action", "happened_at")
        .first()
    )
    return Consent(ConsentState(said[0]), said[1]) if said else Consent(ConsentState.NEVER_ASKED)


def may_message(customer: Customer | UUID, purpose: str = Purpose.WHATSAPP_MARKETING) -> bool:
    """Whether they may be written to for this purpose now, as the database says at this moment.

    Never without a number, for somebody joined to another row, or for a child without a guardian.
    """
    key = customer.pk if isinstance(customer, Customer) else customer
    return _allowed(purpose).filter(pk=key).exists()


def may_message_ids(
    customer_ids: Iterable[UUID], purpose: str = Purpose.WHATSAPP_MARKETING
) -> set[UUID]:
    """Of these, who may be written to; one statement for all of them."""
    return set(_allowed(purpose).filter(pk__in=list(customer_ids)).values_list("pk", flat=True))


def said_last(purpose: str = Purpose.WHATSAPP_MARKETING) -> dict[str, int]:
    """How many people's last word on one purpose was which."""
    rows = (
        counting().filter(purpose=purpose).order_by("customer_id", *AS_SAID).distinct("customer_id")
    )
    return dict(Counter(rows.values_list("action", flat=True)))


def agreed_ids(purpose: str = Purpose.WHATSAPP_MARKETING) -> set[UUID]:
    """Everybody who may be written to for this purpose."""
    return set(_allowed(purpose).values_list("pk", flat=True))


def consent_history(customer_id: UUID) -> list[ConsentEvent]:
    """Everything that was said, the last first, with its proof."""
    rows = ConsentEvent.objects.filter(customer_id=customer_id).select_related(
        "proof", "batch", "customer"
    )
    return list(rows.order_by(*AS_SAID))


def does_count(event: ConsentEvent) -> bool:
    """`counting` of one row, read with its batch and customer: for showing the history."""
    if event.action == ConsentAction.WITHDRAWN:
        return True
    is_undone = event.batch is not None and event.batch.state == BatchState.UNDONE
    since = event.customer.number_since_at
    return not is_undone and (since is None or since <= event.happened_at)


def last_action(purpose: str, outer: str = "pk") -> Subquery:
    """For annotating rows of customers: "granted", "withdrawn" or nothing."""
    said = counting().filter(customer_id=OuterRef(outer), purpose=purpose)
    return Subquery(said.order_by(*AS_SAID).values("action")[:1])


def _allowed(purpose: str) -> QuerySet[Any]:
    return (
        Customer.objects.annotate(said=last_action(purpose))
        .filter(Q(phone__isnull=False) | Q(bsuid__isnull=False))
        .filter(Q(is_minor=False) | ~Q(guardian_name=""))
        .filter(said=ConsentAction.GRANTED, merged_into__isnull=True)
    )
