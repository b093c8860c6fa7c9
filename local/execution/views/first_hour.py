"""The first hour: shop, look, one channel, the first post; each can be left for later."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from local.automation.social_media.forms import BrandForm
from local.automation.social_media.selectors import brand_kit, channels
from local.automation.social_media.services import brand_update
from local.automation.social_media.views.posts import today_context
from local.business.forms import BusinessForm
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from local.business.services import business_update
from local.execution.models import FIRST_STEPS
from local.execution.selectors import first_hour_settled
from local.execution.services.first_hour import (
    first_hour_put_away,
    first_hour_take_up,
    step_settle,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.first_hour import next_step
from marketing_platform.users.permissions import Permission, requires

SHOP_FIELDS = ("phone", "address", "languages")


def labels() -> dict[str, str]:
    return {
        "shop": gettext("Your shop"),
        "look": gettext("Your look"),
        "channel": gettext("One channel"),
        "post": gettext("First post"),
    }


@never_cache
@require_safe
@requires(Permission.WORK)
def begin(request: HttpRequest) -> HttpResponse:
    """Where it was left; once everything is settled, what was left open comes again."""
    step = next_step(FIRST_STEPS, first_hour_settled())
    if step is None:
        first_hour_take_up()
        step = next_step(FIRST_STEPS, first_hour_settled()) or FIRST_STEPS[0]
    return redirect("local-first-step", step=step)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def step_page(request: HttpRequest, step: str) -> HttpResponse:
    """One step. A POST with `later` leaves it, any other one saves it; both lead to the next."""
    if step not in FIRST_STEPS:
        raise Http404
    business = business_of(request.tenant)
    form = None
    if request.method == "POST":
        if "later" in request.POST:
            return _onwards(step, is_done=False)
        save: Callable[..., Any] | None = {"shop": _shop_save, "look": _look_save}.get(step)
        form = save(request, business) if save else None
        if form is None or not form.errors:
            return _onwards(step, is_done=True)
    return _page(request, business, step, form)


@never_cache
@require_POST
@requires(Permission.WORK)
def put_away(request: HttpRequest) -> HttpResponse:
    first_hour_put_away(now=clock.now())
    messages.success(request, gettext("Put away. You find the four steps under More."))
    return redirect("home")


def _onwards(step: str, *, is_done: bool) -> HttpResponse:
    """To the step behind this one that is still open, then to any other, then to Today."""
    step_settle(step=step, is_done=is_done)
    following = next_step(FIRST_STEPS, first_hour_settled(), after=step)
    if step == FIRST_STEPS[-1]:
        following = None
    return redirect("local-first-step", step=following) if following else redirect("home")


def _shop_save(request: HttpRequest, business: LocalBusiness) -> forms.Form:
    """What is asked here goes over what is known; the rest of the profile stays as it is."""
    given = {name: request.POST.get(name, "") for name in ("phone", "address")}
    given["languages"] = request.POST.getlist("languages")
    form = BusinessForm(_details(business) | given)
    if form.is_valid():
        try:
            business_update(business=business, now=clock.now(), **form.cleaned_data)
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
    return form


def _look_save(request: HttpRequest, business: LocalBusiness) -> forms.Form:
    form = BrandForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            brand_update(
                category=business.category,
                primary_colour=_own(chosen, business, "primary_colour"),
                accent_colour=_own(chosen, business, "accent_colour"),
                tagline=chosen["tagline"],
                now=clock.now(),
                actor_id=request.user.pk,
            )
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
    return form


def _own(chosen: dict[str, Any], business: LocalBusiness, field: str) -> str:
    """A colour that is the profile's is not an own one, and follows the profile."""
    colour = str(chosen[field]).lower()
    return "" if colour == getattr(business, field) else colour


def _page(
    request: HttpRequest, business: LocalBusiness, step: str, form: forms.Form | None
) -> HttpResponse:
    settled, names = first_hour_settled(), labels()
    context: dict[str, Any] = {
        "step": step,
        "steps": [
            {
                "code": code,
                "label": names[code],
                "url": reverse("local-first-step", args=[code]),
                "how": settled.get(code, ""),
            }
            for code in FIRST_STEPS
        ],
        "form": form,
    }
    if step == "shop":
        context["form"] = form or BusinessForm(initial=_details(business))
        context["fields"] = [context["form"][name] for name in SHOP_FIELDS]
    elif step == "look":
        context["form"] = form or BrandForm(initial=_look(business))
        context["brand"] = _look(business)
    elif step == "channel":
        context["connected"] = list(dict.fromkeys(each.name for each in channels().values()))
    else:
        context |= today_context(request)
    status = 422 if form is not None and form.errors else 200
    return render(request, f"local/first/{step}.html", context, status=status)


def _details(business: LocalBusiness) -> dict[str, Any]:
    return {name: getattr(business, name) for name in BusinessForm.base_fields}


def _look(business: LocalBusiness) -> dict[str, str]:
    kit = brand_kit()
    return {
        "name": business.name,
        "primary_colour": (kit and kit.primary_colour) or business.primary_colour,
        "accent_colour": (kit and kit.accent_colour) or business.accent_colour,
        "tagline": kit.tagline if kit else "",
    }
