"""The workspace host's side of a support visit."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketing_platform.core import clock
from marketing_platform.operations.visits import VisitRefused, visit_arrive, visit_end
from marketing_platform.users.models import User
from marketing_platform.users.permissions import public_page
from marketing_platform.users.visits import Visit, visit_of, visit_session_start


@public_page
@never_cache
@require_GET
def support_visit(request: HttpRequest, token: str) -> HttpResponse:
    try:
        row = visit_arrive(token=token, tenant=request.tenant, now=clock.now())
    except VisitRefused:
        return render(request, "support/visit_over.html", status=403)
    staff = User.objects.filter(pk=row.staff_id, is_staff=True, is_active=True).first()
    if staff is None:
        return render(request, "support/visit_over.html", status=403)
    visit_session_start(request, staff, Visit(id=row.pk, until=row.until, reason=row.reason))
    return redirect("/")


@public_page
@require_POST
def support_visit_end(request: HttpRequest) -> HttpResponse:
    """On this host only: staff stay signed in to the admin."""
    visit = visit_of(request)
    if visit is not None:
        visit_end(visit_id=visit.id, tenant=request.tenant, now=clock.now())
        logout(request)
    return redirect(f"{settings.PUBLIC_SCHEME}://admin.{settings.BASE_DOMAIN}/")
