"""The owner's billing page, and the way to a gateway's page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.engine.gst import STATES
from billing.models import Checkout
from billing.selectors import subscription_current, subscription_summary
from billing.selectors.accounts import payer_facts
from billing.selectors.owner import owner_page
from billing.selectors.trial_done import trial_done
from billing.services import checkout_start
from billing.services.accounts import account_update
from billing.services.checkouts import page_returns
from billing.services.invoicing import buyer_check
from billing.services.pay_links import repair_start
from billing.views.counting import counted_again
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.permissions import Permission, requires

PERIODS = {"monthly": "month", "annual": "year"}


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
@counted_again
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
    return to_payment(checkout)


def to_payment(checkout: Checkout) -> SeeOther:
    """To the gateway's page; where that one never sends the customer back, to ours, which opens it
    beside itself and waits."""
    if page_returns(checkout):
        return SeeOther(checkout.url)
    return SeeOther(f"{reverse('billing_return')}?checkout={checkout.pk}")


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_repair(request: HttpRequest) -> HttpResponse:
    """To the gateway's page for cards and mandates, or to agree to a new mandate."""
    subscription = subscription_current(request.tenant)
    if subscription is None:
        raise Http404
    try:
        repair = repair_start(
            subscription=subscription,
            back_url=tenant_url(request.tenant, reverse("billing")),
            return_url=back_from_gateway(request),
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    if repair.checkout is not None:
        return to_payment(repair.checkout)
    if repair.comes_back:
        return SeeOther(repair.url)
    return render(request, "billing/repair.html", {"open_url": repair.url})


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
    summary = subscription_summary(request.tenant, now=now, access=request.entitlements)
    page = owner_page(request.tenant, now=now, summary=summary)
    return {
        "summary": summary,
        "plan": summary.plan,
        "prices": page.prices,
        "page": page,
        "trial_done": trial_done(request.tenant, summary.subscription, now=now),
        "problem": problem,
        "states": states_named() if page.asks_state else [],
    }


def states_named() -> list[tuple[str, str]]:
    """To choose from: code and name, in the reader's language and order."""
    return sorted(
        ((code, gettext(name)) for code, name in STATES.items()), key=lambda state: state[1]
    )
