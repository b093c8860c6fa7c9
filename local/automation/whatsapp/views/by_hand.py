"""Sending by hand: the next ten people, one link each."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.whatsapp.models import Campaign, CampaignState, RecipientState
from local.automation.whatsapp.selectors.campaigns import campaign_of, counts_of, recipients_of
from local.automation.whatsapp.services.by_hand import (
    hand_links,
    hand_sent,
    hand_skip,
    hand_undo,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mark as _
from marketing_platform.users.permissions import Permission, requires

LEFT_OUT = _("You left this person out.")


@never_cache
@require_safe
@requires(Permission.CUSTOMER_NUMBERS)
def by_hand(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    links, blocked = hand_links(campaign_id=campaign_id, now=clock.now())
    campaign, counts = campaign_of(campaign_id), counts_of(campaign_id)
    done = recipients_of(campaign_id, (RecipientState.SELF_REPORTED,)).order_by("-sent_at")[:5]
    context = {
        "campaign": campaign,
        "lang": campaign.template.language[:2],
        "links": links,
        "blocked": _blocked(campaign, blocked),
        "sent": counts.of(RecipientState.SELF_REPORTED),
        "left": counts.of(RecipientState.PLANNED),
        "done": done,
    }
    return render(request, "local/whatsapp/by_hand.html", context)


def _blocked(campaign: Campaign, sentence: str) -> str:
    if campaign.state == CampaignState.APPROVED:
        when = date_format(timezone.localtime(campaign.starts_at), "j F, H:i")
        return gettext("It begins on %(when)s. Come back then.") % {"when": when}
    return gettext(sentence) if sentence else ""


@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def sent(request: HttpRequest, campaign_id: UUID, recipient_id: int) -> HttpResponse:
    try:
        hand_sent(campaign_id=campaign_id, recipient_id=recipient_id, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("local-campaign-hand", campaign_id)


@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def skip(request: HttpRequest, campaign_id: UUID, recipient_id: int) -> HttpResponse:
    try:
        hand_skip(
            campaign_id=campaign_id, recipient_id=recipient_id, reason=LEFT_OUT, now=clock.now()
        )
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("local-campaign-hand", campaign_id)


@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def undo(request: HttpRequest, campaign_id: UUID, recipient_id: int) -> HttpResponse:
    try:
        hand_undo(campaign_id=campaign_id, recipient_id=recipient_id, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("local-campaign-hand", campaign_id)
