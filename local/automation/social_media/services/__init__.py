"""What people of the workspace change about posts."""

from local.automation.social_media.services.deciding import (
    REASONS,
    post_approve,
    post_cancel,
    post_edit,
    post_later,
    post_no,
)
from local.automation.social_media.services.own import (
    CONSENT_RULE,
    MOST_OFFERS,
    MOST_RESULTS,
    RESULT_SUBJECT,
    brand_photo_remove,
    brand_photo_set,
    brand_update,
    class_seats_clear,
    class_seats_set,
    coaching_result_add,
    coaching_result_hide,
    coaching_result_withdraw,
    day_idea_choose,
    offer_add,
    offer_end,
)
from local.automation.social_media.services.posted import posted_mark, posted_undo
from local.automation.social_media.services.proposing import PostContent, as_worded, post_propose
from local.automation.social_media.services.sending import post_schedule
from local.automation.social_media.services.settling import (
    facts_refuse,
    post_link_keep,
    post_moves,
    posts_tidy,
)

__all__ = [
    "CONSENT_RULE",
    "MOST_OFFERS",
    "MOST_RESULTS",
    "REASONS",
    "RESULT_SUBJECT",
    "PostContent",
    "as_worded",
    "brand_photo_remove",
    "brand_photo_set",
    "brand_update",
    "class_seats_clear",
    "class_seats_set",
    "coaching_result_add",
    "coaching_result_hide",
    "coaching_result_withdraw",
    "day_idea_choose",
    "facts_refuse",
    "offer_add",
    "offer_end",
    "post_approve",
    "post_cancel",
    "post_edit",
    "post_later",
    "post_link_keep",
    "post_moves",
    "post_no",
    "post_propose",
    "post_schedule",
    "posted_mark",
    "posted_undo",
    "posts_tidy",
]
