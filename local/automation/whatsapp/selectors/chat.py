"""Conversations and saved answers."""

import uuid
from datetime import datetime

from django.db.models import Q

from local.automation.whatsapp.engine.window import Window, service_window
from local.automation.whatsapp.errors import ConversationMissing
from local.automation.whatsapp.models import ChatMessage, Conversation, SavedAnswer

PAGE = 30
MESSAGES_SHOWN = 100


def conversations_page(
    *, search: str = "", before: datetime | None = None, limit: int = PAGE
) -> tuple[list[Conversation], bool]:
    """The latest first, and whether there are older ones. `search`: a part of name or number."""
    rows = Conversation.objects.filter(last_message_at__isnull=False).select_related("customer")
    if before is not None:
        rows = rows.filter(last_message_at__lt=before)
    if search:
        digits = "".join(each for each in search if each.isdigit())
        wanted = Q(name__icontains=search) | Q(customer__name__icontains=search)
        rows = rows.filter(wanted | Q(phone__contains=digits) if digits else wanted)
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit


def unread_count() -> int:
    return Conversation.objects.filter(unread__gt=0).count()


def conversation_of(conversation_id: uuid.UUID) -> Conversation:
    """Raises ConversationMissing."""
    found = Conversation.objects.select_related("customer").filter(pk=conversation_id).first()
    if found is None:
        raise ConversationMissing
    return found


def messages_of(conversation: Conversation) -> list[ChatMessage]:
    """The last hundred, oldest first."""
    rows = ChatMessage.objects.filter(conversation=conversation).order_by("-happened_at", "-id")
    return list(rows[:MESSAGES_SHOWN])[::-1]


def last_messages(conversations: list[Conversation]) -> dict[uuid.UUID, ChatMessage]:
    """The last bubble of each, in one query."""
    rows = ChatMessage.objects.filter(conversation__in=conversations)
    latest = rows.order_by("conversation_id", "-happened_at", "-id").distinct("conversation_id")
    return {row.conversation_id: row for row in latest}


def window_of(conversation: Conversation, now: datetime) -> Window:
    return service_window(conversation.last_inbound_at, now)


def saved_answers() -> list[SavedAnswer]:
    return list(SavedAnswer.objects.all()[:100])
