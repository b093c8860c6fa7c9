"""WhatsApp, and whose an outside account is, in the tests that walk over everything."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

MOMENT = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
TALK = {"conversation_id": "@uuid_row"}
CAMPAIGN = Row(Kind.ROW, {"campaign_id": "@uuid_row"})
TEMPLATE = Row(Kind.ROW, {"template_id": "@row"})
HAND = Row(Kind.ROW, {"campaign_id": "@uuid_row", "recipient_id": "@row"})
BY_HAND = "chat/campaigns/<uuid:campaign_id>/by-hand/"
PUBLIC = {"webhooks/<slug:provider>/": Row(Kind.BARE, {"provider": "whatsapp"})}
LOCAL = {
    "chat/": OWN,
    "chat/<uuid:conversation_id>/": Row(Kind.ROW, TALK),
    "chat/<uuid:conversation_id>/reply/": Row(Kind.ROW, TALK, form={"text": "Yes"}),
    "chat/<uuid:conversation_id>/opt-out/": Row(Kind.ROW, TALK),
    "chat/answers/": OWN,
    "chat/answers/add/": Row(Kind.OWN, form={"title": "Walk", "text": "10 to 9"}),
    "chat/answers/<int:answer_id>/remove/": Row(Kind.ROW, {"answer_id": "@row"}),
    "chat/templates/": OWN,
    "chat/templates/new/": OWN,
    "chat/templates/add/": OWN,
    "chat/templates/<int:template_id>/": TEMPLATE,
    "chat/templates/<int:template_id>/save/": TEMPLATE,
    "chat/templates/<int:template_id>/submit/": TEMPLATE,
    "chat/limits/": OWN,
    "chat/limits/cap/": Row(Kind.OWN, form={"rupees": "400"}),
    "chat/limits/rates/": OWN,
    "chat/limits/start-again/": OWN,
    "chat/campaigns/": OWN,
    "chat/campaigns/new/": OWN,
    "chat/campaigns/new/<int:template_id>/": TEMPLATE,
    "chat/campaigns/<uuid:campaign_id>/": CAMPAIGN,
    "chat/campaigns/<uuid:campaign_id>/edit/": CAMPAIGN,
    "chat/campaigns/<uuid:campaign_id>/save/": CAMPAIGN,
    "chat/campaigns/<uuid:campaign_id>/approve/": CAMPAIGN,
    "chat/campaigns/<uuid:campaign_id>/pause/": CAMPAIGN,
    "chat/campaigns/<uuid:campaign_id>/resume/": CAMPAIGN,
    "chat/campaigns/<uuid:campaign_id>/stop/": CAMPAIGN,
    BY_HAND: CAMPAIGN,
    f"{BY_HAND}<int:recipient_id>/sent/": HAND,
    f"{BY_HAND}<int:recipient_id>/skip/": HAND,
    f"{BY_HAND}<int:recipient_id>/undo/": HAND,
    "api/local/automation/whatsapp/campaigns": OWN,
    "api/local/automation/whatsapp/campaigns/propose": OWN,
    "api/local/automation/whatsapp/campaigns/<uuid:campaign_id>": CAMPAIGN,
    "api/local/automation/whatsapp/campaigns/<uuid:campaign_id>/approve": CAMPAIGN,
    "api/local/automation/whatsapp/conversations": OWN,
}
ONE_ROW = {"local_whatsapp.WhatsAppSettings"}


def _campaign(key: int, letter: str) -> dict[str, Any]:
    mark = f"CANARY-{letter}-{key}"
    return {
        "title": mark,
        "segment": "all_agreed",
        "values": {"sweet": mark},
        "way": "hand",
        "state": "approved",
        "forecast": {},
        "starts_at": MOMENT,
        "expires_at": MOMENT + timedelta(days=2),
        "cap_people": 5,
        "content_hash": mark,
        "approved_hash": mark,
    }


def _template(key: int, letter: str) -> dict[str, Any]:
    return {
        "language": "en_IN",
        "category": "marketing",
        "state": "draft",
        "buttons": [],
        "examples": {"sweet": f"CANARY-{letter}-{key}"},
        "moved_from": "",
    }


OVERRIDES = {
    "local_whatsapp.MessageTemplate": _template,
    "local_whatsapp.Campaign": _campaign,
    "local_whatsapp.CampaignRecipient": lambda key, letter: {"state": "planned"},
    "local_whatsapp.Conversation": lambda key, letter: {
        "phone": f"+9199999{key:05d}",
        "last_message_at": MOMENT,
    },
    "local_whatsapp.ChatMessage": lambda key, letter: {"kind": "text", "state": "sent"},
    "local_whatsapp.MessageRate": lambda key, letter: {"category": "marketing"},
    "local_whatsapp.WhatsAppSettings": lambda key, letter: {"monthly_cap_paise": 50_000},
}
OWNED = {
    "inbox.ExternalAccount": lambda tenant: {
        "provider": "whatsapp",
        "account_id": f"number of {tenant.slug}",
        "parent_id": f"account of {tenant.slug}",
    }
}


def fill_local(name: str, _picture: Any) -> None:
    from local.automation.whatsapp import models
    from local.customers.models import Customer

    template = models.MessageTemplate.objects.create(
        name="walk", title=f"By {name}", language="hi", category="marketing", body="नमस्ते",
        created_at=MOMENT, state_at=MOMENT,
    )  # fmt: skip
    campaign = models.Campaign.objects.create(
        title=f"By {name}", template=template, segment="all_agreed", way="hand", cap_paise=0,
        cap_people=5, content_hash="c", starts_at=MOMENT, expires_at=MOMENT + timedelta(days=2),
        created_at=MOMENT, changed_at=MOMENT,
    )  # fmt: skip
    customer = Customer.objects.create(phone="+919999900032", created_at=MOMENT)
    models.CampaignRecipient.objects.create(campaign=campaign, customer=customer, state_at=MOMENT)
    talk = models.Conversation.objects.create(
        customer=customer, phone="+919999900032", name=name, created_at=MOMENT
    )
    models.ChatMessage.objects.create(
        conversation=talk, is_inbound=True, wamid="w", text=f"to {name}", happened_at=MOMENT
    )
    models.DeliveryStatus.objects.create(
        wamid="w", status="sent", callback=str(uuid.uuid4()), happened_at=MOMENT, received_at=MOMENT
    )
    models.SavedAnswer.objects.create(title=f"Hours of {name}", text="10 to 9", created_at=MOMENT)
    models.MessageRate.objects.create(
        category="utility", valid_from=MOMENT.date(), amount=1150, source=name, created_at=MOMENT
    )
    models.WhatsAppSettings.objects.create(changed_at=MOMENT)
