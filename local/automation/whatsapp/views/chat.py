"""The inbox, one conversation, and saved answers."""

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.whatsapp.forms import AnswerForm, ReplyForm
from local.automation.whatsapp.models import ChatMessage, Conversation
from local.automation.whatsapp.selectors.account import whatsapp_connection
from local.automation.whatsapp.selectors.chat import (
    conversation_of,
    conversations_page,
    last_messages,
    messages_of,
    saved_answers,
    window_of,
)
from local.automation.whatsapp.services.by_hand import link_to
from local.automation.whatsapp.services.chat import (
    answer_delete,
    answer_save,
    conversation_opt_out,
    conversation_seen,
    reply_send,
)
from local.automation.whatsapp.views.shared import may, shown_phone
from local.customers.selectors import consent_of
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, requires

STATE_WORDS = {
    "planned": "clock",
    "sending": "clock",
    "accepted": "check",
    "held": "clock",
    "sent": "check",
    "delivered": "check",
    "read": "check-circle",
    "failed": "exclamation-circle",
    "unknown": "question-mark-circle",
}


@never_cache
@require_safe
@requires(Permission.READ)
def inbox(request: HttpRequest) -> HttpResponse:
    now, search = clock.now(), request.GET.get("q", "").strip()[:80]
    found, has_more = conversations_page(search=search, before=_before(request))
    last = last_messages(found)
    context = {
        "rows": [_row(request, each, last.get(each.pk), now) for each in found],
        "older": found[-1].last_message_at.isoformat() if has_more and found else "",
        "search": search,
        "is_connected": whatsapp_connection() is not None,
        "may_connect": may(request, Permission.CONNECTIONS),
    }
    return render(request, "local/whatsapp/inbox.html", context)


def _before(request: HttpRequest) -> datetime | None:
    try:
        moment = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _row(
    request: HttpRequest, talk: Conversation, last: ChatMessage | None, now: datetime
) -> dict[str, Any]:
    window = window_of(talk, now)
    return {
        "talk": talk,
        "name": name_of(request, talk),
        "last": last,
        "hours": window.hours_left(now),
        "is_open": window.is_open,
    }


def name_of(request: HttpRequest, talk: Conversation) -> str:
    known = talk.customer.name if talk.customer else ""
    return known or talk.name or shown_phone(request, talk.phone) or gettext("Without a name")


@never_cache
@require_safe
@requires(Permission.READ)
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    talk = conversation_of(conversation_id)
    if may(request, Permission.WORK):
        conversation_seen(conversation_id=talk.pk)
    return _conversation_page(request, talk, ReplyForm(initial={"key": uuid.uuid4()}))


def _conversation_page(
    request: HttpRequest, talk: Conversation, form: ReplyForm, status: int = 200
) -> HttpResponse:
    now = clock.now()
    window = window_of(talk, now)
    consent = consent_of(talk.customer_id).state if talk.customer_id else ""
    context = {
        "talk": talk,
        "name": name_of(request, talk),
        "phone": shown_phone(request, talk.phone),
        "bubbles": [_bubble(each) for each in messages_of(talk)],
        "window": window,
        "hours": window.hours_left(now),
        "form": form,
        "answers": saved_answers(),
        "is_connected": whatsapp_connection() is not None,
        "may_work": may(request, Permission.WORK),
        "has_agreed": consent == "granted",
        "hand_url": link_to(talk.phone, "")
        if talk.phone and may(request, Permission.CUSTOMER_NUMBERS)
        else "",
    }
    return render(request, "local/whatsapp/conversation.html", context, status=status)


def _bubble(message: ChatMessage) -> dict[str, Any]:
    return {
        "message": message,
        "icon": STATE_WORDS.get(message.state, ""),
        "state": gettext(STATE_LABELS[message.state]) if message.state in STATE_LABELS else "",
        "reason": gettext(message.reason) if message.reason else "",
    }


STATE_LABELS = {
    "planned": "Going out",
    "sending": "Going out",
    "held": "WhatsApp holds it back for a check",
    "accepted": "WhatsApp took it",
    "sent": "Sent",
    "delivered": "Delivered",
    "read": "Read",
    "failed": "Failed",
    "unknown": "Not known",
}


@require_POST
@requires(Permission.WORK)
def reply(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    form = ReplyForm(request.POST)
    talk = conversation_of(conversation_id)
    if form.is_valid():
        try:
            reply_send(
                conversation_id=conversation_id,
                text=form.cleaned_data["text"],
                key=str(form.cleaned_data["key"] or ""),
                now=clock.now(),
                actor_id=request.user.pk,
            )
        except PlatformError as error:
            form.add_error("text", sentence_of(error))
        else:
            return redirect("local-conversation", conversation_id)
    return _conversation_page(request, talk, form, status=422)


@require_POST
@requires(Permission.WORK, when_read_only=True)
def opt_out(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    conversation_opt_out(conversation_id=conversation_id, now=clock.now())
    messages.success(request, gettext("Noted. This person gets no more promotional messages."))
    return redirect("local-conversation", conversation_id)


@never_cache
@require_safe
@requires(Permission.READ)
def answers(request: HttpRequest) -> HttpResponse:
    return _answers_page(request, AnswerForm())


def _answers_page(request: HttpRequest, form: AnswerForm, status: int = 200) -> HttpResponse:
    context = {
        "answers": saved_answers(),
        "form": form,
        "may_work": may(request, Permission.WORK),
    }
    return render(request, "local/whatsapp/answers.html", context, status=status)


@require_POST
@requires(Permission.WORK)
def answer_new(request: HttpRequest) -> HttpResponse:
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            answer_save(now=clock.now(), actor_id=request.user.pk, **form.cleaned_data)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("local-answers")
    return _answers_page(request, form, status=422)


@require_POST
@requires(Permission.WORK)
def answer_remove(request: HttpRequest, answer_id: int) -> HttpResponse:
    try:
        answer_delete(answer_id=answer_id)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("Removed."))
    return redirect("local-answers")
