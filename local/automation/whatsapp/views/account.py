"""Limits and prices."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.whatsapp.engine.money import in_rupees
from local.automation.whatsapp.forms import CapForm, RateForm
from local.automation.whatsapp.selectors.account import rates_all, settings_now, spent_in_month
from local.automation.whatsapp.services.account import cap_set, marketing_start, rate_add
from local.automation.whatsapp.views.shared import may
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.users.permissions import Permission, requires


@never_cache
@require_safe
@requires(Permission.READ)
def limits(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    cap_form: CapForm | None = None,
    rate_form: RateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    settings = settings_now()
    rates = sorted(rates_all(), key=lambda each: (each.category, each.valid_from), reverse=True)
    context = {
        "cap_form": cap_form or CapForm(initial={"rupees": settings.monthly_cap_paise // 100}),
        "rate_form": rate_form or RateForm(initial={"valid_from": clock.today()}),
        "cap": Rupees(settings.monthly_cap_paise).format(),
        "spent": in_rupees(spent_in_month(clock.now())).format(),
        "messaging_limit": settings.messaging_limit,
        "rates": [
            {
                "rate": each,
                "plain": f"₹{each.amount / 10_000:.4f}",
                "taxed": f"₹{each.with_gst() / 10_000:.4f}",
            }
            for each in rates
        ],
        "may_change": may(request, Permission.APPROVE_SPEND),
    }
    return render(request, "local/whatsapp/limits.html", context, status=status)


@require_POST
@requires(Permission.APPROVE_SPEND)
def cap_save(request: HttpRequest) -> HttpResponse:
    form = CapForm(request.POST)
    if not form.is_valid():
        return _page(request, cap_form=form, status=422)
    cap_set(
        monthly_cap_paise=form.cleaned_data["rupees"] * 100,
        now=clock.now(),
        actor_id=request.user.pk,
    )
    messages.success(request, gettext("Saved."))
    return redirect("local-chat-limits")


@require_POST
@requires(Permission.APPROVE_SPEND)
def rate_new(request: HttpRequest) -> HttpResponse:
    form = RateForm(request.POST)
    if form.is_valid():
        try:
            rate_add(now=clock.now(), actor_id=request.user.pk, **form.cleaned_data)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Saved. Forecasts use it from that day on."))
            return redirect("local-chat-limits")
    return _page(request, rate_form=form, status=422)


@require_POST
@requires(Permission.APPROVE_SPEND)
def start_again(request: HttpRequest) -> HttpResponse:
    marketing_start(now=clock.now(), actor_id=request.user.pk)
    messages.success(request, gettext("Campaigns may go out again. Resume each one you want."))
    return redirect("local-campaigns")
