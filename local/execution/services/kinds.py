"""Kinds of tasks: where each is done, who may approve it, how its feature says it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import HoursChange, Review, ReviewReply
from local.automation.social_media.selectors import planned_states, posted_networks
from local.execution.engine.states import State
from local.execution.models import Action
from marketing_platform.users.permissions import Permission

S = State


@dataclass(frozen=True)
class Kind:
    """`approve(action, actor_id, now)` carries out what was approved, through its feature; None:
    the owner does it. `follow(action)` is the state its feature is in, None when it says nothing.
    `content(action)` is the hash of what an approval would carry out now.
    """

    url: Callable[[Action], str]
    permission: Permission
    approve: Callable[[Action, UUID, datetime], None] | None = None
    follow: Callable[[Action], State | None] | None = None
    content: Callable[[Action], str | None] | None = None
    guide: str = ""


def post_url(action: Action) -> str:
    return reverse("local-post", args=[action.on])


def post_follow(action: Action) -> State | None:
    """One network to look at comes first; then it is done when it is out anywhere."""
    states = planned_states(action.on)
    if "needs_check" in states:
        return S.NEEDS_CHECK
    if posted_networks([action.on]).get(action.on):
        return S.DONE
    return S.RUNNING if states & {"scheduled", "sending"} else None


def review_url(action: Action) -> str:
    return reverse("local-google-review", args=[action.facts["review_id"]])


def review_approve(action: Action, actor_id: UUID, now: datetime) -> None:
    """Raises what the reply's own approval raises: it may have changed, or be under way."""
    GMBAutomation().approve(
        action.facts["review_id"], action.approved_hash, now=now, actor_id=actor_id
    )


def review_content(action: Action) -> str | None:
    reply = ReviewReply.objects.filter(review_id=action.facts["review_id"]).first()
    return reply.content_hash if reply else None


REPLY_STATES = {
    "sending": S.RUNNING,
    "in_review": S.RUNNING,
    "done": S.DONE,
    "by_hand": S.DONE,
    "refused": S.FAILED,
}


def review_follow(action: Action) -> State | None:
    reply = ReviewReply.objects.filter(review_id=action.facts["review_id"]).first()
    if reply is not None and reply.state in REPLY_STATES:
        return REPLY_STATES[reply.state]
    is_answered = Review.objects.filter(
        pk=action.facts["review_id"], replied_at__isnull=False
    ).exists()
    return S.DONE if is_answered else None


def hours_follow(action: Action) -> State | None:
    on = action.facts.get("on")
    states = HoursChange.objects.filter(on=on).values_list("state", flat=True)
    if {"done", "by_hand"} & set(states):
        return S.DONE
    return S.RUNNING if "sending" in states else None


def page(name: str, *, with_segment: bool = False) -> Callable[[Action], str]:
    def url(action: Action) -> str:
        address = reverse(name)
        segment: Any = action.facts.get("segment")
        return f"{address}?segment={segment}" if with_segment and segment else address

    return url


def guide_url(action: Action) -> str:
    return reverse("local-guide", args=[action.facts["guide"]])


KINDS: dict[str, Kind] = {
    "post": Kind(post_url, Permission.APPROVE_POSTS, follow=post_follow),
    "review_reply": Kind(
        review_url,
        Permission.APPROVE_POSTS,
        approve=review_approve,
        follow=review_follow,
        content=review_content,
    ),
    "hours": Kind(page("local-google-hours"), Permission.APPROVE_SPEND, follow=hours_follow),
    "campaign": Kind(page("local-campaign-new", with_segment=True), Permission.APPROVE_SPEND),
    "offer": Kind(page("local-offers"), Permission.APPROVE_SPEND),
    "guide": Kind(guide_url, Permission.WORK),
    "occasion": Kind(page("local-occasions"), Permission.WORK),
    "setup_customers": Kind(page("local-customers-import"), Permission.WORK),
    "setup_reviews": Kind(page("local-google-reviews"), Permission.WORK),
    "setup_connect": Kind(page("connections"), Permission.CONNECTIONS),
    "setup_hours": Kind(page("local-google-hours"), Permission.APPROVE_SPEND),
}
