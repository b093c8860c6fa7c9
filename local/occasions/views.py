from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.business.engine import CITIES, BusinessFacts
from local.business.selectors import business_of, facts_of
from local.occasions.engine import Occasion, definition_of
from local.occasions.forms import OccasionAddForm, OccasionKeyForm, OccasionMoveForm
from local.occasions.selectors import changes_of_workspace, occasions_for
from local.occasions.services import (
    occasion_add,
    occasion_move,
    occasion_mute,
    occasion_restore,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

DAYS_SHOWN = 90


@never_cache
@require_safe
@requires(Permission.READ)
def occasion_list(request: HttpRequest) -> HttpResponse:
    """The next 90 days, what was changed, and a form to add a day."""
    return _page(request, OccasionAddForm())


@require_POST
@requires(Permission.WORK)
def move(request: HttpRequest) -> HttpResponse:
    form = OccasionMoveForm(request.POST)
    return _changed(
        request,
        form,
        lambda: occasion_move(**_who(request), **form.cleaned_data),
        gettext("Moved. You can undo it below."),
    )


@require_POST
@requires(Permission.WORK)
def mute(request: HttpRequest) -> HttpResponse:
    form = OccasionKeyForm(request.POST)
    return _changed(
        request,
        form,
        lambda: occasion_mute(**_who(request), **form.cleaned_data),
        gettext("Left out this year. You can undo it below."),
    )


@require_POST
@requires(Permission.WORK)
def restore(request: HttpRequest) -> HttpResponse:
    form = OccasionKeyForm(request.POST)
    return _changed(
        request,
        form,
        lambda: occasion_restore(**form.cleaned_data),
        gettext("Undone."),
    )


@require_POST
@requires(Permission.WORK)
def add(request: HttpRequest) -> HttpResponse:
    form = OccasionAddForm(request.POST)
    if form.is_valid():
        try:
            occasion_add(now=clock.now(), actor_id=request.user.pk, **form.cleaned_data)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Added to your calendar."))
            return redirect("local-occasions")
    return _page(request, form, status=422)


def _changed(
    request: HttpRequest, form: forms.Form, service: Callable[[], object], done: str
) -> HttpResponse:
    if not form.is_valid():
        sentence = " ".join(str(error) for errors in form.errors.values() for error in errors)
        messages.error(request, sentence)
        return redirect("local-occasions")
    try:
        service()
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, done)
    return redirect("local-occasions")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"facts": _facts(request), "now": clock.now(), "actor_id": request.user.pk}


def _facts(request: HttpRequest) -> BusinessFacts:
    return facts_of(business_of(request.tenant))


def _page(request: HttpRequest, form: OccasionAddForm, status: int = 200) -> HttpResponse:
    facts = _facts(request)
    today = clock.today()
    language = get_language() or "en"
    found = occasions_for(facts, today, today + timedelta(days=DAYS_SHOWN))
    context = {
        "occasions": [_row(each, language) for each in found],
        "changes": [
            {"change": each, "name": each.names.get(language) or each.names["en"]}
            for each in changes_of_workspace()
        ],
        "add_form": form,
        "city": CITIES[facts.city].names.get(language) or CITIES[facts.city].names["en"],
        "may_change": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/occasions/list.html", context, status=status)


def _row(occasion: Occasion, language: str) -> dict[str, Any]:
    definition = definition_of(occasion.slug)
    return {
        "occasion": occasion,
        "name": occasion.name_in(language),
        "note": occasion.date_note_in(language),
        "year": (occasion.moved_from or occasion.date).year,
        "can_be_moved": definition is not None and definition.can_be_moved,
    }
