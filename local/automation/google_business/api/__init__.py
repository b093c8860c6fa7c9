"""The API of the Google profile."""

from local.automation.google_business.api.posts import PostsView
from local.automation.google_business.api.profile import HoursView, ProfileView
from local.automation.google_business.api.reviews import ReviewReplyView, ReviewsView

__all__ = ["HoursView", "PostsView", "ProfileView", "ReviewReplyView", "ReviewsView"]
