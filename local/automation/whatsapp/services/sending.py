"""From an approved campaign to single messages: planned in small lots, each checked again in the
database right before its call, and never begun twice.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from local.automation.whatsapp.engine.money import rate_on
from local.automation.whatsapp.engine.pace import COOL_OFF, MONTH, cools_off, too_often
from local.automation.whatsapp.engine.states import COUNTED
from local.automation.whatsapp.engine.window import is_quiet, next_waking
from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    Conversation,
    RecipientState,
    WhatsAppSettings,
)
from local.automation.whatsapp.selectors.account import (
    rates_all,
    spent_in_month,
    whatsapp_connection,
)
from local.automation.whatsapp.selectors.campaigns import messages_begun
from local.automation.whatsapp.selectors.people import PURPOSES
from local.automation.whatsapp.services.account import settings_locked
from local.automation.whatsapp.services.content import content_hash
from local.customers.selectors import may_message
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mark as _
from marketing_platform.effects.selectors import is_stopped
from marketing_platform.effects.services import effect_cancel, effect_plan
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.quotas import quota_limit

logger = logging.getLogger(__name__)
LOT = 20
LOT_EVERY = timedelta(seconds=10)
# After as many as Meta allows a day, the next look.
LIMIT_EVERY = timedelta(hours=1)
RUNNING = (CampaignState.APPROVED, CampaignState.SENDING)
QUIET = _("It is between 21:00 and 10:00.")
NOT_RUNNING = _("The campaign is not going out now.")
NOT_AGREED = _("This person does not agree to such messages any more.")
TOO_OFTEN = _("This person got a message in the last 7 days, or three in 30 days.")
COOLS_OFF = _("This person did not answer three messages: none for 30 days.")
ERASED = _("This customer was erased.")
NO_NUMBER = _("No WhatsApp number is known.")
BEGUN = _("This message was begun before. A marketing message is never sent twice.")
CHANGED = _("The message was changed after its approval.")
UNUSABLE = _("WhatsApp does not let this message go out now.")
OVER_MONTH = _("The limit for this month is reached.")
OVER_PLAN = _(
    "The campaign messages of your plan for this month are used up. Let this campaign go on next "
    "month, or ask us for a larger plan."
)
OVER_CAMPAIGN = _("The money set for this campaign is used up.")
ALL_STOPPED = _(
    "Everything was stopped. Start again under “What we sent”, then let this campaign go on."
)
RESTORED = _("A backup was put back: this may have gone out since, so it is not sent again.")
OVER_PEOPLE = _("As many people as were set have got it.")


@dataclass(frozen=True)
class Refusal:
    """Why a message does not go now. `then`: "wait" for another time of the day, "skip" for this
    person, "hold" for the campaign as it is, "pause" when the campaign must be paused.
    """

    sentence: str
    then: str = "skip"


def refusal_of(recipient: CampaignRecipient, now: datetime) -> Refusal | None:
    """Whether this message may go at this moment, as the database has it at this moment."""
    campaign, customer = recipient.campaign, recipient.customer
    if recipient.state != RecipientState.PLANNED:
        return Refusal(BEGUN)
    if campaign.state != CampaignState.SENDING or campaign.expires_at <= now:
        return Refusal(NOT_RUNNING, "hold")
    if campaign.approved_hash != content_hash(campaign):
        return Refusal(CHANGED, "pause")
    if campaign.way == "api" and not campaign.template.is_usable:
        return Refusal(UNUSABLE, "pause")
    if customer is None:
        return Refusal(ERASED)
    if not (customer.phone or customer.bsuid):
        return Refusal(NO_NUMBER)
    if not may_message(customer, PURPOSES[campaign.template.category]):
        return Refusal(NOT_AGREED)
    if is_quiet(now):
        return Refusal(QUIET, "wait")
    return _pace_refusal(customer.pk, now)


def _pace_refusal(customer_id: UUID, now: datetime) -> Refusal | None:
    since = now - max(MONTH, COOL_OFF * 3)
    sent = list(
        CampaignRecipient.objects.filter(
            customer_id=customer_id, state__in=COUNTED, sent_at__gte=since
        ).values_list("sent_at", flat=True)
    )
    if too_often(sent, now):
        return Refusal(TOO_OFTEN)
    talk = Conversation.objects.filter(customer_id=customer_id).order_by("-last_inbound_at").first()
    last_inbound = talk.last_inbound_at if talk else None
    return Refusal(COOLS_OFF) if cools_off(sent, last_inbound, now) else None


def _money_refusal(
    campaign: Campaign, cost: int, settings: WhatsAppSettings, now: datetime
) -> Refusal | None:
    if settings.marketing_stopped_at is not None:
        return Refusal(settings.stop_sentence, "pause")
    begun = CampaignRecipient.objects.filter(campaign=campaign, sent_at__isnull=False)
    if begun.count() >= campaign.cap_people:
        return Refusal(OVER_PEOPLE)
    if campaign.way == "hand":
        return None
    if spent_in_month(now) + cost > settings.monthly_cap_paise * 100:
        return Refusal(OVER_MONTH, "pause")
    limit = quota_limit(current_tenant(), "messages_per_month")
    if limit is not None and messages_begun(now).count() >= limit:
        return Refusal(OVER_PLAN, "pause")
    spent = begun.aggregate(total=Sum(Coalesce("cost", F("expected_cost"))))["total"] or 0
    return Refusal(OVER_CAMPAIGN, "pause") if spent + cost > campaign.cap_paise * 100 else None


def recipient_claim(
    *, recipient_id: int, now: datetime, state: str = RecipientState.SENDING
) -> CampaignRecipient | Refusal:
    """The last look and the beginning in one transaction. Whoever holds the settings row counts
    alone, so two workers together neither pass a limit nor write to one person twice.
    """
    with transaction.atomic():
        settings = settings_locked(now)
        recipient = recipient_held(recipient_id)
        if recipient is None:
            return Refusal(ERASED)
        category = recipient.campaign.template.category
        cost = 0 if recipient.campaign.way == "hand" else expected_cost(category, now)
        refusal = refusal_of(recipient, now) or _money_refusal(
            recipient.campaign, cost, settings, now
        )
        if refusal is not None:
            return refusal
        recipient.state, recipient.state_at, recipient.sent_at = state, now, now
        recipient.expected_cost, recipient.category = cost, category
        recipient.save(update_fields=["state", "state_at", "sent_at", "expected_cost", "category"])
        return recipient


def expected_cost(category: str, now: datetime) -> int:
    """What one message costs at most, in 1/10,000 of a rupee with tax."""
    rate = rate_on(rates_all(), category, clock.today(now))
    return rate.with_gst() if rate else 0


def recipient_held(recipient_id: int) -> CampaignRecipient | None:
    rows = CampaignRecipient.objects.select_for_update(of=("self",))
    return rows.select_related("campaign__template", "customer").filter(pk=recipient_id).first()


def recipient_refused(*, recipient_id: int, refusal: Refusal, now: datetime) -> None:
    """Write down why; pause the campaign when the reason is the campaign's."""
    rows = CampaignRecipient.objects.filter(pk=recipient_id, state=RecipientState.PLANNED)
    if refusal.then == "skip":
        rows.update(state=RecipientState.SKIPPED, state_at=now, reason=refusal.sentence[:300])
    if refusal.then == "pause":
        recipient = rows.select_related("campaign").first()
        if recipient is not None:
            campaign_hold(recipient.campaign_id, sentence=refusal.sentence, now=now)


