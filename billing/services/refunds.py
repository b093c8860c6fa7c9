"""Money that goes back: our row first, then the gateway with its key, then the books."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from billing.engine import ledger
from billing.errors import (
    CreditTooLarge,
    CreditTooLate,
    GatewayRefused,
    GatewayUnavailable,
    NotAnInvoice,
    RefundTooLarge,
)
from billing.gateways.base import Gateway, RefundSnapshot
from billing.gateways.registry import gateway_of
from billing.models import Payment, Refund, Settlement, TaxDocument
from billing.services.ledger import journal_post
from billing.services.refunds_failed import take_back, tell_failed
from billing.services.staff_notices import staff_tell
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant, TenantEvent

logger = logging.getLogger(__name__)
SURPLUS = "paid twice"
AT_GATEWAY = "made at the payment company"
NOT_CREDITED = "refund_not_credited"
OVER = frozenset({"processed", "failed"})
# A refund that was taken by the gateway but has not reached the customer's bank is asked about.
ASK_AFTER = (timedelta(minutes=10), timedelta(hours=6), timedelta(days=1), timedelta(days=5))


@public_context()
def refund_plan(
    *, payment: Payment, amount_paise: int, reason: str, actor_id: UUID | None, now: datetime
) -> Refund:
    """Write down that a part of a payment goes back, and queue the work, in one transaction.

    Raises RefundTooLarge when more would go back than was paid, InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput(_("Write down why this money goes back."), field="reason")
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=payment.tenant_id)
        left = refundable_paise(payment)
        if not 0 < amount_paise <= left:
            raise RefundTooLarge(left=Rupees(left).format())
        refund = Refund.objects.create(
            tenant_id=payment.tenant_id,
            payment=payment,
            amount_paise=amount_paise,
            reason=reason.strip()[:200],
            actor_id=actor_id,
            created_at=now,
        )
        work_schedule(
            task="billing.run_refund",
            arguments={"refund_id": str(refund.pk), "turn": 0},
            key=f"billing-refund:{refund.pk}:0",
            queue="billing",
        )
    return refund


def refundable_paise(payment: Payment) -> int:
    """What was paid less what went back, is on its way, or was lost in a dispute."""
    given = payment.refunds.exclude(state="failed").aggregate(total=Sum("amount_paise"))["total"]
    lost = payment.disputes.filter(state="lost").aggregate(total=Sum("amount_paise"))["total"]
    return max(payment.amount_paise - (given or 0) - (lost or 0), 0)


def surplus_refund(*, payment: Payment, now: datetime) -> None:
    """All of a payment that paid for nothing goes back by itself; once."""
    if refundable_paise(payment) == payment.amount_paise:
        refund_plan(
            payment=payment,
            amount_paise=payment.amount_paise,
            reason=SURPLUS,
            actor_id=None,
            now=now,
        )


@public_context()
def refund_run(*, refund_id: str, turn: int, now: datetime) -> Refund:
    """Ask the gateway, or ask what became of it, and write that down. Run again it is no harm.

    The row says `asked` before the gateway hears of it. Whoever finds it so looks at the gateway
    first, and the same key never gives back twice. Raises GatewayUnavailable.
    """
    refund = Refund.objects.select_related("payment", "tenant").get(pk=refund_id)
    if refund.state in OVER:
        return refund
    gateway = gateway_of(refund.payment.gateway)
    try:
        snapshot = _found(gateway, refund) or _ask(gateway, refund, now)
    except GatewayRefused as error:
        _fail(refund, error, now)
        return refund
    refund_record(
        gateway=gateway.code, tenant=refund.tenant, snapshot=snapshot, now=now, refund=refund
    )
    refund.refresh_from_db()
    if refund.state not in OVER and turn < len(ASK_AFTER):
        _ask_later(refund, turn, now)
    return refund


