"""The day's content, and the posts that are sent."""

from local.automation.social_media.api.day import SocialMediaView
from local.automation.social_media.api.posts import (
    PostApproveView,
    PostCancelView,
    PostsView,
    PostView,
)

__all__ = ["PostApproveView", "PostCancelView", "PostView", "PostsView", "SocialMediaView"]
