"""Settings: take everything along. For owners, also when the workspace is read-only."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.core import clock
from marketing_platform.jobs.selectors import open_job
from marketing_platform.operations.taking_along import (
    JOB,
    KEPT,
    Packed,
    packed_now,
    packed_take,
    packing_start,
)
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.permissions import Permission, requires
from marketing_platform.users.recent import recent_sign_in_required


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CLOSE, when_read_only=True)
@recent_sign_in_required
def take_along(request: HttpRequest) -> HttpResponse:
    """What is packed, and packing it anew."""
    now = clock.now()
    if request.method == "POST":
        job = packing_start(actor_id=request.user.pk, by=str(request.user), now=now)
        return redirect("job", job_id=job.pk)
    context = {
        "title": gettext("Take everything along"),
        "subtitle": gettext("All records, photos and posters of this workspace in one file."),
        "packed": packed_now(request.tenant, now=now),
        "running": open_job(JOB),
        "days": KEPT.days,
    }
    return render(request, "dashboard/take_along.html", context)


@never_cache
@require_POST
@requires(Permission.CLOSE, when_read_only=True)
@recent_sign_in_required
def take_along_file(request: HttpRequest, job_id: UUID) -> HttpResponse:
    packed = packed_take(request.tenant, job_id=job_id, actor_id=request.user.pk, now=clock.now())
    return file_answer(request.tenant, packed)


def file_answer(tenant: Tenant, packed: Packed) -> FileResponse:
    """Sent in pieces; named after the workspace and the day it was packed."""
    name = f"{tenant.slug}-{clock.today(packed.made_at).isoformat()}.zip"
    answer = FileResponse(
        packed.path.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
