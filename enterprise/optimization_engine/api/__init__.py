"""/api/enterprise/optimization/…: fits and budgets."""

from enterprise.optimization_engine.api.budgets import (
    AllocateView,
    AllocationsView,
    AllocationView,
)
from enterprise.optimization_engine.api.fits import FitView, RunsView, RunView

__all__ = [
    "AllocateView",
    "AllocationView",
    "AllocationsView",
    "FitView",
    "RunView",
    "RunsView",
]
