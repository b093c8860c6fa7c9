"""Today: the day's few tasks, with the post as the first of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import ReviewReply
from local.automation.social_media.views.posts import today_context
from local.business.selectors import business_of
from local.execution.engine.plan import MINUTES
from local.execution.errors import ActionMissing
from local.execution.front_door import HumanAICollaboration, TaskExecutionEngine
from local.execution.models import Action
from local.execution.selectors import (
    Card,
    action_of,
    cards_of,
    first_hour_offer,
    yesterday_of,
)
from local.execution.services.collaboration import REASONS
from local.execution.services.kinds import KINDS
from local.execution.services.planning import minutes_a_day
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.language import shown_language
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def today(request: HttpRequest) -> HttpResponse:
    present, now = clock.today(), clock.now()
    language = shown_language(get_language())
    business = business_of(request.tenant)
    actions = TaskExecutionEngine(business).plan_day(today=present, now=now)
    cards = cards_of(actions, language)
    by_id = {each.pk: each for each in actions}
    waiting = [_shown(card, by_id[card.id], request) for card in cards if card.is_open]
    context = today_context(request) | {
        "first_hour": first_hour_offer(opened_at=business.created_at, now=now)
        if allowed(request.membership.role, Permission.WORK)
        else None,
        "greeting": _greeting(),
        "first_name": (request.user.full_name or "").split(" ")[0],
        "cards": waiting,
        "settled": [each for each in cards if not each.is_open],
        "open_minutes": sum(each["card"].minutes for each in waiting),
        "yesterday": yesterday_of(present, language),
        "minutes": minutes_a_day(),
        "minutes_choices": MINUTES,
        "reasons": [(name, gettext(text)) for name, text in REASONS.items()],
    }
    return render(request, "local/execution/today.html", context)


@never_cache
@require_POST
@requires(Permission.WORK)
def approve(request: HttpRequest, action_id: UUID) -> HttpResponse:
    def say_yes() -> None:
        HumanAICollaboration().approve(
            action_id,
            seen_hash=request.POST.get("content_hash", ""),
            actor_id=request.user.pk,
            now=clock.now(),
        )

    return _done(request, action_id, say_yes, _said_of(action_id))


def _said_of(action_id: UUID) -> str:
    """What an approval does: send it, or note that the owner posted it."""
    action = Action.objects.filter(pk=action_id).first()
    if action is not None and _is_by_hand(action):
        return gettext("Noted as answered.")
    return gettext("Approved. It goes out now.")


def _is_by_hand(action: Action) -> bool:
    if action.kind != "review_reply":
        return False
    return GMBAutomation().is_reply_by_hand(action.facts["review_id"])


@never_cache
@require_POST
@requires(Permission.WORK)
def not_today(request: HttpRequest, action_id: UUID) -> HttpResponse:
    def say_no() -> None:
        HumanAICollaboration().dismiss(
            action_id,
            reason=request.POST.get("reason", "not_today"),
            actor_id=request.user.pk,
            now=clock.now(),
        )

    return _done(request, action_id, say_no, gettext("Taken off today's list."))


@never_cache
@require_POST
@requires(Permission.WORK)
def back(request: HttpRequest, action_id: UUID) -> HttpResponse:
    def take_back() -> None:
        HumanAICollaboration().take_back(action_id, actor_id=request.user.pk, now=clock.now())

    return _done(request, action_id, take_back, gettext("Back on today's list."))


@never_cache
@require_POST
@requires(Permission.WORK)
def start(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Begin, and go where the task is done."""
    try:
        action = action_of(action_id)
        _check_allowed(request, action)
        TaskExecutionEngine(business_of(request.tenant)).start(
            action_id, actor_id=request.user.pk, now=clock.now()
        )
    except PlatformError as error:
        messages.error(request, sentence_of(error))
        return redirect("home")
    return redirect(KINDS[action.kind].url(action))


@never_cache
@require_POST
@requires(Permission.WORK)
def finish(request: HttpRequest, action_id: UUID) -> HttpResponse:
    def say_done() -> None:
        TaskExecutionEngine(business_of(request.tenant)).finish(
            action_id,
            proof=request.POST.get("proof", ""),
            actor_id=request.user.pk,
            now=clock.now(),
        )

    return _done(request, action_id, say_done, gettext("Done. Well spent minutes."))


@never_cache
@require_POST
@requires(Permission.WORK)
def minutes_save(request: HttpRequest) -> HttpResponse:
    given = request.POST.get("minutes", "")
    try:
        minutes = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 0
        TaskExecutionEngine(business_of(request.tenant)).plan_again(
            today=clock.today(), now=clock.now(), minutes=minutes
        )
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("home")


def _done(
    request: HttpRequest, action_id: UUID, act: Callable[[], None], sentence: str
) -> HttpResponse:
    try:
        _check_allowed(request, action_of(action_id))
        act()
        messages.success(request, sentence)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("home")


def _check_allowed(request: HttpRequest, action: Action) -> None:
    """The page needs WORK; what the task does may need more. Absent for whoever may not."""
    if not allowed(request.membership.role, KINDS[action.kind].permission):
        raise ActionMissing


def _shown(card: Card, action: Action, request: HttpRequest) -> dict[str, Any]:
    kind = KINDS[action.kind]
    return {
        "card": card,
        "url": kind.url(action),
        "may_act": allowed(request.membership.role, kind.permission),
        "can_approve": kind.approve is not None and action.state == "awaiting_approval",
        "is_post": action.kind == "post",
        "is_by_hand": _is_by_hand(action),
        "preview": _preview(action),
    }


def _preview(action: Action) -> str:
    """The words that an approval would send."""
    if action.kind != "review_reply":
        return ""
    reply = ReviewReply.objects.filter(review_id=action.facts["review_id"]).first()
    return reply.text if reply and reply.content_hash == action.content_hash else ""


def _greeting() -> str:
    hour = clock.now().astimezone(clock.IST).hour
    if hour < 12:
        return gettext("Good morning")
    return gettext("Good afternoon") if hour < 17 else gettext("Good evening")
