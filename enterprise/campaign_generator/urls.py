"""Pages and API of campaigns."""

from django.urls import path

from enterprise.campaign_generator import views
from enterprise.campaign_generator.api import (
    CampaignApproveView,
    CampaignFileView,
    CampaignsView,
    CampaignView,
)

urlpatterns = [
    path("campaigns/", views.board, name="enterprise-campaigns"),
    path("campaigns/new/", views.create, name="enterprise-campaign-new"),
    path("campaigns/<uuid:campaign_id>/", views.document, name="enterprise-campaign"),
    path("campaigns/<uuid:campaign_id>/edit/", views.edit, name="enterprise-campaign-edit"),
    path(
        "campaigns/<uuid:campaign_id>/approve/", views.approve, name="enterprise-campaign-approve"
    ),
    path("campaigns/<uuid:campaign_id>/move/", views.move, name="enterprise-campaign-move"),
    path(
        "campaigns/<uuid:campaign_id>/files/<slug:kind>/",
        views.export,
        name="enterprise-campaign-file",
    ),
]
api_urlpatterns = [
    path("campaigns", CampaignsView.as_view(), name="api-enterprise-campaigns"),
    path("campaigns/<uuid:campaign_id>", CampaignView.as_view(), name="api-enterprise-campaign"),
    path(
        "campaigns/<uuid:campaign_id>/approve",
        CampaignApproveView.as_view(),
        name="api-enterprise-campaign-approve",
    ),
    path(
        "campaigns/<uuid:campaign_id>/files/<slug:kind>",
        CampaignFileView.as_view(),
        name="api-enterprise-campaign-file",
    ),
]
