"""Changing, cancelling, pausing and coming back: first the figures, then a confirmation."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.models import OPEN_CHANGES, PlanChange, Subscription
from billing.selectors import subscription_current
from billing.services.asking import cancel_ask, keep_ask, pause_ask, resume_ask
from billing.services.changing import change_abandon, change_start
from billing.services.previewing import Preview, change_preview
from billing.views.counting import counted_again
from billing.views.summary import (
    PERIODS,
    SeeOther,
    back_from_gateway,
    summary_page,
    to_payment,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.users.permissions import Permission, requires

LONGEST_FIGURE = 15
SAID = {
    "cancel_now": _("Your plan has ended. What is paid can be used up."),
    "cancel_at_end": _("Your plan ends with the paid period. Until then everything works."),
    "cancel_trial": _("Your trial is cancelled. Until its last day everything works."),
    "keep": _("Your plan goes on."),
    "pause": _("Your plan is paused. Nothing is charged until you resume it."),
    "resume": _("Your plan runs again."),
    "changed": _("Your plan is changed."),
    "abandoned": _("The change is taken back. Everything stays as it was."),
}


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_change(request: HttpRequest) -> HttpResponse:
    """What the other period would cost, to the paisa; nothing is changed by looking."""
    subscription = _current(request)
    other = "year" if subscription.interval == "month" else "month"
    interval = PERIODS.get(request.GET.get("period", ""), other)
    try:
        preview = change_preview(subscription=subscription, interval=interval, now=clock.now())
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    return render(request, "billing/change.html", {"preview": _words(preview)})


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_change_start(request: HttpRequest) -> HttpResponse:
    """Begin the very change that was shown; other figures by now are shown again."""
    subscription = _current(request)
    try:
        change = change_start(
            subscription=subscription,
            interval=PERIODS.get(request.POST.get("period", ""), ""),
            at=_moment(request.POST.get("at", "")),
            seen_paise=_figure(request.POST.get("seen", "")),
            return_url=back_from_gateway(request),
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    page = change.checkouts.filter(state="open").exclude(url="").last()
    if page is not None:
        return to_payment(page)
    messages.success(request, gettext(SAID["changed"]))
    return SeeOther(reverse("billing"))


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_change_abandon(request: HttpRequest) -> HttpResponse:
    change = PlanChange.objects.filter(tenant=request.tenant, state__in=OPEN_CHANGES).first()
    if change is None:
        raise Http404
    return _asked(request, "abandoned", lambda now: change_abandon(change=change, now=now))


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_cancel(request: HttpRequest) -> HttpResponse:
    """What ends and when, before it does."""
    return render(request, "billing/cancel.html", {"subscription": _current(request)})


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_cancel_ask(request: HttpRequest) -> HttpResponse:
    is_later = request.POST.get("when") != "now"
    subscription = _current(request)
    return _asked(
        request,
        _cancelled(subscription, is_later),
        lambda now: cancel_ask(
            subscription=subscription,
            at_period_end=is_later,
            actor_id=request.user.pk,
            now=now,
        ),
    )


def _cancelled(subscription: Subscription, is_later: bool) -> str:
    """What to say; a trial has no paid period."""
    if not subscription.gateway:
        return "cancel_now" if subscription.current_period_end else "cancel_trial"
    return "cancel_at_end" if is_later else "cancel_now"


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_keep(request: HttpRequest) -> HttpResponse:
    return _wish(request, "keep", keep_ask)


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_pause(request: HttpRequest) -> HttpResponse:
    return _wish(request, "pause", pause_ask)


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_resume(request: HttpRequest) -> HttpResponse:
    return _wish(request, "resume", resume_ask)


def _wish(request: HttpRequest, said: str, ask: Callable[..., Any]) -> HttpResponse:
    subscription = _current(request)
    actor_id = request.user.pk
    return _asked(
        request, said, lambda now: ask(subscription=subscription, actor_id=actor_id, now=now)
    )


def _asked(request: HttpRequest, said: str, act: Callable[[datetime], Any]) -> HttpResponse:
    try:
        act(clock.now())
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    messages.success(request, gettext(SAID[said]))
    return SeeOther(reverse("billing"))


def _current(request: HttpRequest) -> Subscription:
    subscription = subscription_current(request.tenant)
    if subscription is None:
        raise Http404
    return subscription


def _moment(text: str) -> datetime:
    """When the figures were computed; what is no time is long ago: the figures changed."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        return datetime(2000, 1, 1, tzinfo=clock.IST)
    return found


def _figure(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_FIGURE
    return int(text) if is_number else -1


def _words(preview: Preview) -> dict[str, Any]:
    amounts = {
        "credit": preview.credit_paise,
        "price": preview.price_paise,
        "price_with_tax": preview.price_with_tax_paise,
        "charged": preview.charged_paise,
        "refund": preview.refund_paise,
    }
    return {
        "way": preview.way,
        "period": "annual" if preview.interval == "year" else "monthly",
        "effective_at": preview.effective_at,
        "at": preview.computed_at.isoformat(),
        "seen": preview.charged_paise,
        "needs_mandate": preview.needs_mandate,
        "debit": preview.headroom.debit,
        "has_refund": preview.refund_paise > 0,
        **{name: Rupees(paise).format() for name, paise in amounts.items()},
    }
