"""What operations show inside a workspace: support visits, and taking everything along."""

from django.urls import path

from marketing_platform.operations import export_api, export_pages, visit_pages

urlpatterns = [
    path("support-visit/end/", visit_pages.support_visit_end, name="support_visit_end"),
    path("support-visit/<str:token>/", visit_pages.support_visit, name="support_visit"),
    path("settings/take-along/", export_pages.take_along, name="take_along"),
    path(
        "settings/take-along/<uuid:job_id>/file/",
        export_pages.take_along_file,
        name="take_along_file",
    ),
]
api_urlpatterns = [
    path("export", export_api.ExportView.as_view(), name="api-export"),
    path("export/<uuid:job_id>/file", export_api.ExportFileView.as_view(), name="api-export-file"),
]
