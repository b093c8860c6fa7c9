from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketing_platform.core import clock
from marketing_platform.jobs.errors import JobOver
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.selectors import cancelled_of, job_of, label_of
from marketing_platform.jobs.services import job_cancel
from marketing_platform.schedule.registry import handlers_load
from marketing_platform.users.permissions import Permission, allowed, requires


def context_of(request: HttpRequest, job: Job) -> dict[str, Any]:
    """What jobs/_progress.html needs."""
    return {
        "job": job,
        "label": gettext(label_of(job)),
        "message": said(job.message, job.message_params),
        "error": said(job.error, job.error_params),
        "cancelled": gettext(cancelled_of(job)),
        "may_cancel": job.is_open and allowed(request.membership.role, Permission.WORK),
        # The job's own page goes on to the result by itself; a page that only tells of it stays.
        "goes_on": request.GET.get("go") == "1",
    }


def said(sentence: str, params: dict[str, Any]) -> str:
    if not sentence:
        return ""
    text = gettext(sentence)
    return text % params if params else text


@never_cache
@require_safe
@requires(Permission.READ)
def job_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    handlers_load()
    context = {**context_of(request, job_of(job_id)), "goes_on": True}
    return render(request, "jobs/job.html", context)


@never_cache
@require_safe
@requires(Permission.READ)
def job_status(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What the page asks for each second; on the job's own page (`go=1`) it leads to the result."""
    handlers_load()
    job = job_of(job_id)
    context = context_of(request, job)
    response = render(request, "jobs/_progress.html", context)
    if job.done_url and context["goes_on"]:
        response["HX-Redirect"] = job.done_url
    return response


@never_cache
@require_POST
@requires(Permission.WORK, when_read_only=True)
def job_stop(request: HttpRequest, job_id: UUID) -> HttpResponse:
    try:
        job_cancel(job_id=job_id, now=clock.now())
    except JobOver as over:
        messages.info(request, gettext(over.sentence))
    return redirect("job", job_id=job_id)
