"""What becomes of a message: from the ledger's end of it, and from what WhatsApp tells later."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from local.automation.whatsapp.engine.faults import Remedy, fault_of
from local.automation.whatsapp.engine.money import rate_on
from local.automation.whatsapp.engine.news import Status
from local.automation.whatsapp.engine.pace import NOT_NOW, NOT_NOW_TRIES
from local.automation.whatsapp.engine.states import FAILED, moves
from local.automation.whatsapp.models import (
    CampaignRecipient,
    CampaignState,
    ChatMessage,
    DeliveryStatus,
    RecipientState,
)
from local.automation.whatsapp.selectors.account import rates_all, whatsapp_connection
from local.automation.whatsapp.services.account import marketing_stop
from local.automation.whatsapp.services.sending import (
    TOO_LATE,
    campaign_end_if_over,
    campaign_hold,
    campaign_step_queue,
)
from local.customers.models import Customer, Purpose
from local.customers.services import consent_withdraw
from marketing_platform.connections.services import connection_needs_sign_in
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.effects.states import State as EffectState
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant

LEFT = _("It did not go out, and a marketing message is never sent twice.")
EVER = (RecipientState.SENDING, RecipientState.UNKNOWN)


def recipient_settled(effect: Effect, *, now: datetime) -> None:
    """The ledger is done with the message, in the transaction that says so."""
    rows = CampaignRecipient.objects.filter(effect_id=effect.pk)
    recipient = rows.select_for_update(of=("self",)).select_related("campaign").first()
    if recipient is None:
        return
    if effect.state == EffectState.CONFIRMED:
        _taken(recipient, effect, now)
    elif effect.state == EffectState.REJECTED:
        rows.filter(state__in=(*EVER, RecipientState.PLANNED)).update(
            state=RecipientState.FAILED,
            state_at=now,
            reason=fault_of(recipient.error_code).sentence,
            expected_cost=0,
        )
    elif effect.state == EffectState.EXPIRED:
        rows.filter(state=RecipientState.PLANNED).update(
            state=RecipientState.SKIPPED, state_at=now, reason=TOO_LATE
        )
    else:
        _cancelled(recipient, now)
    campaign_end_if_over(recipient.campaign_id, now=now)


def _taken(recipient: CampaignRecipient, effect: Effect, now: datetime) -> None:
    told = "held" if "held" in str(effect.answer.get("message_status", "")) else "accepted"
    recipient.wamid = recipient.wamid or effect.remote_id
    if moves(recipient.state, told):
        recipient.state, recipient.state_at = told, now
    recipient.save(update_fields=["wamid", "state", "state_at"])


def _cancelled(recipient: CampaignRecipient, now: datetime) -> None:
    """Taken back before it began: it may be planned again under a key of its own. One that had
    begun, and that a person found not to have gone out, is left.
    """
    if recipient.state == RecipientState.PLANNED:
        recipient.effect_id, recipient.turn = None, recipient.turn + 1
        if recipient.campaign.state == CampaignState.STOPPED:
            recipient.state, recipient.reason = RecipientState.SKIPPED, TOO_LATE
        elif recipient.campaign.state in (CampaignState.APPROVED, CampaignState.SENDING):
            campaign_step_queue(recipient.campaign_id, due_at=now)
    elif recipient.state in EVER:
        recipient.state, recipient.state_at, recipient.reason = RecipientState.FAILED, now, LEFT
        recipient.expected_cost = 0
    recipient.save()


def recipient_asked(effect: Effect, *, now: datetime) -> None:
    """Nobody can tell whether it went out: it counts as sent until somebody says otherwise."""
    CampaignRecipient.objects.filter(effect_id=effect.pk, state=RecipientState.SENDING).update(
        state=RecipientState.UNKNOWN, state_at=now
    )


# --- what WhatsApp tells


def status_apply(status: Status, *, now: datetime) -> bool:
    """Once per message and status, in any order. False when it was known or is of nobody."""
    _row, is_new = DeliveryStatus.objects.get_or_create(
        wamid=status.wamid,
        status=status.status[:40],
        defaults={"callback": status.callback, "happened_at": status.at, "received_at": now},
    )
    if not is_new:
        return False
    found = _recipient_status(status, now)
    return _bubble_status(status) or found


def _recipient_status(status: Status, now: datetime) -> bool:
    rows = CampaignRecipient.objects.select_for_update(of=("self",))
    rows = rows.select_related("campaign__template", "customer")
    effect_id = _uuid_of(status.callback)
    recipient = rows.filter(effect_id=effect_id).first() if effect_id else None
    recipient = recipient or rows.filter(wamid=status.wamid).first()
    if recipient is None or recipient.wamid not in ("", status.wamid):
        return False
    recipient.wamid = status.wamid
    if moves(recipient.state, status.status):
        recipient.state, recipient.state_at = status.status, max(recipient.state_at, status.at)
        if status.status == FAILED:
            recipient.error_code = status.error_code
            recipient.reason = fault_of(status.error_code).sentence
    _price(recipient, status)
    recipient.save()
    if recipient.state == FAILED and status.status == FAILED:
        remedy_apply(code=status.error_code, recipient=recipient, now=now)
    campaign_end_if_over(recipient.campaign_id, now=now)
    return True


def _price(recipient: CampaignRecipient, status: Status) -> None:
    """What it really cost; a failed message costs nothing."""
    if recipient.state == FAILED:
        recipient.cost = 0
    elif status.is_billable is False:
        recipient.cost, recipient.category = 0, status.category or recipient.category
    elif status.is_billable:
        recipient.category = status.category or recipient.category
        rate = rate_on(rates_all(), recipient.category, clock.today(status.at))
        recipient.cost = rate.with_gst() if rate else recipient.expected_cost


def _bubble_status(status: Status) -> bool:
    effect_id = _uuid_of(status.callback)
    rows = ChatMessage.objects.select_for_update()
    message = rows.filter(effect_id=effect_id).first() if effect_id else None
    message = message or rows.filter(wamid=status.wamid, is_inbound=False).first()
    if message is None:
        return False
    message.wamid = message.wamid or status.wamid
    if moves(message.state, status.status):
        message.state = status.status
        if status.status == FAILED:
            message.reason = fault_of(status.error_code).sentence
    message.save(update_fields=["wamid", "state", "reason"])
    return True


def _uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def remedy_apply(*, code: int | None, recipient: CampaignRecipient, now: datetime) -> None:
    """What Meta's error number asks us to do, beyond this one message."""
    fault = fault_of(code)
    if fault.remedy == Remedy.OPTED_OUT:
        recipient.opted_out_at = now
        recipient.save(update_fields=["opted_out_at"])
        withdraw(recipient.customer, now=now, at=now)
    elif fault.remedy == Remedy.STOP_MARKETING:
        marketing_stop(sentence=fault.sentence, now=now)
    elif fault.remedy == Remedy.PAUSE_CAMPAIGN:
        campaign_hold(recipient.campaign_id, sentence=fault.sentence, now=now)
    elif fault.remedy == Remedy.NOT_NOW and recipient.not_now_count < NOT_NOW_TRIES:
        work_schedule(
            task="whatsapp.try_once_more",
            tenant=current_tenant(),
            arguments={"recipient_id": recipient.pk},
            due_at=now + NOT_NOW,
            key=f"whatsapp.try_once_more:{recipient.campaign_id}:{recipient.pk}",
            queue="local",
        )
    elif fault.remedy == Remedy.RECONNECT:
        connection = whatsapp_connection()
        if connection is not None:
            connection_needs_sign_in(connection_id=connection.pk, sentence=fault.sentence, now=now)


