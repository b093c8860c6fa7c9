"""Billing pages and the webhook door."""

import logging
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    UnreadablePostError,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from billing.errors import GatewayUnavailable, InvalidSignature, WebhookTooLarge
from billing.models import Checkout, CheckoutState
from billing.selectors import checkout_by_id, subscription_summary
from billing.services import checkout_refresh_if_due, checkout_start, webhook_receive
from marketing_platform.api.problems import problem_response, sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.permissions import Permission, requires

logger = logging.getLogger(__name__)
LARGEST_WEBHOOK_KILOBYTES = 256
STOP_POLLING = 286
PERIODS = {"monthly": "month", "annual": "year"}


class SeeOther(HttpResponseRedirect):
    """303: the browser asks the next page with GET, whatever the form did."""

    status_code = 303


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_summary(request: HttpRequest) -> HttpResponse:
    return _summary(request)


@require_POST
@requires(Permission.BILLING)
def billing_pay(request: HttpRequest) -> HttpResponse:
    """Open the gateway's page. A second click or tab arrives at the same one."""
    try:
        checkout = checkout_start(
            tenant=request.tenant,
            interval=PERIODS.get(request.POST.get("period", ""), ""),
            user_id=request.user.pk,
            return_url=tenant_url(request.tenant, reverse("billing_return")),
            now=clock.now(),
        )
    except PlatformError as error:
        return _summary(request, problem=sentence_of(error), status=error.status)
    return SeeOther(checkout.url)


def _summary(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    summary = subscription_summary(request.tenant, now=clock.now())
    context = {"summary": summary, "plan": summary.plan, "problem": problem}
    return render(request, "billing/summary.html", context, status=status)


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_return(request: HttpRequest) -> HttpResponse:
    """Back from the gateway. What the address says of the result is not believed."""
    return render(request, "billing/return.html", _return_context(request))


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_return_status(request: HttpRequest) -> HttpResponse:
    """Polled while the payment is unconfirmed; 286 tells htmx to stop."""
    context = _return_context(request)
    status = 200 if context["is_waiting"] else STOP_POLLING
    return render(request, "billing/_return_status.html", context, status=status)


def _return_context(request: HttpRequest) -> dict[str, Any]:
    checkout = _asked_checkout(request)
    status_url = f"{reverse('billing_return_status')}?checkout={checkout.pk}"
    return {
        "state": checkout.state,
        "is_waiting": checkout.state == CheckoutState.OPEN,
        "is_surplus": checkout.state == CheckoutState.PAID and checkout.subscription_id is None,
        "status_url": status_url,
    }


def _asked_checkout(request: HttpRequest) -> Checkout:
    checkout = checkout_by_id(request.GET.get("checkout", ""))
    if checkout is None or checkout.tenant_id != request.tenant.pk:
        raise Http404
    try:
        return checkout_refresh_if_due(checkout=checkout, now=clock.now())
    except GatewayUnavailable:
        logger.warning("the gateway did not answer about checkout %s", checkout.pk)
        return checkout


@csrf_exempt
@require_POST
def gateway_webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """200 once the event is stored, however often it comes; 400 for what was not signed."""
    try:
        raw = _raw_body(request)
        webhook_receive(gateway_code=gateway, raw=raw, headers=request.headers, now=clock.now())
    except PlatformError as error:
        return problem_response(request, error)
    return JsonResponse({"received": True})


def _raw_body(request: HttpRequest) -> bytes:
    largest = LARGEST_WEBHOOK_KILOBYTES * 1024
    try:
        raw = request.read(largest + 1)
    except UnreadablePostError as error:
        raise InvalidSignature from error
    if len(raw) > largest:
        raise WebhookTooLarge(kilobytes=LARGEST_WEBHOOK_KILOBYTES)
    return raw
