"""One HTTP exchange with a provider: bounded in time and size, secrets kept out of what is said."""

import json
import logging
import ssl
import time
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import httpx
from django.conf import settings

from marketing_platform.connections.classify import Finding, classify
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.providers import Provider

logger = logging.getLogger(__name__)
TIMEOUT = httpx.Timeout(connect=5.0, read=20.0, write=20.0, pool=5.0)
# Of the whole exchange: a server may drip a byte a second for ever.
LONGEST_SECONDS = 45.0
LARGEST_ANSWER = 8 * 1024 * 1024
READS = frozenset({"GET", "HEAD"})
# Nothing of the request had left: trying again is safe.
NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.ProxyError,
)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def open_client() -> httpx.Client:
    """No connection is kept: one that the other side closed meanwhile looks like a lost answer."""
    return httpx.Client(
        timeout=TIMEOUT,
        verify=_tls(),
        follow_redirects=False,
        trust_env=settings.CONNECTIONS_MODE == "live",
        limits=httpx.Limits(max_keepalive_connections=0, max_connections=4),
        headers={"User-Agent": settings.PRODUCT_NAME, "Accept": "application/json"},
    )


def exchange(
    provider: Provider,
    method: str,
    url: str,
    *,
    secrets: Iterable[str] = (),
    on_headers: Any = None,
    **parts: Any,
) -> Any:
    """The answer's JSON. Raises ProviderFailure; `secrets` are hidden in whatever it says.

    `parts`: json, params, data, files, headers, as httpx takes them.
    """
    started = time.monotonic()
    try:
        status, headers, raw = _answer(method, url, parts, started)
    except httpx.HTTPError as error:
        raise _no_answer(provider, method, error) from None
    except (httpx.InvalidURL, httpx.CookieConflict, UnicodeError, ValueError) as error:
        # Ours, before anything left; its text may hold the address.
        raise _failed(provider, Finding("unreachable", "not_applied"), method, 0) from error
    if on_headers is not None:
        on_headers(headers)
    body, is_json = _parsed(raw)
    family = provider.limits_shared_as
    finding = classify(family, status, headers, body)
    if finding is None and (raw is None or not is_json):
        # Taken, it seems, and what came of it cannot be read.
        finding = Finding("server", "unknown")
    logger.info("%s %s %s: %d", provider.code, method, _path(url), status)
    if finding is not None:
        raise _failed(provider, finding, method, status, secrets)
    return body


def _answer(
    method: str, url: str, parts: Mapping[str, Any], started: float
) -> tuple[int, httpx.Headers, bytes | None]:
    """Status, headers and body; None for a body too large."""
    with open_client() as client, client.stream(method, url, **parts) as answer:
        read, size = [], 0
        for part in answer.iter_bytes():
            size += len(part)
            if size > LARGEST_ANSWER:
                return answer.status_code, answer.headers, None
            if time.monotonic() - started > LONGEST_SECONDS:
                raise httpx.ReadTimeout("the answer took too long")
            read.append(part)
        return answer.status_code, answer.headers, b"".join(read)


def _parsed(raw: bytes | None) -> tuple[Any, bool]:
    if raw is None:
        return None, False
    if not raw.strip():
        return {}, True
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None, False
    return found, isinstance(found, dict | list)


def _no_answer(provider: Provider, method: str, error: httpx.HTTPError) -> ProviderFailure:
    kind = "timeout" if isinstance(error, httpx.TimeoutException) else "unreachable"
    outcome = "not_applied" if isinstance(error, NEVER_LEFT) else "unknown"
    if isinstance(error, NEVER_LEFT):
        kind = "unreachable"
    logger.warning("%s %s: %s", provider.code, method, type(error).__name__)
    return _failed(provider, Finding(kind, outcome), method, 0)


def _failed(
    provider: Provider, found: Finding, method: str, status: int, secrets: Iterable[str] = ()
) -> ProviderFailure:
    return ProviderFailure(
        found.kind,
        provider=provider.label,
        code=found.code,
        subcode=found.subcode,
        http_status=status,
        retry_after=found.retry_after,
        # A question changes nothing, however it ends.
        outcome="not_applied" if method in READS else found.outcome,
        detail=without(found.detail, secrets),
    )


def without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if len(secret) >= 6:
            text = text.replace(secret, "***")
    return text


def _path(url: str) -> str:
    """For the log: without the query, in which some providers want secrets."""
    return httpx.URL(url).path[:120]
