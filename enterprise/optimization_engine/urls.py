"""Pages and API of the budget model."""

from django.urls import path

from enterprise.optimization_engine import views
from enterprise.optimization_engine.api import (
    AllocateView,
    AllocationsView,
    AllocationView,
    FitView,
    RunsView,
    RunView,
)

urlpatterns = [
    path("budget/", views.budget, name="enterprise-budget"),
    path("budget/fit/", views.fit_page, name="enterprise-budget-fit"),
    path("budget/fit/offers/add/", views.promotion_create, name="enterprise-promotion-add"),
    path(
        "budget/fit/offers/<int:promotion_id>/remove/",
        views.promotion_delete,
        name="enterprise-promotion-remove",
    ),
    path("budget/runs/<uuid:run_id>/", views.run, name="enterprise-budget-run"),
    path("budget/runs/<uuid:run_id>/optimise/", views.optimise, name="enterprise-budget-optimise"),
    path(
        "budget/proposals/<uuid:allocation_id>/", views.proposal, name="enterprise-budget-proposal"
    ),
    path(
        "budget/proposals/<uuid:allocation_id>/name/",
        views.proposal_name,
        name="enterprise-budget-proposal-name",
    ),
    path(
        "budget/proposals/<uuid:allocation_id>/forget/",
        views.proposal_forget,
        name="enterprise-budget-proposal-forget",
    ),
    path("budget/scenarios/", views.compare, name="enterprise-budget-scenarios"),
]
api_urlpatterns = [
    path("optimization/fit", FitView.as_view(), name="api-enterprise-optimization-fit"),
    path("optimization/runs", RunsView.as_view(), name="api-enterprise-optimization-runs"),
    path(
        "optimization/runs/<uuid:run_id>",
        RunView.as_view(),
        name="api-enterprise-optimization-run",
    ),
    path(
        "optimization/allocate", AllocateView.as_view(), name="api-enterprise-optimization-allocate"
    ),
    path(
        "optimization/allocations",
        AllocationsView.as_view(),
        name="api-enterprise-optimization-allocations",
    ),
    path(
        "optimization/allocations/<uuid:allocation_id>",
        AllocationView.as_view(),
        name="api-enterprise-optimization-allocation",
    ),
]
