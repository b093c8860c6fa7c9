"""What staff do for a workspace by hand: with a reason, a person, a line in its history."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, override

from billing.engine.lifecycle import State
from billing.errors import ChangeNotPossible
from billing.models import Payment, Refund, Subscription, TaxDocument
from billing.selectors.documents import open_paise
from billing.services.account_words import line_cleaned
from billing.services.applying import event_apply
from billing.services.crediting import credit_note_issue
from billing.services.dunning import money_arrived
from billing.services.dunning_messages import language_of, recipients_of
from billing.services.ledger import adjustment_post
from billing.services.refunds import refund_plan
from billing.services.subscriptions import subscription_refresh
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.messaging.services import message_send
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url

LONGEST_EXTENSION = 60
SAME_REFUND = timedelta(minutes=2)
NO_TRIAL = _("Only a trial that runs can be extended. For others accept terms of staff.")
NOT_FAILED = _("This event is not failed any more.")
NOTHING_OPEN = _("This invoice is settled. There is nothing to write off.")
JUST_DONE = _("The very same refund was planned a moment ago.")
EVENT_WORDS = {
    InboundState.APPLIED: "Applied",
    InboundState.IGNORED: "Nothing changed",
    InboundState.FAILED: "Refused again",
}
NO_GATEWAY = _("No payment company knows this subscription.")
SUBJECT = _("Invoice %(number)s")
TEXT = _("%(amount)s for %(workspace)s. Download it here: %(url)s")


@public_context()
def trial_extend(
    *, subscription: Subscription, days: int, reason: str, actor_id: UUID, now: datetime
) -> Subscription:
    """More days from the present end. Raises ChangeNotPossible when no trial runs."""
    reason = reason_checked(reason)
    if not 1 <= days <= LONGEST_EXTENSION:
        raise InvalidInput(_("Between 1 and 60 days."), field="days")
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=subscription.tenant_id)
        row = Subscription.objects.select_for_update().get(pk=subscription.pk)
        if row.state != State.TRIALING or row.gateway or row.trial_ends_at is None:
            raise ChangeNotPossible(NO_TRIAL)
        row.trial_ends_at = max(row.trial_ends_at, now) + timedelta(days=days)
        row.save(update_fields=["trial_ends_at"])
        work_schedule(
            task="billing.end_trial",
            arguments={"subscription_id": row.pk},
            due_at=row.trial_ends_at,
            key=f"billing-trial:{row.pk}:{row.trial_ends_at:%Y%m%d%H%M%S}",
            queue="billing",
        )
        tenant_event(row.tenant, "trial_extended", reason=reason, actor_id=actor_id, now=now)
    return row


@public_context()
def reconcile_now(*, subscription: Subscription, now: datetime) -> str:
    """Ask the gateway for this one; its state afterwards. Raises GatewayUnavailable."""
    if not subscription.gateway:
        raise ChangeNotPossible(NO_GATEWAY)
    subscription_refresh(subscription_id=subscription.pk, now=now)
    return Subscription.objects.get(pk=subscription.pk).state


@public_context()
def event_again(*, event_id: int, reason: str, actor_id: UUID, now: datetime) -> InboundEvent:
    """Apply a failed event once more; its row says what became of it (`event_words`). Of two at
    once the second is refused. Whatever stops it leaves the event failed, as it was.

    Raises ChangeNotPossible for one that is not failed, InvalidInput without a reason.
    """
    reason = reason_checked(reason)
    with transaction.atomic():
        event = InboundEvent.objects.select_for_update().get(pk=event_id)
        if event.state != InboundState.FAILED:
            raise ChangeNotPossible(NOT_FAILED)
        outcome = event.outcome
        InboundEvent.objects.filter(pk=event.pk).update(state=InboundState.STORED)
    try:
        event_apply(event_id=event.pk, now=now)
    except BaseException:
        InboundEvent.objects.filter(pk=event.pk, state=InboundState.STORED).update(
            state=InboundState.FAILED, outcome=outcome
        )
        raise
    event.refresh_from_db()
    tenant = Tenant.objects.filter(pk=event.tenant_id).first() if event.tenant_id else None
    if tenant is not None:
        said = f"{event.event_id}: {event_words(event)} {reason}"[:500]
        tenant_event(tenant, "event_applied_again", reason=said, actor_id=actor_id, now=now)
    return event


def event_words(event: InboundEvent) -> str:
    """What became of an event that was applied again, in one sentence."""
    why = event.outcome.strip().rstrip(".")
    return f"{EVENT_WORDS.get(event.state, 'waits to be applied')}: {why}."


def reason_checked(reason: str) -> str:
    """One line, so that the history says why. Raises InvalidInput."""
    return line_cleaned(reason, 200, "reason", is_needed=True)


@public_context()
def document_resend(*, document: TaxDocument, reason: str, actor_id: UUID, now: datetime) -> int:
    """Tell the payer where the document is; how many were told. Raises OutsideFailure."""
    reason, tenant = reason_checked(reason), document.tenant
    language = language_of(tenant)
    params = {
        "number": document.number,
        "amount": Rupees(document.total_paise).format(),
        "workspace": tenant.name,
        "url": tenant_url(tenant, "/billing/invoices/"),
    }
    with override(language):
        subject, text = gettext(SUBJECT) % params, gettext(TEXT) % params
    told = recipients_of(tenant)
    for way, address in told:
        to = {"to_email": address} if way == "email" else {"to_phone": address}
        message_send(subject=subject, text=text, kind="billing", language=language, **to)
    said = f"{document.number}: {reason}"
    tenant_event(tenant, "document_resent", reason=said, actor_id=actor_id, now=now)
    return len(told)


@public_context()
def document_write_off(*, document: TaxDocument, reason: str, actor_id: UUID, now: datetime) -> int:
    """What is open of an invoice is given up, in the books too; the paise. Tax stays declared: only
    a credit note takes that back. Raises ChangeNotPossible for a settled one."""
    from billing.services.settling import settle

    reason = reason_checked(reason)
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=document.tenant_id)
        left = open_paise(document)
        if left <= 0:
            raise ChangeNotPossible(NOTHING_OPEN)
        settle(
            document=document,
            amount_paise=left,
            by="write_off",
            cause=f"write_off:{document.pk}",
            on=clock.today(now),
            now=now,
            actor_id=actor_id,
            reason=reason,
        )
        tenant_event(
            document.tenant,
            "written_off",
            reason=f"{document.number}: {reason}",
            actor_id=actor_id,
            now=now,
        )
    money_arrived(tenant=document.tenant, now=now)
    return left


@public_context()
def document_credit(
    *,
    document: TaxDocument,
    taxable_paise: int,
    reason: str,
    act_id: UUID,
    actor_id: UUID,
    now: datetime,
) -> TaxDocument:
    """A credit note on an invoice; the same form sent twice is one note."""
    reason, cause = reason_checked(reason), f"staff:{act_id}"
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=document.tenant_id)
        known = TaxDocument.objects.filter(cause=cause).first()
        if known is not None:
            return known
        by = {"actor_id": actor_id, "now": now}
        note = credit_note_issue(
            document=document, taxable_paise=taxable_paise, reason=reason, cause=cause, **by
        )
        said = f"{note.number} on {document.number}: {reason}"
        tenant_event(document.tenant, "credited_by_staff", reason=said, **by)
    money_arrived(tenant=document.tenant, now=now)
    return note


@public_context()
def refund_by_staff(
    *, payment: Payment, amount_paise: int, reason: str, actor_id: UUID, now: datetime
) -> Refund:
    """As refund_plan; the same form sent twice is refused the second time."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=payment.tenant_id)
        same = Refund.objects.filter(
            payment=payment,
            amount_paise=amount_paise,
            actor_id=actor_id,
            created_at__gt=now - SAME_REFUND,
        )
        if same.exists():
            raise ChangeNotPossible(JUST_DONE)
        refund = refund_plan(
            payment=payment, amount_paise=amount_paise, reason=reason, actor_id=actor_id, now=now
        )
        said = f"{Rupees(amount_paise).format()} of {payment.remote_id}: {reason}"[:500]
        tenant_event(payment.tenant, "refund_planned", reason=said, actor_id=actor_id, now=now)
    return refund


@public_context()
def account_adjust(
    *,
    tenant: Tenant,
    amount_paise: int,
    act_id: UUID,
    reason: str,
    actor_id: UUID,
    now: datetime,
) -> None:
    """What a workspace owes, by an entry alone: above zero more, below zero less; one form, one
    entry. Raises AdjustmentRefused."""
    reason = reason_checked(reason)
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        facts = {"reason": reason, "actor_id": actor_id, "now": now}
        adjustment_post(tenant=tenant, amount_paise=amount_paise, key=str(act_id), **facts)
        said = f"{Rupees(amount_paise).format()}: {reason}"
        tenant_event(tenant, "adjusted_by_staff", reason=said, actor_id=actor_id, now=now)
