from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.effects.channels import channel_try_again
from marketing_platform.effects.errors import (
    EffectNeverAgain,
    EffectNotAsked,
    EffectOver,
    EffectTooLate,
    EffectUnderway,
)
from marketing_platform.effects.said import line, said, shown
from marketing_platform.effects.selectors import (
    effects_page,
    history_of,
    is_stopped,
    needs_you_count,
    paused_channels,
)
from marketing_platform.effects.services import (
    effect_answer,
    effect_cancel,
    effect_of_id,
    stop_everything,
)
from marketing_platform.schedule.registry import handlers_load
from marketing_platform.users.permissions import Permission, allowed, requires

FILTERS = (
    ("all", _("All")),
    ("needs-you", _("Needs you")),
    ("waiting", _("On the way")),
    ("live", _("Sent")),
    ("not-sent", _("Not sent")),
)
ANSWERS = {"live": (True, False), "again": (False, True), "leave": (False, False)}


@never_cache
@require_safe
@requires(Permission.READ)
def effects(request: HttpRequest) -> HttpResponse:
    handlers_load()
    show = request.GET.get("show", "all")
    page = effects_page(show=show, cursor=request.GET.get("cursor", ""))
    context = {
        "effects": [shown(effect) for effect in page.effects],
        "next_cursor": page.next_cursor,
        "show": show,
        "filters": [{"name": name, "label": gettext(label)} for name, label in FILTERS],
        "needs_you": needs_you_count(),
        "is_stopped": is_stopped(),
        "paused": [
            {"channel": row, "reason": said(row.sentence, row.params)} for row in paused_channels()
        ],
        "may_act": _may_act(request),
    }
    return render(request, "effects/effects.html", context)


@never_cache
@require_safe
@requires(Permission.READ)
def effect(request: HttpRequest, effect_id: UUID) -> HttpResponse:
    handlers_load()
    row = effect_of_id(effect_id)
    context = {
        "effect": shown(row),
        "history": [line(event, row.kind) for event in history_of(row)],
        "may_act": _may_act(request),
        "is_too_late": row.expires_at <= clock.now(),
    }
    return render(request, "effects/effect.html", context)


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def answer(request: HttpRequest, effect_id: UUID) -> HttpResponse:
    given = request.POST.get("answer", "")
    if given not in ANSWERS:
        raise InvalidInput(_("Press one of the three buttons."), field="answer")
    happened, again = ANSWERS[given]
    try:
        effect_answer(
            effect_id=effect_id,
            happened=happened,
            again=again,
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except (EffectNotAsked, EffectTooLate, EffectNeverAgain) as refused:
        messages.info(request, gettext(refused.sentence))
    else:
        messages.success(request, gettext("Thank you. Noted."))
    return redirect("effect", effect_id=effect_id)


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def cancel(request: HttpRequest, effect_id: UUID) -> HttpResponse:
    try:
        effect_cancel(effect_id=effect_id, actor_id=request.user.pk, now=clock.now())
    except (EffectUnderway, EffectOver) as refused:
        messages.info(request, gettext(refused.sentence))
    else:
        messages.success(request, gettext("Stopped. It is not sent."))
    return redirect("effect", effect_id=effect_id)


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS, when_read_only=True)
def stop(request: HttpRequest) -> HttpResponse:
    """Stop everything, or start again."""
    on = request.POST.get("on", "")
    if on not in {"yes", "no"}:
        raise InvalidInput(_("Press one of the buttons."), field="on")
    count = stop_everything(on=on == "yes", actor_id=request.user.pk, now=clock.now())
    if on == "yes":
        text = ngettext(
            "Everything is stopped. %d planned thing was cancelled.",
            "Everything is stopped. %d planned things were cancelled.",
            count,
        )
        messages.warning(request, text % count)
    else:
        messages.success(request, gettext("Started again. What you plan now goes out."))
    return redirect("effects")


@never_cache
@require_POST
@requires(Permission.APPROVE_POSTS)
def try_again(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    channel_try_again(connection_id=connection_id, now=clock.now())
    messages.success(request, gettext("We try again. What waited goes out soon."))
    return redirect("effects")


def _may_act(request: HttpRequest) -> bool:
    return allowed(request.membership.role, Permission.APPROVE_POSTS)
