"""What became of a post, in words."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from local.automation.social_media.engine.posting import State
from local.automation.social_media.front_door import NETWORK_LABELS
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.services import REASONS
from marketing_platform.core.clock import IST
from marketing_platform.core.text import mark as _

S = State
WORDS = {
    S.DRAFT: _("Put aside"),
    S.PROPOSED: _("Needs you"),
    S.APPROVED: _("Approved, without a time"),
    S.SENDING: _("Going out now"),
    S.LIVE: _("Live"),
    S.NEEDS_CHECK: _("Look here: did it go out?"),
    S.SELF_REPORTED: _("Posted by you"),
    S.REJECTED: _("Refused"),
    S.EXPIRED: _("Too late, not sent"),
    S.CANCELLED: _("Stopped"),
}
# daisyUI's words for colours.
TONES = {
    S.LIVE: "success",
    S.SELF_REPORTED: "success",
    S.SCHEDULED: "info",
    S.SENDING: "info",
    S.NEEDS_CHECK: "warning",
    S.PROPOSED: "warning",
    S.REJECTED: "error",
    S.EXPIRED: "error",
}


def told(post: PlannedPost, today: date) -> dict[str, Any]:
    """One post's state: network label, words, tone, why, and a link to look at."""
    return {
        "network": post.network,
        "label": NETWORK_LABELS[post.network],
        "state": post.state,
        "words": _words(post, today),
        "tone": TONES.get(State(post.state), "neutral"),
        "why": _why(post),
        **_link(post),
    }


def _words(post: PlannedPost, today: date) -> str:
    if post.state == S.SCHEDULED and post.scheduled_at is not None:
        at = post.scheduled_at.astimezone(IST)
        if at.date() == today:
            return gettext("Going out at %(time)s") % {"time": f"{at:%H:%M}"}
        return gettext("Going out on %(day)s at %(time)s") % {
            "day": date_format(at.date(), "j F"),
            "time": f"{at:%H:%M}",
        }
    if post.state == S.LIVE and post.late_minutes:
        return gettext("Live, %(minutes)d minutes late") % {"minutes": post.late_minutes}
    return gettext(WORDS[State(post.state)])


def _why(post: PlannedPost) -> str:
    if post.state == S.CANCELLED and post.reason in REASONS:
        return gettext(REASONS[post.reason])
    if post.state not in {S.REJECTED, S.EXPIRED} or not post.failure_sentence:
        return ""
    text = gettext(post.failure_sentence)
    try:
        return text % post.failure_params if post.failure_params else text
    except (KeyError, TypeError, ValueError):
        return text


def _link(post: PlannedPost) -> dict[str, str]:
    if post.state == S.LIVE and post.remote_url:
        return {"url": post.remote_url, "url_label": gettext("See it")}
    if post.effect_id and post.state in {S.SENDING, S.NEEDS_CHECK}:
        return {
            "url": reverse("effect", args=[post.effect_id]),
            "url_label": gettext("Look here"),
        }
    return {"url": "", "url_label": ""}
