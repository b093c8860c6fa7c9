"""Back from a gateway's page."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing.errors import GatewayUnavailable
from billing.models import Checkout, CheckoutState
from billing.selectors import checkout_by_id
from billing.services import checkout_refresh_if_due
from billing.services.checkouts import agreed_for, page_returns
from marketing_platform.core import clock
from marketing_platform.schedule.changed import workspace_changed
from marketing_platform.tiers.contracts import entitlements_of
from marketing_platform.users.permissions import Permission, requires

logger = logging.getLogger(__name__)
STOP_POLLING = 286


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_return(request: HttpRequest) -> HttpResponse:
    """Back from the gateway. What the address says of the result is not believed.

    This very request may learn of the payment, so what the workspace may do is asked again: the
    banner above the page tells it.
    """
    checkout = _refreshed(_asked_checkout(request))
    request.entitlements = entitlements_of(request.tenant)
    if checkout.state == CheckoutState.PAID:
        workspace_changed(now=clock.now())
    return render(request, "billing/return.html", _return_context(checkout))


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_return_status(request: HttpRequest) -> HttpResponse:
    """Polled while the payment is unconfirmed; 286 tells htmx to stop, and the page to load anew:
    what stands around it has changed too."""
    context = _return_context(_refreshed(_asked_checkout(request)))
    status = 200 if context["is_waiting"] else STOP_POLLING
    answer = render(request, "billing/_return_status.html", context, status=status)
    if not context["is_waiting"]:
        workspace_changed(now=clock.now())
        answer["HX-Refresh"] = "true"
    return answer


def _return_context(checkout: Checkout) -> dict[str, Any]:
    status_url = f"{reverse('billing_return_status')}?checkout={checkout.pk}"
    agreed_on = agreed_for(checkout)
    is_waiting = checkout.state == CheckoutState.OPEN and agreed_on is None
    return {
        "state": checkout.state,
        "is_waiting": is_waiting,
        "agreed_on": agreed_on,
        "open_url": checkout.url if is_waiting and not page_returns(checkout) else "",
        "is_surplus": checkout.state == CheckoutState.PAID and checkout.subscription_id is None,
        "status_url": status_url,
    }


def _asked_checkout(request: HttpRequest) -> Checkout:
    checkout = checkout_by_id(request.GET.get("checkout", ""))
    if checkout is None or checkout.tenant_id != request.tenant.pk:
        raise Http404
    return checkout


def _refreshed(checkout: Checkout) -> Checkout:
    """As the gateway knows it now; as it was when the gateway does not answer."""
    try:
        return checkout_refresh_if_due(checkout=checkout, now=clock.now())
    except GatewayUnavailable:
        logger.warning("the gateway did not answer about checkout %s", checkout.pk)
        return checkout
