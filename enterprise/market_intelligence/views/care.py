"""Assign, comment, put away; and compute again what failed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from enterprise.market_intelligence.errors import AssigneeUnknown, SnoozeInvalid
from enterprise.market_intelligence.services import (
    feed_retry,
    finding_assign,
    finding_comment,
    finding_snooze,
)
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, requires


@never_cache
@require_POST
@requires(Permission.WORK)
def assign(request: HttpRequest) -> HttpResponse:
    try:
        finding_assign(
            key=request.POST.get("key", ""),
            assignee_id=_person(request.POST.get("assignee", "")),
            tenant=request.tenant,
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except PlatformError as error:
        return _refused(request, error)
    messages.success(request, gettext("Saved."))
    return _back(request)


@never_cache
@require_POST
@requires(Permission.WORK)
def snooze(request: HttpRequest) -> HttpResponse:
    days = request.POST.get("days", "")
    try:
        if days not in {"0", "7", "30", "90"}:
            raise SnoozeInvalid
        finding_snooze(
            key=request.POST.get("key", ""),
            days=int(days),
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except PlatformError as error:
        return _refused(request, error)
    if days == "0":
        messages.success(request, gettext("Shown again."))
    else:
        messages.success(request, gettext("Put away. You find it under Show: Put away."))
    return _back(request)


@never_cache
@require_POST
@requires(Permission.WORK)
def comment(request: HttpRequest) -> HttpResponse:
    try:
        finding_comment(
            key=request.POST.get("key", ""),
            text=request.POST.get("text", ""),
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except PlatformError as error:
        return _refused(request, error)
    messages.success(request, gettext("Saved."))
    return _back(request)


@never_cache
@require_POST
@requires(Permission.WORK)
def recompute(request: HttpRequest) -> HttpResponse:
    job = feed_retry(now=clock.now(), actor_id=request.user.pk)
    if job is None:
        return redirect("enterprise-insights")
    return redirect("job", job_id=job.pk)


def _person(sent: str) -> UUID | None:
    if not sent:
        return None
    try:
        return UUID(sent)
    except ValueError:
        raise AssigneeUnknown from None


def _refused(request: HttpRequest, error: PlatformError) -> HttpResponse:
    messages.error(request, gettext(error.sentence) % error.params)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that the form was on, when that is one of ours."""
    sent = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(sent, allowed_hosts=None) and sent.startswith("/"):
        return redirect(sent)
    return redirect(reverse("enterprise-insights"))
