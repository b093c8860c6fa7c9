from datetime import date

from django.urls import path, register_converter

from local.automation.social_media.api import (
    PostApproveView,
    PostCancelView,
    PostsView,
    PostView,
    SocialMediaView,
)
from local.automation.social_media.views import posts, publishing, results, settings


class DayConverter:
    """A date in an address: 2026-11-22."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

urlpatterns = [
    path("posts/", posts.posts, name="posts"),
    path("posts/<day:on>/", posts.post_of_day, name="local-post"),
    path("posts/another-idea/", posts.another_idea, name="local-post-another"),
    path("posts/posted/", posts.posted, name="local-post-posted"),
    path("posts/not-posted/", posts.not_posted, name="local-post-undo"),
    path("posts/approve/", publishing.approve, name="local-post-approve"),
    path("posts/words/", publishing.words, name="local-post-words"),
    path("posts/later/", publishing.later, name="local-post-later"),
    path("posts/no/", publishing.no, name="local-post-no"),
    path("posts/stop/", publishing.stop, name="local-post-stop"),
    path("posts/week/", publishing.week, name="local-posts-week"),
    path("settings/brand/", settings.brand, name="local-brand"),
    path("settings/brand/save/", settings.brand_save, name="local-brand-save"),
    path("settings/brand/photo/", settings.photo_save, name="local-brand-photo"),
    path("settings/brand/photo/remove/", settings.photo_remove, name="local-brand-photo-remove"),
    path("settings/results/", results.results, name="local-results"),
    path("settings/results/add/", results.result_new, name="local-result-add"),
    path(
        "settings/results/<int:result_id>/remove/",
        results.result_remove,
        name="local-result-remove",
    ),
    path("settings/results/seats/", results.seats_save, name="local-seats"),
    path("settings/results/seats/remove/", results.seats_remove, name="local-seats-remove"),
    path("offers/", settings.offers, name="local-offers"),
    path("offers/add/", settings.offer_new, name="local-offer-add"),
    path("offers/<int:offer_id>/end/", settings.offer_close, name="local-offer-end"),
]
api_urlpatterns = [
    path("automation/social-media", SocialMediaView.as_view(), name="api-local-social-media"),
    path("automation/posts", PostsView.as_view(), name="api-local-posts"),
    path("automation/posts/<uuid:post_id>", PostView.as_view(), name="api-local-post"),
    path(
        "automation/posts/<uuid:post_id>/approve",
        PostApproveView.as_view(),
        name="api-local-post-approve",
    ),
    path(
        "automation/posts/<uuid:post_id>/cancel",
        PostCancelView.as_view(),
        name="api-local-post-cancel",
    ),
]
