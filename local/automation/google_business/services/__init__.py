"""What changes on the profile, and what the owner decides about it."""

from local.automation.google_business.services.hours import (
    hours_by_hand,
    hours_insist,
    hours_keep,
    hours_set,
)
from local.automation.google_business.services.posts import post_by_hand, post_cancel, post_publish
from local.automation.google_business.services.reading import ReadResult, google_read
from local.automation.google_business.services.replies import (
    reply_approve,
    reply_by_hand,
    reply_draft_again,
    reply_drafted,
    reply_edit,
    reply_ensure,
    reply_not_posted,
)
from local.automation.google_business.services.reviews import review_paste, review_remove

__all__ = [
    "ReadResult",
    "google_read",
    "hours_by_hand",
    "hours_insist",
    "hours_keep",
    "hours_set",
    "post_by_hand",
    "post_cancel",
    "post_publish",
    "reply_approve",
    "reply_by_hand",
    "reply_draft_again",
    "reply_drafted",
    "reply_edit",
    "reply_ensure",
    "reply_not_posted",
    "review_paste",
    "review_remove",
]
