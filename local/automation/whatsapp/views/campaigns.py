"""Campaigns: list, builder, approval, progress."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.whatsapp.engine.measuring import LEAST_SENT, health_of
from local.automation.whatsapp.engine.window import next_waking
from local.automation.whatsapp.forms import SEGMENT_WORDS, CampaignForm
from local.automation.whatsapp.models import Campaign, MessageTemplate
from local.automation.whatsapp.selectors.account import settings_now, whatsapp_connection
from local.automation.whatsapp.selectors.campaigns import (
    campaign_of,
    campaigns_page,
    counts_of,
    effect_measured,
    message_counts,
    template_of,
    templates_all,
)
from local.automation.whatsapp.services.campaigns import (
    campaign_approve,
    campaign_pause,
    campaign_propose,
    campaign_resume,
    campaign_stop,
)
from local.automation.whatsapp.views.shared import (
    count_rows,
    forecast_lines,
    left_out_lines,
    may,
    sample_post,
    spent,
)
from local.customers.selectors import segment_counts
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, requires

HEALTH_OF = timedelta(days=90)


@never_cache
@require_safe
@requires(Permission.READ)
def campaigns(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    page = int(request.GET["page"]) if request.GET.get("page", "").isdecimal() else 1
    page = min(page, 10_000)
    rows, has_more = campaigns_page(page)
    sent = message_counts(now - HEALTH_OF)
    settings = settings_now()
    context = {
        "campaigns": rows,
        "next_page": page + 1 if has_more else None,
        "health": health_of(sent),
        "health_missing": LEAST_SENT - sent.sent,
        "stopped_sentence": gettext(settings.stop_sentence) if settings.stop_sentence else "",
        "may_work": may(request, Permission.WORK),
        "may_spend": may(request, Permission.APPROVE_SPEND),
    }
    return render(request, "local/whatsapp/campaigns.html", context)


@never_cache
@require_safe
@requires(Permission.WORK)
def campaign_new(request: HttpRequest) -> HttpResponse:
    """First which message, then the rest on one page."""
    asked = request.GET.get("template", "")
    if not asked.isdecimal() or len(asked) > 15:
        context = {"templates": templates_all(), "segment": _segment(request)}
        return render(request, "local/whatsapp/choose_template.html", context)
    template = template_of(int(asked))
    starts_at = next_waking(clock.now() + timedelta(minutes=10)).astimezone(clock.IST)
    initial = {"title": template.title, "segment": _segment(request), "starts_at": starts_at}
    return _builder(request, template, initial=initial)


def _segment(request: HttpRequest) -> str:
    """The list that a task or an insight asked for."""
    asked = request.GET.get("segment", "")
    return asked if asked in SEGMENT_WORDS else "all_agreed"


@require_POST
@requires(Permission.WORK)
def campaign_add(request: HttpRequest, template_id: int) -> HttpResponse:
    return _builder(request, template_of(template_id), data=request.POST)


@never_cache
@require_safe
@requires(Permission.WORK)
def campaign_edit(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_of(campaign_id)
    initial = {
        "title": campaign.title,
        "segment": campaign.segment,
        "way": campaign.way,
        "starts_at": campaign.starts_at.astimezone(clock.IST),
        "cap_people": campaign.cap_people,
        "cap": campaign.cap_paise // 100,
    }
    return _builder(request, campaign.template, campaign=campaign, initial=initial)


@require_POST
@requires(Permission.WORK)
def campaign_change(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_of(campaign_id)
    return _builder(request, campaign.template, campaign=campaign, data=request.POST)


def _builder(
    request: HttpRequest,
    template: MessageTemplate,
    *,
    campaign: Campaign | None = None,
    data: Any = None,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    counts = segment_counts(clock.now())
    is_connected = whatsapp_connection() is not None
    form = CampaignForm(
        data,
        template=template,
        counts=counts,
        is_connected=is_connected,
        values=campaign.values if campaign else None,
        initial={
            "way": "api" if is_connected and template.is_usable else "hand",
            **(initial or {}),
        },
    )
    if data is not None and form.is_valid():
        try:
            saved = campaign_propose(
                wish=form.wish(),
                now=clock.now(),
                campaign_id=campaign.pk if campaign else None,
                actor_id=request.user.pk,
            )
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        else:
            return redirect("local-campaign", saved.pk)
    context = {
        "form": form,
        "template": template,
        "campaign": campaign,
        "is_connected": is_connected,
        "usual_gap": counts.usual_gap,
    }
    status = 200 if data is None else 422
    return render(request, "local/whatsapp/builder.html", context, status=status)


@never_cache
@require_safe
@requires(Permission.READ)
def campaign_page(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign, now = campaign_of(campaign_id), clock.now()
    counts = counts_of(campaign_id)
    context = {
        "campaign": campaign,
        "segment": SEGMENT_WORDS.get(campaign.segment, campaign.segment),
        "reason": gettext(campaign.reason) if campaign.reason else "",
        "post": sample_post(campaign),
        "lang": campaign.template.language[:2],
        "buttons": campaign.template.buttons,
        "forecast": forecast_lines(campaign),
        "left_out": left_out_lines(campaign),
        "counts": count_rows(counts),
        "people": counts.people,
        "spent": spent(counts),
        "answered": counts.replied,
        "opted_out": counts.opted_out,
        "effect": _effect(campaign, now),
        "is_hand": campaign.way == "hand",
        "may_work": may(request, Permission.WORK),
        "may_spend": may(request, Permission.APPROVE_SPEND),
        "may_send_by_hand": may(request, Permission.CUSTOMER_NUMBERS),
    }
    return render(request, "local/whatsapp/campaign.html", context)


def _effect(campaign: Campaign, now: Any) -> dict[str, Any] | None:
    found = effect_measured(campaign, now)
    if found is None:
        return None
    return {
        "low": round(found.interval.low * 100, 1),
        "high": round(found.interval.high * 100, 1),
        "treated": found.treated,
        "control": found.control,
        "is_clear": found.is_clear,
    }


@require_POST
@requires(Permission.APPROVE_SPEND)
def approve(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    content = request.POST.get("content", "")[:64]
    try:
        campaign = campaign_approve(
            campaign_id=campaign_id, content=content, actor_id=request.user.pk, now=clock.now()
        )
    except PlatformError as error:
        messages.error(request, sentence_of(error))
        return redirect("local-campaign", campaign_id)
    if campaign.way == "hand":
        return redirect("local-campaign-hand", campaign_id)
    messages.success(request, gettext("Approved. It goes out at its time."))
    return redirect("local-campaign", campaign_id)


@require_POST
@requires(Permission.WORK, when_read_only=True)
def pause(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    return _changed(request, campaign_id, campaign_pause, gettext("Paused. Nothing more goes out."))


@require_POST
@requires(Permission.APPROVE_SPEND)
def resume(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    return _changed(request, campaign_id, campaign_resume, gettext("It goes on."))


@require_POST
@requires(Permission.WORK, when_read_only=True)
def stop(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    return _changed(request, campaign_id, campaign_stop, gettext("Stopped for good."))


def _changed(request: HttpRequest, campaign_id: UUID, change: Any, said: str) -> HttpResponse:
    try:
        change(campaign_id=campaign_id, now=clock.now(), actor_id=request.user.pk)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, said)
    return redirect("local-campaign", campaign_id)
