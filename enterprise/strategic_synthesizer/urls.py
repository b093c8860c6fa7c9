"""Pages and API of the brief."""

from django.urls import path

from enterprise.strategic_synthesizer import views
from enterprise.strategic_synthesizer.api import BriefFileView, BriefMakeView, BriefView

urlpatterns = [
    path("brief/", views.latest, name="enterprise-brief"),
    path("brief/make/", views.make, name="enterprise-brief-make"),
    path("brief/<uuid:brief_id>/", views.one, name="enterprise-brief-one"),
    path("brief/<uuid:brief_id>/approve/", views.approve, name="enterprise-brief-approve"),
    path("brief/<uuid:brief_id>/brief.pdf", views.pdf, name="enterprise-brief-pdf"),
    path("brief/<uuid:brief_id>/brief.pptx", views.pptx, name="enterprise-brief-pptx"),
]
api_urlpatterns = [
    path("brief", BriefView.as_view(), name="api-enterprise-brief"),
    path("brief/make", BriefMakeView.as_view(), name="api-enterprise-brief-make"),
    path(
        "brief/<uuid:brief_id>/file/<slug:kind>",
        BriefFileView.as_view(),
        name="api-enterprise-brief-file",
    ),
]
