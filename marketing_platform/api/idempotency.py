"""The same POST with the same Idempotency-Key is done once and answered the same."""

import hashlib
import re
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.errors import (
    IdempotencyKeyReused,
    InvalidIdempotencyKey,
    RequestInFlight,
)
from marketing_platform.api.models import RememberedAnswer
from marketing_platform.core import clock

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
KEPT_FOR = timedelta(hours=24)
IN_FLIGHT_FOR = timedelta(minutes=2)


def answer_claim(request: Request) -> RememberedAnswer | Response | None:
    """None without a key; a stored Response for a repeat; otherwise a fresh row to fill.

    Raises InvalidIdempotencyKey, IdempotencyKeyReused (422), RequestInFlight (409).
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return None
    if not KEY.fullmatch(key):
        raise InvalidIdempotencyKey(field="Idempotency-Key")
    plain = request._request
    who = {"tenant": plain.tenant, "actor": _actor(plain), "key": key}
    request_hash = _hash(plain)
    now = clock.now()
    RememberedAnswer.objects.filter(**who, created_at__lt=now - KEPT_FOR).delete()
    RememberedAnswer.objects.filter(**who, status=None, created_at__lt=now - IN_FLIGHT_FOR).delete()
    try:
        with transaction.atomic():
            return RememberedAnswer.objects.create(**who, request_hash=request_hash, created_at=now)
    except IntegrityError:
        return _repeat(RememberedAnswer.objects.get(**who), request_hash)


def answer_store(claim: RememberedAnswer, response: Response) -> None:
    """Keep what was answered; a failure of ours is forgotten so that it can be tried again."""
    if response.status_code >= 500 or response.status_code == 429:
        claim.delete()
        return
    with transaction.atomic():
        RememberedAnswer.objects.filter(pk=claim.pk).update(
            status=response.status_code, body=_plain_json(response.data)
        )


def _repeat(row: RememberedAnswer, request_hash: str) -> Response:
    if row.request_hash != request_hash:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    if row.status is None:
        raise RequestInFlight
    response = Response(row.body, status=row.status)
    response["Idempotency-Replayed"] = "true"
    return response


def _actor(request: Any) -> str:
    return f"key:{request.api_key.pk}" if request.api_key else f"user:{request.user.pk}"


def _hash(request: Any) -> str:
    # path_info has lost its final slash: with and without it is the same request.
    return hashlib.sha256(
        f"{request.method} {request.path_info}\n".encode() + request.body
    ).hexdigest()


def _plain_json(content: Any) -> Any:
    import json

    from rest_framework.utils.encoders import JSONEncoder

    return json.loads(json.dumps(content, cls=JSONEncoder))
