"""The fit as a job: progress, cancel, one row at its end."""

from typing import Any
from uuid import UUID

from django.urls import reverse

from enterprise.optimization_engine.front_door import FitRequest, OptimizationEngine
from enterprise.optimization_engine.services import FIT
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.registry import Progress, job_kind


@job_kind(FIT, label=_("Fitting the budget model"))
def fit_job(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    actor = arguments.get("actor_id")
    request = FitRequest(arguments["outcome"], UUID(actor) if actor else None)
    run = OptimizationEngine().fit_now(request, now=clock.now(), progress=progress)
    return {
        "run_id": str(run.id),
        "url": reverse("enterprise-budget-run", urlconf="enterprise.urls", args=[run.id]),
    }
