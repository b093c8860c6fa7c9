"""The owner's billing page, and the way to a gateway's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.engine.gst import STATES
from billing.selectors import subscription_current, subscription_summary
from billing.selectors.accounts import payer_facts
from billing.selectors.owner import owner_page
from billing.services import checkout_start
from billing.services.accounts import account_update
from billing.services.invoicing import buyer_check
from billing.services.pay_links import repair_url
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.permissions import Permission, requires

PERIODS = {"monthly": "month", "annual": "year"}
PAY_ANEW = _(
    "Your payment company has no page for this. Change the plan or pay again: a new way to pay is "
    "set up then, and the old one ends."
)


class SeeOther(HttpResponseRedirect):
    """303: the browser asks the next page with GET, whatever the form did."""

    status_code = 303


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_summary(request: HttpRequest) -> HttpResponse:
    return summary_page(request)


@require_POST
@requires(Permission.BILLING)
def billing_pay(request: HttpRequest) -> HttpResponse:
    """Open the gateway's page. A second click or tab arrives at the same one."""
    try:
        _state_keep(request)
        checkout = checkout_start(
            tenant=request.tenant,
            interval=PERIODS.get(request.POST.get("period", ""), ""),
            user_id=request.user.pk,
            return_url=back_from_gateway(request),
            now=clock.now(),
            gateway_code=request.POST.get("gateway", ""),
        )
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    return SeeOther(checkout.url)


@require_POST
@requires(Permission.BILLING)
def billing_repair(request: HttpRequest) -> HttpResponse:
    """To the gateway's page for cards and mandates; where there is none, say what to do instead."""
    subscription = subscription_current(request.tenant)
    back = tenant_url(request.tenant, reverse("billing"))
    try:
        url = repair_url(subscription=subscription, return_url=back) if subscription else ""
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    if not url:
        return summary_page(request, problem=gettext(PAY_ANEW))
    return SeeOther(url)


def _state_keep(request: HttpRequest) -> None:
    """Where the State of the payer is not known, the form asks for it. Raises StateMissing."""
    payer = payer_facts(request.tenant)
    chosen = request.POST.get("state_code", "")
    if not payer.state_code and chosen:
        account_update(
            tenant=request.tenant, now=clock.now(), actor_id=request.user.pk, state_code=chosen
        )
        payer = payer_facts(request.tenant)
    buyer_check(country=payer.country, state_code=payer.state_code, gstin=payer.gstin)


def summary_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page itself; forms that were refused come back here with the reason on top."""
    return render(request, "billing/summary.html", _context(request, problem), status=status)


def back_from_gateway(request: HttpRequest) -> str:
    return tenant_url(request.tenant, reverse("billing_return"))


def _context(request: HttpRequest, problem: str) -> dict[str, Any]:
    now = clock.now()
    summary = subscription_summary(request.tenant, now=now)
    return {
        "summary": summary,
        "plan": summary.plan,
        "page": owner_page(request.tenant, now=now, access=summary.access),
        "problem": problem,
        "states": _states(request) if summary.may_pay else [],
    }


def _states(request: HttpRequest) -> list[tuple[str, str]]:
    """To choose from, while the payer's State is not known."""
    payer = payer_facts(request.tenant)
    if payer.state_code or payer.country != "IN":
        return []
    return sorted(
        ((code, gettext(name)) for code, name in STATES.items()), key=lambda state: state[1]
    )