def try_once_more(*, recipient_id: int, now: datetime) -> bool:
    """A day after WhatsApp's "not now": planned once again, and checked like the first time."""
    with transaction.atomic():
        rows = CampaignRecipient.objects.select_for_update(of=("self",)).select_related("campaign")
        recipient = rows.filter(pk=recipient_id, state=FAILED).first()
        if recipient is None or recipient.not_now_count >= NOT_NOW_TRIES:
            return False
        campaign = recipient.campaign
        if campaign.expires_at <= now or campaign.state not in (
            *(CampaignState.APPROVED, CampaignState.SENDING, CampaignState.DONE),
        ):
            return False
        recipient.not_now_count, recipient.turn = recipient.not_now_count + 1, recipient.turn + 1
        recipient.state, recipient.state_at, recipient.reason = RecipientState.PLANNED, now, ""
        recipient.effect_id, recipient.wamid, recipient.sent_at = None, "", None
        recipient.error_code, recipient.cost, recipient.expected_cost = None, None, 0
        recipient.save()
        if campaign.state == CampaignState.DONE:
            campaign.state, campaign.ended_at = CampaignState.SENDING, None
            campaign.save(update_fields=["state", "ended_at"])
        campaign_step_queue(campaign.pk, due_at=now)
    return True


def withdraw(customer: Customer | None, *, now: datetime, at: datetime) -> None:
    """The person wants no more marketing; what concerns their orders is another purpose."""
    if customer is not None:
        consent_withdraw(
            customer_id=customer.pk,
            purpose=Purpose.WHATSAPP_MARKETING,
            source="whatsapp_reply",
            happened_at=at,
            now=now,
        )
