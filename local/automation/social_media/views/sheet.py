"""The approve sheet: what would go out where, and when; asked from the page of a day."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from local.automation.social_media.engine import Caption, DailyContent
from local.automation.social_media.engine.best_time import best_slot, end_of
from local.automation.social_media.engine.library import network_limits
from local.automation.social_media.engine.posting import CLOSED, WAITING, State
from local.automation.social_media.front_door import NETWORK_LABELS
from local.automation.social_media.front_door.publishing import post_content
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import Channel, channels, planned_between
from local.automation.social_media.services import REASONS, as_worded
from local.automation.social_media.views.shared import interface_language
from local.automation.social_media.views.states import told
from marketing_platform.core.clock import IST

STOPPABLE = frozenset({State.APPROVED, State.SCHEDULED})


def sheet_of(
    content: DailyContent,
    language: str,
    *,
    category: str,
    today: date,
    now: datetime,
    typed: dict[str, tuple[str, str]] | None = None,
) -> dict[str, Any] | None:
    """None while no network is connected: then the owner shares by hand. `typed`: words that were
    refused, and why, by network.
    """
    found = channels()
    if not found:
        return None
    planned = planned_between(content.date, content.date).get(content.date, {})
    rows = [
        _row(content, language, channel, planned.get(network), today, (typed or {}).get(network))
        for network, channel in found.items()
    ]
    is_over = end_of(content.date, IST) <= now
    slot = None if is_over else best_slot(category, content.date, now=now, zone=IST)
    return {
        "rows": rows,
        "is_over": is_over,
        "is_asking": not is_over and any(row["can_approve"] for row in rows),
        "is_waiting": not is_over and any(row["is_waiting"] for row in rows),
        "time": f"{slot.at:%H:%M}" if slot else "",
        "time_reason": slot.reason(interface_language()) if slot else "",
        "may_go_now": content.date == today and slot is not None,
        "reasons": [(name, gettext(text)) for name, text in REASONS.items()],
    }


def reworded(previews: list[dict[str, Any]], sheet: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The previews with the words that would go out, where the owner changed them."""
    changed = {row["network"]: row["caption"] for row in (sheet or {}).get("rows", ())}
    return [
        {**each, "post": Caption(changed[each["network"]], (), "")}
        if changed.get(each["network"], each["post"].full_text) != each["post"].full_text
        else each
        for each in previews
    ]


def is_live(sheet: dict[str, Any] | None, network: str) -> bool:
    """Whether we sent it: then nobody has to say so."""
    return any(
        row["told"] is not None and row["told"]["state"] == State.LIVE
        for row in (sheet or {}).get("rows", ())
        if row["network"] == network
    )


def _row(
    content: DailyContent,
    language: str,
    channel: Channel,
    post: PlannedPost | None,
    today: date,
    typed: tuple[str, str] | None,
) -> dict[str, Any]:
    one = post_content(content, channel.network, language)
    is_free = post is None or post.state in WAITING | CLOSED
    row: dict[str, Any] = {
        "network": channel.network,
        "label": NETWORK_LABELS[channel.network],
        "account": channel.name,
        "needs_sign_in": not channel.is_ready,
        "told": told(post, today) if post is not None else None,
        "can_approve": is_free and one is not None,
        "is_waiting": is_free and one is not None and (post is None or post.state in WAITING),
        "is_ticked": post is None or post.state in {State.PROPOSED, State.APPROVED},
        "may_stop": post is not None and post.state in STOPPABLE,
        "caption": "",
        "error": "",
    }
    if is_free and one is not None:
        worded = as_worded(post, one)
        row |= {"caption": worded.caption, "hash": worded.hash_for(channel.account_id)}
        row |= _counted(worded.caption, channel.network)
    elif post is not None and (post.language, post.variant) == (language, content.variant):
        row["caption"] = post.caption
    if typed is not None:
        row["typed"], row["error"] = typed
    return row


def _counted(caption: str, network: str) -> dict[str, Any]:
    limit = network_limits()[network]
    return {"length": limit.measure(caption), "most": limit.limit}
