from django.urls import path

from local.automation.google_business.api import (
    HoursView,
    PostsView,
    ProfileView,
    ReviewReplyView,
    ReviewsView,
)
from local.automation.google_business.views import hours, posts, profile, reviews

urlpatterns = [
    path("google/", profile.overview, name="local-google"),
    path("google/read/", profile.read_again, name="local-google-read"),
    path("google/reviews/", reviews.review_list, name="local-google-reviews"),
    path("google/reviews/add/", reviews.review_new, name="local-google-review-add"),
    path("google/reviews/<int:review_id>/", reviews.review_page, name="local-google-review"),
    path(
        "google/reviews/<int:review_id>/reply/",
        reviews.review_reply,
        name="local-google-review-reply",
    ),
    path(
        "google/reviews/<int:review_id>/draft/",
        reviews.review_draft_again,
        name="local-google-review-draft",
    ),
    path(
        "google/reviews/<int:review_id>/not-posted/",
        reviews.review_not_posted,
        name="local-google-review-not-posted",
    ),
    path(
        "google/reviews/<int:review_id>/remove/",
        reviews.review_delete,
        name="local-google-review-remove",
    ),
    path("google/hours/", hours.hours, name="local-google-hours"),
    path("google/hours/set/", hours.hours_save, name="local-google-hours-set"),
    path(
        "google/hours/<int:change_id>/settle/",
        hours.hours_settle,
        name="local-google-hours-settle",
    ),
    path("google/post/", posts.post, name="local-google-post"),
    path("google/post/new/", posts.post_new, name="local-google-post-new"),
    path("google/post/<int:post_id>/stop/", posts.post_stop, name="local-google-post-stop"),
]
api_urlpatterns = [
    path("google/profile", ProfileView.as_view(), name="api-local-google-profile"),
    path("google/reviews", ReviewsView.as_view(), name="api-local-google-reviews"),
    path(
        "google/reviews/<int:review_id>/reply",
        ReviewReplyView.as_view(),
        name="api-local-google-reply",
    ),
    path("google/hours", HoursView.as_view(), name="api-local-google-hours"),
    path("google/posts", PostsView.as_view(), name="api-local-google-posts"),
]