@public_context()
def refund_look(*, refund: Refund, now: datetime) -> bool:
    """Whether a refund that was processed has come back since; weeks later, and the word of it may
    have been lost. Raises GatewayUnavailable."""
    gateway = gateway_of(refund.payment.gateway)
    found = _found(gateway, refund)
    if found is None or found.state != "failed":
        return False
    refund_record(
        gateway=gateway.code, tenant=refund.tenant, snapshot=found, now=now, refund=refund
    )
    return True


def _found(gateway: Gateway, refund: Refund) -> RefundSnapshot | None:
    """What the gateway has of this refund, if it may have heard of it."""
    if refund.state == "planned":
        return None
    try:
        rows = gateway.fetch_refunds(refund.payment.remote_id)
    except GatewayRefused as error:
        # The money may be on its way: only what is refused when we ask for it has failed.
        raise GatewayUnavailable from error
    for one in rows:
        if one.reference == str(refund.pk) or (
            refund.remote_id and one.remote_id == refund.remote_id
        ):
            return one
    return None


def _ask(gateway: Gateway, refund: Refund, now: datetime) -> RefundSnapshot:
    Refund.objects.filter(pk=refund.pk, state="planned").update(state="asked")
    return gateway.refund(
        refund.payment.remote_id, refund.amount_paise, reason=refund.reason, key=str(refund.pk)
    )


def _ask_later(refund: Refund, turn: int, now: datetime) -> None:
    work_schedule(
        task="billing.run_refund",
        arguments={"refund_id": str(refund.pk), "turn": turn + 1},
        due_at=now + ASK_AFTER[turn],
        key=f"billing-refund:{refund.pk}:{turn + 1}",
        queue="billing",
    )


def _fail(refund: Refund, error: GatewayRefused, now: datetime) -> None:
    with transaction.atomic():
        moved = Refund.objects.filter(pk=refund.pk).exclude(state__in=OVER)
        if moved.update(state="failed", settled_at=now):
            logger.error("refund %s was refused: %s", refund.pk, error.english)
            tell_failed(refund, came_back=False, now=now)
    refund.refresh_from_db()


