"""A campaign without WhatsApp's interface: one link per person, ticked when it was sent. The same
checks, and the same rows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from django.db import transaction

from local.automation.whatsapp.errors import MessageNotAllowed, RecipientMissing
from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    RecipientState,
)
from local.automation.whatsapp.selectors.campaigns import campaign_of, recipients_of
from local.automation.whatsapp.services.content import text_for
from local.automation.whatsapp.services.sending import (
    Refusal,
    campaign_end_if_over,
    campaign_step,
    recipient_claim,
    recipient_refused,
    refusal_of,
)

SHOWN = 10
UNDO_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class HandLink:
    """One person to write to now. `number` in E.164, `address` opens WhatsApp with the text."""

    recipient: CampaignRecipient
    name: str
    number: str
    text: str
    address: str


def hand_links(*, campaign_id: UUID, now: datetime) -> tuple[list[HandLink], str]:
    """The next ten who may get it at this moment, and why nobody may ("" when somebody may).

    Whoever may not any more is left out for good, with the reason.
    """
    campaign_step(campaign_id=campaign_id, now=now)
    campaign = campaign_of(campaign_id)
    links: list[HandLink] = []
    blocked = ""
    for recipient in recipients_of(campaign_id, (RecipientState.PLANNED,)).order_by("id"):
        recipient.campaign = campaign
        refusal = refusal_of(recipient, now)
        if refusal is None:
            links.append(_link(campaign, recipient))
        elif refusal.then == "skip":
            recipient_refused(recipient_id=recipient.pk, refusal=refusal, now=now)
        else:
            blocked = refusal.sentence
            break
        if len(links) == SHOWN:
            break
    if not links and not blocked:
        campaign_end_if_over(campaign_id, now=now)
    return links, blocked


def link_to(phone: str, text: str) -> str:
    """wa.me takes the number without + and the text percent-encoded."""
    return f"https://wa.me/{phone.lstrip('+')}?text={quote(text, safe='')}"


def _link(campaign: Campaign, recipient: CampaignRecipient) -> HandLink:
    customer = recipient.customer
    text = text_for(campaign, customer)
    return HandLink(
        recipient=recipient,
        name=customer.name,
        number=customer.phone or "",
        text=text,
        address=link_to(customer.phone or "", text),
    )


def hand_sent(*, campaign_id: UUID, recipient_id: int, now: datetime) -> CampaignRecipient:
    """The owner's word that this one went out; ticking twice is one sending.

    Raises RecipientMissing, MessageNotAllowed when they may not be written to.
    """
    recipient = _recipient(campaign_id, recipient_id)
    if recipient.state == RecipientState.SELF_REPORTED:
        return recipient
    claimed = recipient_claim(
        recipient_id=recipient_id, now=now, state=RecipientState.SELF_REPORTED
    )
    if isinstance(claimed, Refusal):
        recipient_refused(recipient_id=recipient_id, refusal=claimed, now=now)
        raise MessageNotAllowed(claimed.sentence)
    campaign_end_if_over(campaign_id, now=now)
    return claimed


def hand_skip(*, campaign_id: UUID, recipient_id: int, reason: str, now: datetime) -> None:
    """The owner leaves this person out. Raises RecipientMissing."""
    recipient = _recipient(campaign_id, recipient_id)
    recipient_refused(recipient_id=recipient.pk, refusal=Refusal(reason), now=now)
    campaign_end_if_over(campaign_id, now=now)


def hand_undo(*, campaign_id: UUID, recipient_id: int, now: datetime) -> None:
    """A tick too many, within half an hour. Raises RecipientMissing."""
    _recipient(campaign_id, recipient_id)
    with transaction.atomic():
        rows = CampaignRecipient.objects.filter(
            pk=recipient_id, state=RecipientState.SELF_REPORTED, sent_at__gt=now - UNDO_WITHIN
        ).exclude(campaign__state=CampaignState.STOPPED)
        if not rows.update(state=RecipientState.PLANNED, sent_at=None, state_at=now):
            raise RecipientMissing
        Campaign.objects.filter(pk=campaign_id, state="done").update(
            state="sending", ended_at=None, changed_at=now
        )


def _recipient(campaign_id: UUID, recipient_id: int) -> CampaignRecipient:
    found = recipients_of(campaign_id).filter(pk=recipient_id).first()
    if found is None:
        raise RecipientMissing
    return found
