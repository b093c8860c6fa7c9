"""The overview, and reading Google again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.google_business.errors import NotConnected
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.selectors import google_connection
from local.automation.google_business.views.shared import interface_language
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.jobs.services import job_start
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def overview(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    shown = GMBAutomation().profile(today=today)
    holiday = shown.next_holiday
    context = {
        "profile": shown,
        "holiday_name": holiday.name_in(interface_language()) if holiday else "",
        "holiday_days": (holiday.date - today).days if holiday else 0,
        "may_work": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/google_business/overview.html", context)


@require_POST
@requires(Permission.WORK)
def read_again(request: HttpRequest) -> HttpResponse:
    """A second press while it runs leads to the same job."""
    if google_connection() is None:
        messages.error(request, sentence_of(NotConnected()))
        return redirect("local-google")
    job = job_start(
        kind="local.google_read",
        arguments={},
        actor_id=request.user.pk,
        now=clock.now(),
        key="google",
    )
    return redirect("job", job_id=job.pk)
