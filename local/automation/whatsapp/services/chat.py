"""Answering customers, and answers kept for later."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from local.automation.whatsapp.engine.faults import fault_of
from local.automation.whatsapp.errors import (
    AnswerMissing,
    AnswerTitleTaken,
    MessageNotAllowed,
    NotConnected,
    TextMissing,
    WindowClosed,
)
from local.automation.whatsapp.models import ChatMessage, Conversation, SavedAnswer
from local.automation.whatsapp.selectors.account import whatsapp_connection
from local.automation.whatsapp.selectors.chat import conversation_of, window_of
from local.automation.whatsapp.services.outcomes import withdraw
from marketing_platform.core.text import CONTROL_CHARACTERS, clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.effects.services import effect_plan
from marketing_platform.effects.states import State as EffectState

REPLY_LENGTH = 4096
ANSWER_LENGTH = 1024
NEVER_LEFT = _("It did not go out.")
TOO_LATE = _("The 24 hours were over before it could go out.")


def reply_send(
    *, conversation_id: UUID, text: str, now: datetime, actor_id: UUID | None = None, key: str = ""
) -> ChatMessage:
    """Send a free answer within the 24 hours; the same `key` twice is one answer.

    Raises ConversationMissing, WindowClosed, NotConnected, TextMissing, MessageNotAllowed.
    """
    talk = conversation_of(conversation_id)
    words = text_of(text, REPLY_LENGTH)
    window = window_of(talk, now)
    if not window.is_open or window.closes_at is None:
        raise WindowClosed(field="text")
    connection = whatsapp_connection()
    if connection is None:
        raise NotConnected
    if not (talk.phone or talk.user_id):
        raise MessageNotAllowed(_("No WhatsApp number is known."))
    with transaction.atomic():
        effect = effect_plan(
            kind="whatsapp.reply",
            key=(str(talk.pk), key or f"{now.isoformat()}:{words}"),
            payload={"conversation_id": str(talk.pk), "text": words},
            due_at=now,
            expires_at=window.closes_at,
            connection=connection,
            subject=talk.name or talk.phone,
            now=now,
        )
        message, is_new = ChatMessage.objects.get_or_create(
            effect_id=effect.pk,
            defaults={
                "conversation": talk,
                "is_inbound": False,
                "text": words,
                "state": "planned",
                "happened_at": now,
                "actor_id": actor_id,
            },
        )
        if is_new:
            Conversation.objects.filter(pk=talk.pk).update(last_message_at=now, unread=0)
    return message


def text_of(text: str, most: int) -> str:
    """What was typed, without control characters. Raises TextMissing."""
    words = CONTROL_CHARACTERS.sub("", text).strip()
    if not 0 < len(words) <= most:
        raise TextMissing(field="text", most=most)
    return words


def reply_settled(effect: Effect) -> None:
    """What the ledger says of an answer; WhatsApp's own news may have come before."""
    rows = ChatMessage.objects.filter(effect_id=effect.pk)
    if effect.state == EffectState.CONFIRMED:
        rows.filter(wamid="").update(wamid=effect.remote_id)
        rows.filter(state__in=("planned", "sending", "unknown")).update(state="accepted")
        return
    reason = TOO_LATE if effect.state == EffectState.EXPIRED else NEVER_LEFT
    open_rows = rows.filter(state__in=("planned", "sending", "unknown"))
    open_rows.filter(reason="").update(reason=reason)
    open_rows.update(state="failed")


def reply_refused(effect: Effect, code: int | None) -> None:
    """WhatsApp's reason, in the owner's words."""
    sentence = fault_of(code).sentence
    ChatMessage.objects.filter(effect_id=effect.pk).update(reason=sentence)


def reply_asked(effect: Effect) -> None:
    ChatMessage.objects.filter(effect_id=effect.pk, state="planned").update(state="unknown")


def conversation_seen(*, conversation_id: UUID) -> None:
    Conversation.objects.filter(pk=conversation_id, unread__gt=0).update(unread=0)


def conversation_opt_out(*, conversation_id: UUID, now: datetime) -> None:
    """The owner read it as "no more": noted at once. Raises ConversationMissing."""
    withdraw(conversation_of(conversation_id).customer, now=now, at=now)


def answer_save(
    *,
    title: str,
    text: str,
    now: datetime,
    answer_id: int | None = None,
    actor_id: UUID | None = None,
) -> SavedAnswer:
    """Raises TextMissing, AnswerTitleTaken, AnswerMissing."""
    name = clean_line(title)[:60]
    words = text_of(text, ANSWER_LENGTH)
    if not name:
        raise TextMissing(field="title", most=60)
    try:
        with transaction.atomic():
            if answer_id is None:
                return SavedAnswer.objects.create(
                    title=name, text=words, created_at=now, actor_id=actor_id
                )
            rows = SavedAnswer.objects.filter(pk=answer_id)
            if not rows.update(title=name, text=words):
                raise AnswerMissing
            return rows.get()
    except IntegrityError as error:
        raise AnswerTitleTaken(field="title") from error


def answer_delete(*, answer_id: int) -> None:
    """Raises AnswerMissing."""
    if not SavedAnswer.objects.filter(pk=answer_id).delete()[0]:
        raise AnswerMissing