@public_context()
def refund_record(
    *,
    gateway: str,
    tenant: Tenant,
    snapshot: RefundSnapshot,
    now: datetime,
    refund: Refund | None = None,
) -> str:
    """Insert or move forward one refund by what the gateway says, in one transaction.

    A refund that was made at the gateway itself gets its row here. Processed ones are put in the
    books and on a credit note. One that fails, even after that, is final: the money is with us
    again, the credit note stands, and staff give it back in another way.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        payment = Payment.objects.filter(
            tenant=tenant, gateway=gateway, remote_id=snapshot.payment_id
        ).first()
        if payment is None:
            return "we know no such payment"
        row = _row_of(payment, snapshot, refund, now)
        came_back = (row.state, snapshot.state) == ("processed", "failed")
        if row.state in OVER and not came_back:
            return f"the refund was {row.state} before"
        row.remote_id = snapshot.remote_id
        row.state = snapshot.state
        if snapshot.state in OVER:
            row.settled_at = now
        row.save(update_fields=["remote_id", "state", "settled_at"])
        if snapshot.state == "processed":
            _post(row, now)
            if not _credit_safely(row, now):
                _credit_later(row)
        elif snapshot.state == "failed":
            if came_back:
                take_back(row, now)
            tell_failed(row, came_back=came_back, now=now)
    return f"the refund is {snapshot.state}"


def _row_of(
    payment: Payment, snapshot: RefundSnapshot, refund: Refund | None, now: datetime
) -> Refund:
    """Ours by our own id, else by the gateway's; a stranger's is written down."""
    rows = payment.refunds.select_for_update()
    if refund is not None:
        return rows.get(pk=refund.pk)
    known = rows.filter(remote_id=snapshot.remote_id).first()
    if known is None and _is_id(snapshot.reference):
        known = rows.filter(pk=snapshot.reference).first()
    return known or Refund.objects.create(
        tenant_id=payment.tenant_id,
        payment=payment,
        amount_paise=snapshot.amount_paise,
        state="asked",
        remote_id=snapshot.remote_id,
        reason=AT_GATEWAY,
        created_at=now,
    )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _post(refund: Refund, now: datetime) -> None:
    journal_post(
        kind="refund",
        cause=f"refund:{refund.pk}",
        narration=f"Refund {refund.remote_id} at {refund.payment.gateway}",
        postings=ledger.refund_paid(refund.amount_paise),
        on=clock.today(now),
        now=now,
        tenant=refund.tenant,
        actor_id=refund.actor_id,
        reason=refund.reason,
    )


def _credit_safely(refund: Refund, now: datetime) -> bool:
    """Whether the refund is on a credit note, or needs none."""
    try:
        with transaction.atomic():
            refund_credit(refund=refund, now=now)
    except PlatformError as error:
        logger.error("refund %s has no credit note: %s", refund.pk, error.english)
        return False
    except Exception:
        # What the gateway did stays written down, whatever is wrong with the paper.
        logger.exception("refund %s has no credit note", refund.pk)
        return False
    return True


@public_context()
def refund_credit(*, refund: Refund, now: datetime) -> TaxDocument | None:
    """The credit note of a processed refund; None for money that no invoice was issued for.

    A note that staff made before for this very amount is its note. What no note can be issued for
    is for staff (`refunds_for_staff`): trying again would change nothing.
    """
    from billing.services.crediting import credit_note_found
    from billing.services.invoicing import credit_note_issue

    settled = refund.payment.settlements.select_related("document").order_by("pk").first()
    if settled is None or refund.state == "failed":
        return None
    own = refund.documents.first()
    facts = {"document": settled.document, "refund": refund, "now": now}
    found = own or credit_note_found(**facts)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return credit_note_issue(
                taxable_paise=None,
                reason=refund.reason,
                cause=f"refund:{refund.pk}",
                actor_id=refund.actor_id,
                **facts,
            )
    except (CreditTooLarge, CreditTooLate, NotAnInvoice) as error:
        found = credit_note_found(**facts, is_any_amount=True)
        if found is None:
            _credit_by_staff(refund, settled.document, error, now)
    return found


def _credit_by_staff(
    refund: Refund, document: TaxDocument, error: PlatformError, now: datetime
) -> None:
    """Into the workspace's history and to staff, once; the list of refunds keeps it."""
    key = f"billing-staff-refund:{refund.pk}"
    amount = Rupees(refund.amount_paise).format()
    text = f"{amount} went back for {document.number} without a credit note: {error.english}"
    logger.error("refund %s: %s", refund.pk, text)
    if TenantEvent.objects.filter(
        tenant_id=refund.tenant_id, kind=NOT_CREDITED, reason__startswith=f"{refund.pk}: "
    ).exists():
        return
    tenant_event(refund.tenant, NOT_CREDITED, reason=f"{refund.pk}: {text}"[:500], now=now)
    staff_tell(subject=f"Refund without a credit note: {refund.tenant.name}", text=text, key=key)


@public_context()
def refunds_for_staff() -> QuerySet[Refund]:
    """Money that went back for an invoice, and no credit note answers for it."""
    answered = Settlement.objects.filter(
        document__tenant=OuterRef("tenant"), cause=Concat(Value("refund:"), OuterRef("id_text"))
    )
    rows = Refund.objects.filter(state="processed", payment__settlements__isnull=False)
    rows = rows.annotate(id_text=Cast("pk", CharField()))
    return rows.exclude(Exists(answered)).distinct()


def credits_later(payment: Payment) -> None:
    """In the caller's transaction, when an invoice came after its money had gone back."""
    for refund in payment.refunds.filter(state="processed"):
        _credit_later(refund)


def _credit_later(refund: Refund) -> None:
    work_schedule(
        task="billing.credit_refund",
        arguments={"refund_id": str(refund.pk)},
        key=f"billing-credit:{refund.pk}",
        queue="billing",
    )
