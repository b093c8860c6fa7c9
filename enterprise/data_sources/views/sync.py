"""Connected CRMs: how fresh each is, syncing now, and the log."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from enterprise.data_sources.selectors.sync import crms, failed_job_of, sync_runs
from enterprise.data_sources.services.sync import sync_start
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

PAGE = 50
# Larger than any id, and than what the column can hold.
LONGEST_ID = 15


@never_cache
@require_safe
@requires(Permission.READ)
def page(request: HttpRequest) -> HttpResponse:
    """`?before=` an older page of the log."""
    before, runs = request.GET.get("before", ""), sync_runs()
    if before.isascii() and before.isdigit() and len(before) <= LONGEST_ID:
        runs = runs.filter(pk__lt=int(before))
    shown = list(runs[: PAGE + 1])
    states = crms()
    context = {
        "crms": states,
        "has_any": any(state.connection or state.source for state in states),
        "failed": {state.provider: failed_job_of(state.provider) for state in states},
        "runs": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "may_change": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "enterprise/data/sync.html", context)


@never_cache
@require_POST
@requires(Permission.WORK)
def start(request: HttpRequest, provider: str) -> HttpResponse:
    try:
        job = sync_start(
            provider=provider,
            is_full="full" in request.POST,
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except PlatformError as error:
        messages.error(request, gettext(error.sentence) % error.params)
        return redirect("enterprise-sync")
    return redirect("job", job_id=job.pk)
