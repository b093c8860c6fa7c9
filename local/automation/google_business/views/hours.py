"""Hours of single days."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.google_business.engine.hours import days_of, on_day, regular_on
from local.automation.google_business.forms import HoursForm
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.selectors import (
    holidays_ahead,
    hours_changes,
    hours_facts,
    profile_read,
)
from local.automation.google_business.services import hours_insist, hours_keep
from local.automation.google_business.views.shared import interface_language, said
from local.guidance.selectors import guide_for
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def hours(request: HttpRequest) -> HttpResponse:
    form = HoursForm(initial={"kind": "closed", "on": request.GET.get("on", "")[:10]})
    return _page(request, form)


@require_POST
@requires(Permission.APPROVE_SPEND)
def hours_save(request: HttpRequest) -> HttpResponse:
    form = HoursForm(request.POST)
    if form.is_valid():
        try:
            change = GMBAutomation().set_hours(
                form.wanted, now=clock.now(), actor_id=request.user.pk
            )
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        else:
            messages.success(request, _said_of(change.state))
            return redirect("local-google-hours")
    return _page(request, form, status=422)


@require_POST
@requires(Permission.APPROVE_SPEND)
def hours_settle(request: HttpRequest, change_id: int) -> HttpResponse:
    """Somebody changed the day on Google meanwhile: ours, or theirs."""
    try:
        if request.POST.get("take") == "ours":
            hours_insist(change_id=change_id, now=clock.now(), actor_id=request.user.pk)
            messages.success(request, _said_of("sending"))
        else:
            hours_keep(change_id=change_id, now=clock.now())
            messages.success(request, gettext("Left as it stands on Google."))
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return redirect("local-google-hours")


def _said_of(state: str) -> str:
    if state == "by_hand":
        return gettext("Noted. We count this day as set.")
    return gettext("Approved. It is on its way to Google.")


def _page(request: HttpRequest, form: HoursForm, *, status: int = 200) -> HttpResponse:
    today = clock.today()
    known, read = hours_facts().special_days, profile_read()
    special = read.special_hours if read else {}
    language = interface_language()
    context = {
        "form": form,
        "holidays": [
            {"on": each.date, "name": each.name_in(language), "is_set": each.date in known}
            for each in holidays_ahead(today)
        ],
        "changes": [
            {
                "change": each,
                "failure": said(each.failure_sentence, each.failure_params),
                "usual": regular_on(read.regular_hours, each.on) if read else [],
            }
            for each in hours_changes(today)
        ],
        "on_google": [
            {"on": day, "hours": on_day(special, day)}
            for day in sorted(days_of(special))
            if day >= today
        ],
        "read": read,
        "is_by_hand": GMBAutomation().is_by_hand,
        "guide": guide_for("google.hours"),
        "may_change": allowed(request.membership.role, Permission.APPROVE_SPEND),
    }
    return render(request, "local/google_business/hours.html", context, status=status)