def recipient_unclaim(*, recipient_id: int, now: datetime) -> None:
    """Its call provably never left: it may be begun again, and nothing was spent."""
    CampaignRecipient.objects.filter(pk=recipient_id, state=RecipientState.SENDING).update(
        state=RecipientState.PLANNED, sent_at=None, expected_cost=0, state_at=now
    )


def campaign_hold(campaign_id: UUID, *, sentence: str, now: datetime) -> None:
    """Pause a campaign because of what happened; the owner is told once."""
    rows = Campaign.objects.filter(pk=campaign_id, state__in=RUNNING)
    if not rows.update(state=CampaignState.PAUSED, reason=sentence[:300], changed_at=now):
        return
    campaign = Campaign.objects.get(pk=campaign_id)
    notify(
        title=_("“%(title)s” is paused"),
        params={"title": campaign.title},
        text=sentence,
        url=f"/chat/campaigns/{campaign_id}/",
        kind="effect",
        now=now,
    )


# --- in small lots


def campaign_step_queue(campaign_id: UUID, *, due_at: datetime) -> None:
    """Work that may come twice: a step looks at the rows before it acts."""
    work_schedule(
        task="whatsapp.campaign_step",
        tenant=current_tenant(),
        arguments={"campaign_id": str(campaign_id)},
        due_at=due_at,
        key=f"whatsapp.campaign_step:{campaign_id}:{uuid.uuid4().hex}",
        queue="local",
    )


def campaign_step(*, campaign_id: UUID, now: datetime) -> int:
    """Plan the next lot of messages. Returns how many; run again after a kill it goes on where the
    rows say.
    """
    campaign = _begun(campaign_id, now)
    if campaign is None:
        return 0
    if campaign.expires_at <= now:
        campaign_end_if_over(campaign_id, now=now)
        return 0
    if campaign.way == "hand":
        return 0
    connection = whatsapp_connection()
    if connection is None or is_stopped():
        said = ALL_STOPPED if connection else _("WhatsApp is not connected.")
        campaign_hold(campaign_id, sentence=said, now=now)
        return 0
    planned = _lot_plan(campaign, connection, min(LOT, _room_today(now)), now)
    left = _unplanned(campaign_id).exists()
    if left:
        wait = LOT_EVERY if planned else LIMIT_EVERY
        campaign_step_queue(campaign_id, due_at=now + wait)
    else:
        campaign_end_if_over(campaign_id, now=now)
    return planned


