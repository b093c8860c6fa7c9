"""The door for providers' webhooks: who receives them is said in the table of tiers."""

import logging
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.inbox.errors import DeliveryTooLarge, SignatureWrong, UnknownProvider
from marketing_platform.tiers.contracts import WebhookReceiver, resolve
from marketing_platform.tiers.registry import REGISTRY, deployed

logger = logging.getLogger(__name__)
# Providers bundle: Meta sends up to a thousand changes in one.
LARGEST_KILOBYTES = 3 * 1024


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def provider_webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """200 once it is stored, however often it comes; 401 for what was not signed."""
    try:
        receiver = receiver_of(provider)
        if request.method == "GET":
            answer = receiver.challenge(request.GET)
            return HttpResponse(answer, content_type="text/plain; charset=utf-8")
        is_new = receiver.receive(raw=_raw_body(request), headers=request.headers, now=clock.now())
    except PlatformError as error:
        logger.warning("a webhook of %s was refused: %s", provider, error.code)
        return JsonResponse({"code": error.code, "detail": error.english}, status=error.status)
    return JsonResponse({"received": True, "is_new": is_new})


def receiver_of(provider: str) -> WebhookReceiver:
    """Of the tiers deployed here. Raises UnknownProvider."""
    for tier in deployed():
        path = REGISTRY[tier].webhooks.get(provider)
        if path:
            return cast(WebhookReceiver, resolve(path)())
    raise UnknownProvider


def _raw_body(request: HttpRequest) -> bytes:
    try:
        raw = request.read(LARGEST_KILOBYTES * 1024 + 1)
    except UnreadablePostError as error:
        raise SignatureWrong from error
    if len(raw) > LARGEST_KILOBYTES * 1024:
        raise DeliveryTooLarge(kilobytes=LARGEST_KILOBYTES)
    return raw
