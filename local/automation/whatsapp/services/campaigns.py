"""A campaign from draft to the end: propose, approve, pause, resume, stop."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from local.automation.whatsapp.engine.filling import one_line
from local.automation.whatsapp.engine.forecast import Forecast, forecast
from local.automation.whatsapp.engine.money import rate_on
from local.automation.whatsapp.engine.window import next_waking
from local.automation.whatsapp.errors import (
    CampaignChanged,
    CampaignFixed,
    CampaignStateWrong,
    CampaignTimesWrong,
    MarketingStopped,
    NobodyLeft,
    NotConnected,
    OverMonthlyCap,
    SegmentUnknown,
    TemplateUnusable,
    ValueMissing,
)
from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    MessageTemplate,
    RecipientState,
)
from local.automation.whatsapp.selectors.account import (
    rates_all,
    settings_now,
    whatsapp_connection,
)
from local.automation.whatsapp.selectors.campaigns import (
    campaign_of,
    messages_of_month,
    template_of,
)
from local.automation.whatsapp.selectors.people import left_of, members_of, past_of, people_of
from local.automation.whatsapp.services.content import (
    VALUE_LENGTH,
    content_hash,
    typed_variables,
)
from local.automation.whatsapp.services.sending import campaign_step_queue, effects_cancel
from local.customers.selectors import Segment
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.quotas import quota_check, quota_lock

AHEAD = timedelta(days=30)
# A message that was planned for a day is of no use two days later.
LIVES = timedelta(hours=48)
MESSAGES = "messages_per_month"
UNCHANGED = (CampaignState.DRAFT, CampaignState.PROPOSED)


@dataclass(frozen=True)
class CampaignWish:
    """What the builder asks: who, what, when, and how much at most."""

    title: str
    template_id: int
    segment: str
    values: Mapping[str, str]
    way: str
    starts_at: datetime
    cap: Rupees
    cap_people: int


def campaign_propose(
    *,
    wish: CampaignWish,
    now: datetime,
    campaign_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> Campaign:
    """Keep a campaign with its forecast, waiting for approval; a change of an approved one is
    refused with CampaignFixed. Raises InvalidInput that names a field, TemplateMissing,
    CampaignMissing.
    """
    template = template_of(wish.template_id)
    values = _values(template, wish.values)
    starts_at = _start(wish.starts_at, now)
    if wish.segment not in set(Segment):
        raise SegmentUnknown(field="segment")
    monthly = Rupees(settings_now().monthly_cap_paise)
    if wish.way == "api" and wish.cap > monthly:
        raise OverMonthlyCap(field="cap", cap=monthly.format())
    facts = {
        "title": clean_line(wish.title)[:80],
        "template": template,
        "segment": wish.segment,
        "values": values,
        "way": wish.way,
        "starts_at": starts_at,
        "expires_at": starts_at + LIVES,
        "cap_paise": wish.cap.paise,
        "cap_people": wish.cap_people,
        "changed_at": now,
    }
    with transaction.atomic():
        campaign = _open(campaign_id, actor_id, now)
        for name, value in facts.items():
            setattr(campaign, name, value)
        campaign.state, campaign.approved_hash = CampaignState.PROPOSED, ""
        campaign.content_hash = content_hash(campaign)
        campaign.forecast = forecast_told(forecast_of(campaign, now))
        campaign.save()
    return campaign


def _open(campaign_id: UUID | None, actor_id: UUID | None, now: datetime) -> Campaign:
    if campaign_id is None:
        return Campaign(actor_id=actor_id, created_at=now)
    campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if campaign is None:
        campaign_of(campaign_id)
        raise CampaignFixed
    if campaign.state not in UNCHANGED or campaign.recipients.exists():
        raise CampaignFixed
    return campaign


def _values(template: MessageTemplate, typed: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for name in typed_variables(template):
        value = one_line(clean_line(str(typed.get(name, ""))))
        if not value or len(value) > VALUE_LENGTH or "{" in value:
            raise ValueMissing(field=f"value_{name}", name=name)
        values[name] = value
    return values


def _start(wanted: datetime, now: datetime) -> datetime:
    if wanted < now - timedelta(minutes=5) or wanted > now + AHEAD:
        raise CampaignTimesWrong(field="starts_at")
    return next_waking(max(wanted, now))


def forecast_of(campaign: Campaign, now: datetime) -> Forecast:
    """Who would get it if it went out when it is planned, and what that costs; of one that was
    begun, the people who are left.
    """
    category = campaign.template.category
    at = max(campaign.starts_at, now)
    begun = not campaign._state.adding and campaign.recipients.exists()
    members = left_of(campaign) if begun else members_of(campaign.segment, now)
    settings = settings_now()
    return forecast(
        people_of(members, category=category, now=at),
        rate=rate_on(rates_all(), category, clock.today(at)),
        past=past_of(now),
        now=at,
        most_people=campaign.cap_people,
        messaging_limit=settings.messaging_limit if campaign.way == "api" else None,
        is_free=campaign.way == "hand",
        holds_out=not begun,
    )


def forecast_told(found: Forecast) -> dict[str, Any]:
    """As it is kept on the campaign and answered by the API."""
    return {
        "recipients": found.recipients,
        "held_out": found.held_out,
        "left_out": found.left_out,
        "needed_to_measure": found.needed_to_measure,
        "cost_low_paise": found.cost_low.paise,
        "cost_high_paise": found.cost_high.paise,
        "rate": found.rate.amount if found.rate else None,
        "rate_source": found.rate.source if found.rate else "",
        "rate_valid_from": found.rate.valid_from.isoformat() if found.rate else "",
        "visits": list(found.visits) if found.visits else None,
        "past_missing": found.past_missing,
        "over_limit": found.over_limit,
    }


def forecast_anew(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """For an approval that is asked for again; who was held out before stays held out."""
    told = forecast_told(forecast_of(campaign, now))
    held = campaign.recipients.filter(state=RecipientState.HELD_OUT).count()
    return told | {"held_out": held or told["held_out"]}


def campaign_approve(
    *, campaign_id: UUID, content: str, actor_id: UUID | None, now: datetime
) -> Campaign:
    """Bind the approval to what was seen (`content`, its hash) and start. One that was approved
    before and had to be approved anew goes on with the people who are left.

    Raises CampaignChanged, CampaignStateWrong, NotConnected, TemplateUnusable, MarketingStopped,
    NobodyLeft, CampaignTimesWrong, and QuotaReached when the plan has not so many messages left.
    """
    with transaction.atomic():
        quota_lock(current_tenant().schema_name, MESSAGES)
        campaign = _held(campaign_id)
        if campaign.state in (CampaignState.APPROVED, CampaignState.SENDING):
            return campaign
        if campaign.state != CampaignState.PROPOSED:
            raise CampaignStateWrong(state=campaign.get_state_display())
        if content != campaign.content_hash or campaign.content_hash != content_hash(campaign):
            raise CampaignChanged
        if campaign.expires_at <= now:
            raise CampaignTimesWrong(field="starts_at")
        _refuse_way(campaign)
        if not campaign.recipients.exists():
            _recipients_add(campaign, now)
        _room_check(campaign, now)
        campaign.approved_hash, campaign.approved_by = campaign.content_hash, actor_id
        campaign.approved_at = campaign.changed_at = now
        campaign.state, campaign.reason = CampaignState.APPROVED, ""
        campaign.save()
        _audit("whatsapp_campaign_approved", campaign, actor_id, now, people=_people(campaign))
        campaign_step_queue(campaign.pk, due_at=max(now, campaign.starts_at))
    return campaign


def _refuse_way(campaign: Campaign) -> None:
    if settings_now().marketing_stopped_at is not None:
        raise MarketingStopped
    if campaign.way == "hand":
        return
    if whatsapp_connection() is None:
        raise NotConnected
    if not campaign.template.is_usable:
        raise TemplateUnusable


def _room_check(campaign: Campaign, now: datetime) -> None:
    """Before it goes on: who of it waits is not counted yet."""
    if campaign.way == "api":
        counted = messages_of_month(now)
        quota_check(current_tenant(), MESSAGES, used=counted.count, more=_people(campaign))


def _recipients_add(campaign: Campaign, now: datetime) -> None:
    """A row for each person of the audience; who is held out is drawn, not chosen."""
    found = forecast_of(campaign, now)
    if not found.audience:
        raise NobodyLeft
    drawn = random.Random(campaign.pk.int)  # noqa: S311 - the same draw again, not a secret
    held = set(drawn.sample(found.audience, found.held_out))
    CampaignRecipient.objects.bulk_create(
        [
            CampaignRecipient(
                campaign=campaign,
                customer_id=customer_id,
                state=RecipientState.HELD_OUT if customer_id in held else RecipientState.PLANNED,
                state_at=now,
            )
            for customer_id in found.audience
        ],
        batch_size=1000,
    )
    campaign.forecast = forecast_told(found)


def campaign_pause(
    *, campaign_id: UUID, now: datetime, actor_id: UUID | None = None, reason: str = ""
) -> Campaign:
    """Nothing more is begun; what was counted stays counted. Raises CampaignStateWrong."""
    with transaction.atomic():
        campaign = _held(campaign_id)
        if campaign.state == CampaignState.PAUSED:
            return campaign
        if campaign.state not in (CampaignState.APPROVED, CampaignState.SENDING):
            raise CampaignStateWrong(state=campaign.get_state_display())
        campaign.state, campaign.reason, campaign.changed_at = CampaignState.PAUSED, reason, now
        campaign.save(update_fields=["state", "reason", "changed_at"])
        _audit("whatsapp_campaign_paused", campaign, actor_id, now)
    effects_cancel(campaign_id, now=now)
    return campaign


def campaign_resume(*, campaign_id: UUID, now: datetime, actor_id: UUID | None = None) -> Campaign:
    """Go on with whoever is left. Raises CampaignStateWrong, CampaignTimesWrong, MarketingStopped,
    NotConnected, TemplateUnusable, QuotaReached.
    """
    with transaction.atomic():
        quota_lock(current_tenant().schema_name, MESSAGES)
        campaign = _held(campaign_id)
        if campaign.state in (CampaignState.APPROVED, CampaignState.SENDING):
            return campaign
        if campaign.state != CampaignState.PAUSED:
            raise CampaignStateWrong(state=campaign.get_state_display())
        if campaign.expires_at <= now:
            raise CampaignTimesWrong(field="starts_at")
        _refuse_way(campaign)
        _room_check(campaign, now)
        campaign.state, campaign.reason, campaign.changed_at = CampaignState.APPROVED, "", now
        campaign.save(update_fields=["state", "reason", "changed_at"])
        _audit("whatsapp_campaign_resumed", campaign, actor_id, now)
        campaign_step_queue(campaign.pk, due_at=max(now, campaign.starts_at))
    return campaign


def campaign_stop(*, campaign_id: UUID, now: datetime, actor_id: UUID | None = None) -> Campaign:
    """For good: whoever was not written to is left out. Stopping twice is no error."""
    with transaction.atomic():
        campaign = _held(campaign_id)
        if campaign.state in (CampaignState.STOPPED, CampaignState.DONE):
            return campaign
        campaign.state, campaign.ended_at = CampaignState.STOPPED, now
        campaign.changed_at = now
        campaign.save(update_fields=["state", "ended_at", "changed_at"])
        CampaignRecipient.objects.filter(campaign=campaign, state=RecipientState.PLANNED).update(
            state=RecipientState.SKIPPED, state_at=now, reason=STOPPED
        )
        _audit("whatsapp_campaign_stopped", campaign, actor_id, now)
    effects_cancel(campaign_id, now=now)
    return campaign


STOPPED = _("The campaign was stopped before their turn.")


def _held(campaign_id: UUID) -> Campaign:
    campaign = (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("template")
        .filter(pk=campaign_id)
        .first()
    )
    return campaign or campaign_of(campaign_id)


def _people(campaign: Campaign) -> int:
    return CampaignRecipient.objects.filter(campaign=campaign, state=RecipientState.PLANNED).count()


def _audit(
    action: str, campaign: Campaign, actor_id: UUID | None, now: datetime, **detail: Any
) -> None:
    audit_record(
        action=action,
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=str(campaign.pk),
        detail={"hash": campaign.content_hash, **detail},
        now=now,
    )
