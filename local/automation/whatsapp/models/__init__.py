"""Templates, campaigns and conversations of a shop on WhatsApp. In the workspace's schema."""

from local.automation.whatsapp.models.account import MessageRate, WhatsAppSettings
from local.automation.whatsapp.models.campaigns import (
    Campaign,
    CampaignRecipient,
    CampaignState,
    RecipientState,
)
from local.automation.whatsapp.models.chat import (
    ChatMessage,
    Conversation,
    DeliveryStatus,
    SavedAnswer,
)
from local.automation.whatsapp.models.templates import MessageTemplate, TemplateState

__all__ = [
    "Campaign",
    "CampaignRecipient",
    "CampaignState",
    "ChatMessage",
    "Conversation",
    "DeliveryStatus",
    "MessageRate",
    "MessageTemplate",
    "RecipientState",
    "SavedAnswer",
    "TemplateState",
    "WhatsAppSettings",
]
