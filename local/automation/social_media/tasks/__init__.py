"""What is done about posts when nobody looks, and how they leave."""

from local.automation.social_media.tasks.days import (
    day_prepare,
    posts_tidy_up,
    result_leaves,
    week_plan,
)
from local.automation.social_media.tasks.leaving import FacebookPost, InstagramImage, post_link

__all__ = [
    "FacebookPost",
    "InstagramImage",
    "day_prepare",
    "post_link",
    "posts_tidy_up",
    "result_leaves",
    "week_plan",
]
