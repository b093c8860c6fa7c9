"""The last two steps of sign-up: plan and payment, and the page that waits with you."""

import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.selectors import checkout_by_id, checkout_state
from billing.selectors.owner import ways_to_pay
from billing.services import checkout_refresh_if_due, checkout_start, trial_start
from billing.services.checkouts import page_returns
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.forms import PlanForm
from marketing_platform.onboarding.pages import error_sentence, steps_context
from marketing_platform.onboarding.plan_cards import plan_cards, trial_days
from marketing_platform.onboarding.steps import (
    SignUp,
    own_tenant,
    sign_up_read,
    sign_up_write,
)
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_url

logger = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    sign_up = sign_up_read(request)
    if sign_up is None or not request.user.is_authenticated or not sign_up.tenant_id:
        return redirect("start")
    tenant = own_tenant(request, sign_up.tenant_id)
    if tenant is None:
        return redirect("start")
    if tenant.state != State.PENDING:
        return redirect("start_waiting", tenant_id=tenant.pk)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _decide(request, sign_up, tenant, form.cleaned_data)
        except PlatformError as error:
            form.add_error(None, error_sentence(error))
    context = {
        "form": form if form.is_bound else None,
        "plan": next(card for card in plan_cards() if card["tier"] == tenant.tier),
        "period": request.POST.get("period", "monthly"),
        "business_name": tenant.name,
        "ways": ways_to_pay(),
        **steps_context("plan"),
    }
    return render(request, "onboarding/plan.html", context)


def _decide(
    request: HttpRequest, sign_up: SignUp, tenant: Tenant, chosen: dict[str, Any]
) -> HttpResponse:
    waiting = reverse("start_waiting", args=[tenant.pk])
    if chosen["action"] == "trial" and trial_days(tenant.tier):
        trial_start(tenant=tenant, now=clock.now())
        return redirect(waiting)
    checkout = checkout_start(
        tenant=tenant,
        interval="year" if chosen["period"] == "annual" else "month",
        user_id=request.user.pk,
        return_url=f"{settings.PUBLIC_URL}{waiting}",
        now=clock.now(),
        gateway_code=request.POST.get("gateway", ""),
    )
    sign_up.checkout_id = str(checkout.pk)
    sign_up_write(request, sign_up)
    return redirect(checkout.url if page_returns(checkout) else waiting)


@never_cache
def waiting(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    tenant = _own(request, tenant_id)
    state = _progress(request, tenant)
    if state["is_ready"]:
        return redirect(tenant_url(tenant))
    return render(request, "onboarding/waiting.html", state)


@never_cache
def waiting_status(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Polled every second; 286 tells htmx to stop."""
    tenant = _own(request, tenant_id)
    state = _progress(request, tenant)
    response = render(request, "onboarding/_waiting_status.html", state)
    if state["is_ready"]:
        response.status_code = 286
        response["HX-Redirect"] = tenant_url(tenant)
    elif state["is_final"]:
        response.status_code = 286
    return response


def _own(request: HttpRequest, tenant_id: UUID) -> Tenant:
    tenant = own_tenant(request, tenant_id) if request.user.is_authenticated else None
    if tenant is None:
        raise Http404
    return tenant


def _progress(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    sign_up = sign_up_read(request)
    checkout = sign_up.checkout_id if sign_up else ""
    paid = _checkout_now(checkout) if checkout and tenant.state == State.PENDING else None
    is_preparing = tenant.state != State.PENDING
    state: dict[str, Any] = {
        "business_name": tenant.name,
        "status_url": reverse("start_waiting_status", args=[tenant.pk]),
        "is_ready": tenant.state == State.ACTIVE,
        "is_final": False,
        "preparing": [
            _row(_("The decision is confirmed"), is_done=is_preparing, is_current=not is_preparing),
            _row(_("Your own database is set up"), is_done=False, is_current=is_preparing),
            _row(_("The first page opens"), is_done=False, is_current=False),
        ],
        **steps_context("payment"),
    }
    if checkout:
        state["preparing"][0]["label"] = _("The payment is confirmed")
    failure = {
        "declined": _("The payment was declined. No money was taken."),
        "abandoned": _("You left the payment page. No money was taken."),
        "expired": _("The payment page was open too long. No money was taken."),
    }.get(paid or "")
    if paid == "open":
        state["open_url"] = _page_beside(checkout)
    if failure:
        state |= {"failure": failure, "retry_url": reverse("start_again"), "is_final": True}
    elif tenant.state == State.FAILED:
        sentence = _("Preparing the workspace failed. Nothing is lost; we will try again.")
        state |= {"failure": sentence, "is_final": True}
    return state


def _checkout_now(checkout_id: str) -> str | None:
    """The checkout's state; asked at the gateway when its webhook has not come."""
    checkout = checkout_by_id(checkout_id)
    if checkout is not None:
        try:
            checkout_refresh_if_due(checkout=checkout, now=clock.now())
        except PlatformError:
            # The gateway is away; its webhook, or the next look, will tell.
            logger.warning("checkout %s could not be looked up", checkout.pk, exc_info=True)
    return checkout_state(checkout_id)


def _page_beside(checkout_id: str) -> str:
    """The gateway's page, where it never comes back here by itself."""
    checkout = checkout_by_id(checkout_id)
    return "" if checkout is None or page_returns(checkout) else checkout.url


def _row(label: str, *, is_done: bool, is_current: bool) -> dict[str, Any]:
    return {"label": label, "is_done": is_done, "is_current": is_current}


@never_cache
@require_http_methods(["POST"])
def pay_again(request: HttpRequest) -> HttpResponse:
    """Back to the plan after a declined or abandoned payment; what was entered is kept."""
    sign_up = sign_up_read(request)
    if sign_up is not None:
        sign_up.checkout_id = ""
        sign_up_write(request, sign_up)
    return redirect("start_plan")
