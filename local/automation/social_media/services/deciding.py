"""What the owner says to a proposed post. Each call locks its row and makes one change."""

from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language

from local.automation.social_media.engine import PolicyContext, check_owner_words, check_written
from local.automation.social_media.engine.posting import (
    BOUND,
    WAITING,
    State,
    clean_caption,
    fault_of,
)
from local.automation.social_media.errors import (
    CaptionRefused,
    PostChanged,
    PostSettled,
    ReasonUnknown,
    WordsBreakRule,
)
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.services.rows import LABELS, audited, bind, connected, locked
from local.automation.social_media.services.sending import unplan
from local.automation.social_media.services.settling import facts_refuse
from marketing_platform.core.language import shown_language
from marketing_platform.core.text import mark as _

REASONS = MappingProxyType(
    {
        "not_true": _("It is not right for my shop"),
        "not_now": _("Not on this day"),
        "words": _("I do not like the words"),
        "picture": _("I do not like the picture"),
        "enough": _("I have posted enough"),
    }
)
FAULTS = MappingProxyType(
    {
        "empty": _("Write the post first."),
        "too_long": _("%(network)s takes at most %(most)d characters. Make it shorter."),
        "hashtags": _("%(network)s takes at most %(most)d hashtags. Take some out."),
    }
)


@transaction.atomic
def post_edit(
    *,
    post_id: UUID,
    caption: str,
    context: PolicyContext,
    now: datetime,
    actor_id: UUID | None = None,
) -> PlannedPost:
    """The owner's words. Voids an approval, and stops what was planned with the words before.

    Raises PostMissing, PostSettled, PostUnderway, CaptionRefused or WordsBreakRule (`caption`).
    """
    post = locked(post_id)
    if post.state not in {*WAITING, State.SCHEDULED, State.SENDING}:
        raise PostSettled
    caption = clean_caption(caption)
    _refuse(caption, post.network, check_owner_words(caption, context, network=post.network))
    if caption == post.caption:
        return post
    post.caption, post.is_edited, post.container_id = caption, True, ""
    unplan(post, now, actor_id)
    bind(post, post.account_id)
    post.actor_id, post.changed_at = actor_id, now
    post.save()
    return post


@transaction.atomic
def post_approve(
    *,
    post_id: UUID,
    seen_hash: str,
    context: PolicyContext,
    now: datetime,
    actor_id: UUID | None = None,
) -> PlannedPost:
    """Say yes to exactly what was read. The same yes twice is one.

    Raises PostMissing, PostChanged, PostSettled, NetworkNotConnected, FactsGone, CaptionRefused,
    WordsBreakRule.
    """
    post = locked(post_id)
    if post.state in BOUND and post.approved_hash == seen_hash:
        return post
    if post.state not in WAITING:
        raise PostSettled
    channel = connected(post.network)
    bind(post, channel.account_id)
    if post.content_hash != seen_hash:
        raise PostChanged
    _recheck(post, context)
    post.state, post.approved_hash = State.APPROVED, post.content_hash
    post.approved_by, post.approved_at, post.changed_at = actor_id, now, now
    post.failure_sentence, post.failure_params, post.reason = "", {}, ""
    post.save()
    audited("post_approved", post, actor_id, now, content_hash=post.content_hash)
    return post


@transaction.atomic
def post_later(*, post_id: UUID, now: datetime, actor_id: UUID | None = None) -> PlannedPost:
    """Put aside what waits for a yes; it is kept until its day ends. Raises PostMissing,
    PostSettled."""
    post = locked(post_id)
    if post.state not in WAITING:
        raise PostSettled
    post.state, post.approved_hash = State.DRAFT, ""
    post.changed_at, post.actor_id = now, actor_id
    post.save()
    return post


@transaction.atomic
def post_no(
    *, post_id: UUID, reason: str, now: datetime, actor_id: UUID | None = None
) -> PlannedPost:
    """Say no, and why. Raises ReasonUnknown, PostMissing, PostSettled, PostUnderway."""
    if reason not in REASONS:
        raise ReasonUnknown(field="reason")
    return _end(post_id, reason, now, actor_id)


@transaction.atomic
def post_cancel(*, post_id: UUID, now: datetime, actor_id: UUID | None = None) -> PlannedPost:
    """Stop it while nothing has left; twice is no error. Raises as post_no."""
    return _end(post_id, "", now, actor_id)


def _end(post_id: UUID, reason: str, now: datetime, actor_id: UUID | None) -> PlannedPost:
    post = locked(post_id)
    if post.state == State.CANCELLED:
        return post
    if post.state not in {*WAITING, State.SCHEDULED, State.SENDING}:
        raise PostSettled
    unplan(post, now, actor_id)
    post.state, post.reason, post.changed_at = State.CANCELLED, reason, now
    post.save()
    audited("post_stopped", post, actor_id, now, reason=reason)
    return post


def _recheck(post: PlannedPost, context: PolicyContext) -> None:
    """A day may lie between proposal and yes: facts and rules are looked at once more."""
    facts_refuse(post)
    check = check_owner_words if post.is_edited else check_written
    _refuse(post.caption, post.network, check(post.caption, context, network=post.network))


def _refuse(caption: str, network: str, breaches: tuple[Any, ...]) -> None:
    fault = fault_of(caption, network)
    if fault is not None:
        name, most = fault
        raise CaptionRefused(FAULTS[name], field="caption", network=LABELS[network], most=most)
    if breaches:
        language = shown_language(get_language())
        raise WordsBreakRule(field="caption", rule=breaches[0].sentence(language))
