"""The door of the gateways: stored and answered, never worked on here."""

import logging

from django.db import DatabaseError, DataError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.errors import InvalidSignature, WebhookTooLarge
from billing.services import webhook_receive
from marketing_platform.api.errors import ServiceAway
from marketing_platform.api.problems import problem_response
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError

logger = logging.getLogger(__name__)
LARGEST_WEBHOOK_KILOBYTES = 256


@csrf_exempt
@require_POST
def gateway_webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """200 once the event is stored, however often it comes; 400 for what was not signed; 503 while
    it cannot be stored, so that the gateway sends it again.
    """
    try:
        _receive(request, gateway)
    except PlatformError as error:
        return problem_response(request, error)
    return JsonResponse({"received": True})


def _receive(request: HttpRequest, gateway: str) -> None:
    raw = _raw_body(request)
    try:
        webhook_receive(gateway_code=gateway, raw=raw, headers=request.headers, now=clock.now())
    except DataError as error:
        # What no column takes will not be taken the next time either.
        raise InvalidSignature from error
    except (DatabaseError, InterfaceError) as error:
        logger.exception("a webhook of %s could not be stored", gateway)
        raise ServiceAway from error


def _raw_body(request: HttpRequest) -> bytes:
    largest = LARGEST_WEBHOOK_KILOBYTES * 1024
    try:
        raw = request.read(largest + 1)
    except UnreadablePostError as error:
        raise InvalidSignature from error
    if len(raw) > largest:
        raise WebhookTooLarge(kilobytes=LARGEST_WEBHOOK_KILOBYTES)
    return raw
