"""Pages of imported data."""

from django.urls import path

from enterprise.data_sources import api, views
from enterprise.data_sources.api import sync as sync_api
from enterprise.data_sources.views import quality, sync

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
    path("data/quality/", quality.report, name="enterprise-quality"),
    path("data/quality/fix/", quality.fix, name="enterprise-quality-fix"),
    path("data/quality/fixes/<int:fix_id>/undo/", quality.undo, name="enterprise-quality-undo"),
    path("data/sync/", sync.page, name="enterprise-sync"),
    path("data/sync/<slug:provider>/", sync.start, name="enterprise-sync-start"),
]
api_urlpatterns = [
    path("data-quality", api.QualityView.as_view(), name="api-enterprise-data-quality"),
    path("data/sources", api.SourcesView.as_view(), name="api-enterprise-data-sources"),
    path("data/imports", api.ImportsView.as_view(), name="api-enterprise-data-imports"),
    path("crm", sync_api.CrmsView.as_view(), name="api-enterprise-crm"),
    path("crm/syncs", sync_api.SyncRunsView.as_view(), name="api-enterprise-crm-syncs"),
    path(
        "crm/<slug:provider>/sync", sync_api.SyncStartView.as_view(), name="api-enterprise-crm-sync"
    ),
    path("data/<str:kind>", api.RowsView.as_view(), name="api-enterprise-data-rows"),
]
