"""What only a coaching class enters: students' results with consent, and open seats."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.social_media.engine import SEATS_SAID_FOR
from local.automation.social_media.forms import ResultForm, SeatsForm
from local.automation.social_media.selectors import is_coaching, results_listed, seats_counted
from local.automation.social_media.services import (
    class_seats_clear,
    class_seats_set,
    coaching_result_add,
    coaching_result_withdraw,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires


def _for_coaching(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Other trades have no such page."""

    @wraps(view)
    def only_there(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_coaching(request.tenant):
            raise Http404
        return view(request, *args, **kwargs)

    return only_there


@never_cache
@require_safe
@requires(Permission.READ)
@_for_coaching
def results(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires(Permission.APPROVE_SPEND)
@_for_coaching
def result_new(request: HttpRequest) -> HttpResponse:
    form = ResultForm(request.POST)
    if form.is_valid():
        try:
            coaching_result_add(**form.cleaned_data, now=clock.now(), actor_id=request.user.pk)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Added. At most one post a week shows a result."))
            return redirect("local-results")
    return _page(request, form=form, status=422)


@require_POST
@requires(Permission.APPROVE_SPEND)
@_for_coaching
def result_remove(request: HttpRequest, result_id: int) -> HttpResponse:
    try:
        coaching_result_withdraw(result_id=result_id, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("Removed. No new post shows it any more."))
    return redirect("local-results")


@require_POST
@requires(Permission.APPROVE_SPEND)
@_for_coaching
def seats_save(request: HttpRequest) -> HttpResponse:
    form = SeatsForm(request.POST, today=clock.today())
    if form.is_valid():
        try:
            class_seats_set(**form.cleaned_data, now=clock.now(), actor_id=request.user.pk)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Saved. Posts may say it for a week."))
            return redirect("local-results")
    return _page(request, seats_form=form, status=422)


@require_POST
@requires(Permission.APPROVE_SPEND)
@_for_coaching
def seats_remove(request: HttpRequest) -> HttpResponse:
    class_seats_clear()
    messages.success(request, gettext("Removed. Posts say nothing about seats."))
    return redirect("local-results")


def _page(
    request: HttpRequest,
    *,
    form: ResultForm | None = None,
    seats_form: SeatsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    present = clock.today()
    seats = seats_counted(present)
    until = seats.counted_on + SEATS_SAID_FOR if seats else None
    context = {
        "title": gettext("Results and seats"),
        "subtitle": gettext("Posts name a student or a number of seats only from here."),
        "results": results_listed(),
        "form": form or ResultForm(),
        "seats": seats,
        "seats_until": until,
        "is_expired": bool(until and until < present),
        "seats_form": seats_form or SeatsForm(today=present),
        "may_change": allowed(request.membership.role, Permission.APPROVE_SPEND),
    }
    return render(request, "local/social_media/results.html", context, status=status)
