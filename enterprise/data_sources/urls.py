"""Pages of imported data."""

from django.urls import URLPattern, path

from enterprise.data_sources import views

urlpatterns = [
    path("data/", views.data, name="enterprise-data"),
    path("data/upload/", views.upload, name="enterprise-upload"),
    path("data/drafts/<int:batch_id>/", views.draft, name="enterprise-draft"),
    path("data/drafts/<int:batch_id>/import/", views.draft_import, name="enterprise-draft-import"),
    path(
        "data/drafts/<int:batch_id>/discard/", views.draft_discard, name="enterprise-draft-discard"
    ),
    path("data/imports/<int:batch_id>/undo/", views.batch_undo, name="enterprise-batch-undo"),
    path("data/sample/clear/", views.sample_clear, name="enterprise-sample-clear"),
    path("data/sample/show/", views.sample_show, name="enterprise-sample-show"),
]
api_urlpatterns: list[URLPattern] = []
