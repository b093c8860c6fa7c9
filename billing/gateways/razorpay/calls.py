"""Calls to Razorpay: plain values in and out, its errors as our three."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx

from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound

TIMEOUT = httpx.Timeout(10, connect=3)
PAGE = 100
MOST_PAGES = 1_000
# 409: the same refund is on its way. Both are worth asking again.
TRY_AGAIN = frozenset({408, 409, 425, 429})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """`at`: Razorpay's own time of the answer, in whole seconds."""

    row: Row
    at: datetime


class Client:
    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        base_url: str,
        transport: httpx.BaseTransport | None = None,
    ):
        self._auth = (key_id, key_secret)
        self._base_url = base_url.rstrip("/")
        self._transport = transport

    def get(self, path: str, **params: Any) -> Row:
        return self._call("GET", path, params=params).row

    def dated(self, path: str) -> Answer:
        return self._call("GET", path)

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Row:
        """Never repeated here: only refunds have an idempotency key."""
        return self._call("POST", path, json=body, headers=headers).row

    def many(
        self, path: str, *, name: str = "items", page: int = PAGE, **params: Any
    ) -> Iterator[Row]:
        """Every row of a list, page by page."""
        for turn in range(MOST_PAGES):
            rows = self.get(path, count=page, skip=turn * page, **params).get(name) or []
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise GatewayUnavailable
            yield from rows
            if len(rows) < page:
                return

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        # Neither proxies nor a .netrc of the machine: they would see or change our key.
        client = httpx.Client(
            auth=self._auth,
            timeout=TIMEOUT,
            trust_env=False,
            transport=self._transport,
            verify=_certificates(),
        )
        try:
            with client:
                answer = client.request(method, f"{self._base_url}/v1/{path}", **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewayUnavailable from error
        return Answer(_row_of(answer), _time_of(answer))


@cache
def _certificates() -> SSLContext:
    """Reading them takes longer than a call; once for the process is enough."""
    return httpx.create_ssl_context(trust_env=False)


def _row_of(answer: httpx.Response) -> Row:
    status = answer.status_code
    if status >= 500 or status in TRY_AGAIN or 300 <= status < 400:
        raise GatewayUnavailable
    try:
        row = answer.json()
    except (ValueError, RecursionError) as error:
        # A page in place of JSON comes from something between us and Razorpay.
        raise GatewayUnavailable from error
    if not isinstance(row, dict):
        raise GatewayUnavailable
    if status >= 400:
        raise _refused(status, row)
    return row


def _refused(status: int, row: Row) -> GatewayRefused:
    """An unknown id is answered 400, and only the description tells."""
    error = row.get("error")
    description = str(error.get("description") or "") if isinstance(error, dict) else ""
    is_unknown = status == 404 or "does not exist" in description
    return RemoteNotFound() if is_unknown else GatewayRefused()


def _time_of(answer: httpx.Response) -> datetime:
    try:
        return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayUnavailable from error
