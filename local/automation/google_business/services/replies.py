"""Replies to reviews: drafted, edited, approved as read, sent once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from local.automation.google_business.engine.replies import (
    RULES,
    ReviewText,
    check_reply,
    content_hash,
    draft_reply,
    needs_person,
)
from local.automation.google_business.errors import (
    NeedsPerson,
    NotConnected,
    ReplyChanged,
    ReplyRefused,
    ReplyUnderWay,
    UnknownReview,
)
from local.automation.google_business.models import Review, ReviewReply
from local.automation.google_business.selectors import google_connection, location_of, shop
from marketing_platform.audit.services import audit_record
from marketing_platform.effects.services import effect_plan

EFFECT = "google.review_reply"
# A reply after a month helps nobody; until then it waits for a sign-in, say.
SENT_WITHIN = timedelta(days=30)
OPEN = ("draft", "refused")


@transaction.atomic
def reply_ensure(*, review_id: int, now: datetime) -> ReviewReply:
    """The reply of a review; drafted now if there is none. Raises UnknownReview."""
    review = _review(review_id)
    reply = ReviewReply.objects.filter(review=review).first()
    if reply is None:
        reply = reply_drafted(review, ReviewReply(review=review), now)
        reply.save()
    return reply


def reply_drafted(review: Review, reply: ReviewReply, now: datetime) -> ReviewReply:
    """The row with a fresh draft in it, not saved. The same review gives the same words."""
    made = draft_reply(
        ReviewText(
            key=review.remote_name or str(review.pk),
            stars=review.stars,
            text=review.text,
            reviewer=review.reviewer,
        ),
        shop(),
    )
    reply.state, reply.language = "draft", made.language
    reply.drafted_text = reply.text = made.text
    reply.reasons = [{"code": each.code, "params": each.params} for each in made.reasons]
    reply.content_hash, reply.approved_hash = content_hash(made.text), ""
    reply.approved_at, reply.approver_id, reply.changed_at = None, None, now
    reply.failure_sentence, reply.failure_params = "", {}
    return reply


@transaction.atomic
def reply_draft_again(*, review_id: int, now: datetime) -> ReviewReply:
    """Throw the owner's words away for a fresh draft. Raises UnknownReview, ReplyUnderWay."""
    reply = reply_drafted(_review(review_id), _open_reply(review_id, now), now)
    reply.save()
    return reply


@transaction.atomic
def reply_edit(
    *, review_id: int, text: str, now: datetime, read_hash: str | None = None
) -> ReviewReply:
    """Keep the owner's words; whatever was approved before is void.

    With `read_hash`, only in place of the words that were read. Raises UnknownReview,
    ReplyUnderWay, ReplyChanged or ReplyRefused (with the rule it breaks).
    """
    reply = _open_reply(review_id, now)
    if read_hash is not None and reply.content_hash != read_hash:
        raise ReplyChanged
    text = _cleaned(text)
    _refuse(text)
    reply.text, reply.content_hash = text, content_hash(text)
    reply.state, reply.approved_hash, reply.approved_at = "draft", "", None
    reply.approver_id, reply.changed_at = None, now
    reply.save()
    return reply


@transaction.atomic
def reply_approve(
    *, review_id: int, read_hash: str, now: datetime, actor_id: UUID | None
) -> ReviewReply:
    """Send the reply exactly as it was read (`read_hash` is its content_hash).

    Approving twice plans one reply. Raises UnknownReview, ReplyUnderWay, ReplyChanged,
    ReplyRefused, NeedsPerson (no person behind it, and three stars or fewer or health), or
    NotConnected: then it is posted by hand.
    """
    reply = _locked(review_id, now)
    review = reply.review
    if reply.state in ("sending", "in_review", "done") and reply.approved_hash == read_hash:
        return reply
    if reply.state not in OPEN:
        raise ReplyUnderWay
    if reply.content_hash != read_hash:
        raise ReplyChanged
    _refuse(reply.text)
    if actor_id is None and needs_person(review.stars, shop().category):
        raise NeedsPerson
    connection = google_connection()
    if connection is None or review.remote_name is None:
        raise NotConnected
    reply.attempt += 1
    effect = effect_plan(
        kind=EFFECT,
        key=(review.remote_name, reply.content_hash, str(reply.attempt)),
        payload={
            "review": review.remote_name,
            "text": reply.text,
            "reply_id": reply.pk,
            "location": location_of(connection),
        },
        due_at=now,
        expires_at=now + SENT_WITHIN,
        connection=connection,
        subject=f"{review.stars}★ {review.reviewer}".strip(),
        now=now,
    )
    _approved(reply, "sending", now, actor_id)
    reply.effect_id = effect.pk
    reply.save()
    return reply


@transaction.atomic
def reply_by_hand(
    *, review_id: int, read_hash: str, now: datetime, actor_id: UUID | None
) -> ReviewReply:
    """The owner posted this text on Google. Raises UnknownReview, ReplyUnderWay, ReplyChanged,
    ReplyRefused."""
    reply = _open_reply(review_id, now)
    if reply.content_hash != read_hash:
        raise ReplyChanged
    _refuse(reply.text)
    _approved(reply, "by_hand", now, actor_id)
    reply.save()
    Review.objects.filter(pk=review_id).update(reply_text=reply.text, replied_at=now)
    return reply


@transaction.atomic
def reply_not_posted(*, review_id: int, now: datetime) -> ReviewReply:
    """Undo reply_by_hand; twice is no error. Raises UnknownReview, ReplyUnderWay."""
    reply = _locked(review_id, now)
    if reply.state in OPEN:
        return reply
    if reply.state != "by_hand":
        raise ReplyUnderWay
    reply.state, reply.approved_hash, reply.approved_at = "draft", "", None
    reply.approver_id, reply.changed_at = None, now
    reply.save()
    Review.objects.filter(pk=review_id).update(reply_text="", replied_at=None)
    return reply


def _review(review_id: int) -> Review:
    review = Review.objects.select_for_update().filter(pk=review_id, gone_at__isnull=True).first()
    if review is None:
        raise UnknownReview
    return review


def _locked(review_id: int, now: datetime) -> ReviewReply:
    """The review's row is what everybody waits at."""
    _review(review_id)
    return reply_ensure(review_id=review_id, now=now)


def _open_reply(review_id: int, now: datetime) -> ReviewReply:
    reply = _locked(review_id, now)
    if reply.state not in OPEN:
        raise ReplyUnderWay
    return reply


def _approved(reply: ReviewReply, state: str, now: datetime, actor_id: UUID | None) -> None:
    reply.state, reply.failure_sentence, reply.failure_params = state, "", {}
    reply.approved_hash, reply.approved_at = reply.content_hash, now
    reply.approver_id, reply.changed_at = actor_id, now
    audit_record(
        action="review_reply_approved",
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=f"review:{reply.review_id}",
        detail={"state": state, "content_hash": reply.content_hash},
        now=now,
    )


def _refuse(text: str) -> None:
    ours = shop()
    breaches = check_reply(text, category=ours.category, shop_phone=ours.phone)
    if breaches:
        raise ReplyRefused(RULES[breaches[0].rule], field="text", **breaches[0].params)


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()
