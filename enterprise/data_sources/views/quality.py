"""The quality report, and deciding about what it found."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from enterprise.data_sources import services
from enterprise.data_sources.engine.channels import channel_name
from enterprise.data_sources.models import QualityFix
from enterprise.data_sources.selectors import fix_of, fixes, quality_of_workspace
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

SHOWN_FIXES = 50


@never_cache
@require_safe
@requires(Permission.READ)
def report(request: HttpRequest) -> HttpResponse:
    context = {
        "report": quality_of_workspace(clock.today()),
        "fixes": fixes()[:SHOWN_FIXES],
        "may_change": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "enterprise/data/quality.html", context)


@never_cache
@require_POST
@requires(Permission.WORK)
def fix(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    key = request.POST.get("issue", "")
    try:
        made = services.fix_apply(
            key=key, actor_id=request.user.pk, today=clock.today(now), now=now
        )
    except PlatformError as error:
        messages.error(request, gettext(error.sentence) % error.params)
        return redirect("enterprise-quality")
    if made.kind == QualityFix.Kind.MERGE:
        text = gettext("Done: they are read as “%(into)s” from now on.") % {
            "into": channel_name(made.into)
        }
    else:
        text = gettext("Done: rows no longer used: %(rows)d.") % {"rows": made.rows}
    messages.success(request, text)
    return redirect("enterprise-quality")


@never_cache
@require_POST
@requires(Permission.WORK)
def undo(request: HttpRequest, fix_id: int) -> HttpResponse:
    try:
        services.fix_undo(fix=fix_of(fix_id))
    except PlatformError as error:
        messages.error(request, gettext(error.sentence) % error.params)
    else:
        messages.success(request, gettext("Taken back: the data is used as it came."))
    return redirect("enterprise-quality")