def _begun(campaign_id: UUID, now: datetime) -> Campaign | None:
    """The campaign, once its time has come; None when it does not run."""
    rows = Campaign.objects.filter(pk=campaign_id)
    rows.filter(state=CampaignState.APPROVED, starts_at__lte=now).update(
        state=CampaignState.SENDING, changed_at=now
    )
    running = rows.filter(state=CampaignState.SENDING)
    return running.select_related("template").first()


def _unplanned(campaign_id: UUID):  # type: ignore[no-untyped-def]
    return CampaignRecipient.objects.filter(
        campaign_id=campaign_id, state=RecipientState.PLANNED, effect_id=None
    )


def _room_today(now: datetime) -> int:
    settings = WhatsAppSettings.objects.first()
    if settings is None or settings.messaging_limit is None:
        return LOT
    # Whoever is planned and waits for the morning has a place too.
    taken = CampaignRecipient.objects.filter(
        Q(sent_at__gt=now - timedelta(days=1))
        | Q(state=RecipientState.PLANNED, effect_id__isnull=False)
    )
    return max(0, settings.messaging_limit - taken.values("customer_id").distinct().count())


def _lot_plan(campaign: Campaign, connection, most: int, now: datetime) -> int:  # type: ignore[no-untyped-def]
    with transaction.atomic():
        rows = _unplanned(campaign.pk).select_for_update(skip_locked=True).order_by("id")[:most]
        lot = list(rows)
        due_at = next_waking(now)
        if due_at >= campaign.expires_at:
            return 0
        for recipient in lot:
            effect = effect_plan(
                kind="whatsapp.campaign_message",
                key=(str(campaign.pk), str(recipient.customer_id), str(recipient.turn)),
                payload={"recipient_id": recipient.pk},
                due_at=due_at,
                expires_at=campaign.expires_at,
                connection=connection,
                subject=campaign.title,
                now=now,
            )
            recipient.effect_id = effect.pk
        CampaignRecipient.objects.bulk_update(lot, ["effect_id"])
    return len(lot)


def effects_cancel(campaign_id: UUID, *, now: datetime) -> None:
    """Take back what was planned and has not begun."""
    rows = CampaignRecipient.objects.filter(campaign_id=campaign_id, effect_id__isnull=False)
    waiting = rows.filter(state__in=(RecipientState.PLANNED, RecipientState.SKIPPED))
    for effect_id in list(waiting.values_list("effect_id", flat=True)):
        try:
            effect_cancel(effect_id=effect_id, now=now)
        except PlatformError as error:
            # It is on its way, or over: the last look or its outcome decides.
            logger.info("an effect was not cancelled: %s", error.code)


def campaign_end_if_over(campaign_id: UUID, *, now: datetime) -> bool:
    """Done when nobody is left; after its last moment whoever is left is left out."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
        if campaign is None or campaign.state not in (*RUNNING, CampaignState.PAUSED):
            return False
        rows = CampaignRecipient.objects.filter(campaign=campaign)
        if campaign.expires_at <= now:
            rows.filter(state=RecipientState.PLANNED, effect_id=None).update(
                state=RecipientState.SKIPPED, state_at=now, reason=TOO_LATE
            )
        if campaign.state == CampaignState.PAUSED and campaign.expires_at > now:
            return False
        if rows.filter(state__in=(RecipientState.PLANNED, RecipientState.SENDING)).exists():
            return False
        campaign.state, campaign.ended_at, campaign.changed_at = CampaignState.DONE, now, now
        campaign.save(update_fields=["state", "ended_at", "changed_at"])
        return True


def campaigns_restored(now: datetime) -> int:
    """After a backup was put back nobody knows who got which message since: nothing of a campaign
    that was going out is sent again. Returns how many were stopped.
    """
    with transaction.atomic():
        going = Campaign.objects.select_for_update().filter(
            state__in=(*RUNNING, CampaignState.PAUSED)
        )
        ids = list(going.values_list("pk", flat=True))
        CampaignRecipient.objects.filter(campaign_id__in=ids, state=RecipientState.PLANNED).update(
            state=RecipientState.SKIPPED, state_at=now, reason=RESTORED
        )
        return Campaign.objects.filter(pk__in=ids).update(
            state=CampaignState.STOPPED, reason=RESTORED, ended_at=now, changed_at=now
        )


TOO_LATE = _("The time of this campaign was over.")
