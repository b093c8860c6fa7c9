"""WhatsAppAutomation: what the product plan names, and the door for WhatsApp's webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from local.automation.whatsapp.engine.forecast import Forecast
from local.automation.whatsapp.models import Campaign, ChatMessage
from local.automation.whatsapp.selectors.campaigns import CampaignCounts, campaign_of, counts_of
from local.automation.whatsapp.services.campaigns import (
    CampaignWish,
    campaign_approve,
    campaign_propose,
    forecast_of,
)
from local.automation.whatsapp.services.chat import reply_send
from local.automation.whatsapp.services.receiving import challenge_answer, delivery_receive
from local.business.models import LocalBusiness


@dataclass(frozen=True)
class CampaignReport:
    """A campaign with what became of its messages."""

    campaign: Campaign
    counts: CampaignCounts


class WhatsAppAutomation:
    """Campaigns to people who agreed, and answers to people who wrote.

    Nothing is sent by `propose`; `approve` names the content that was seen. Raises the
    PlatformErrors of the services.
    """

    def __init__(self, business: LocalBusiness):
        self.business = business

    def propose(
        self, wish: CampaignWish, *, now: datetime, actor_id: UUID | None = None
    ) -> Campaign:
        """Keep a campaign with its forecast, waiting for approval."""
        return campaign_propose(wish=wish, now=now, actor_id=actor_id)

    def forecast(self, campaign_id: UUID, *, now: datetime) -> Forecast:
        """Who would get it at its time, and what it costs, as the data are now."""
        return forecast_of(campaign_of(campaign_id), now)

    def approve(
        self, campaign_id: UUID, *, content: str, now: datetime, actor_id: UUID | None
    ) -> Campaign:
        """Start what was seen: `content` is the hash that the proposal answered."""
        return campaign_approve(
            campaign_id=campaign_id, content=content, actor_id=actor_id, now=now
        )

    def report(self, campaign_id: UUID) -> CampaignReport:
        return CampaignReport(campaign_of(campaign_id), counts_of(campaign_id))

    def reply(
        self, conversation_id: UUID, text: str, *, now: datetime, actor_id: UUID | None = None
    ) -> ChatMessage:
        """Answer freely within the 24 hours after the customer's last message."""
        return reply_send(conversation_id=conversation_id, text=text, now=now, actor_id=actor_id)


class WhatsAppWebhook:
    """The receiver named in the table of tiers; on the public side."""

    def challenge(self, query: Mapping[str, str]) -> str:
        return challenge_answer(query)

    def receive(self, *, raw: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        return delivery_receive(raw=raw, headers=headers, now=now)
