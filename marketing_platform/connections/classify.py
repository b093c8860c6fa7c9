"""What an answer means: by the provider's own codes, never by words in the text.

Sources: Meta "Handling errors" and the WhatsApp Cloud API's error codes; Google "Error model"
(google.rpc.Code); Salesforce REST "Status codes and error responses"; HubSpot "Handling errors";
Marketo REST "Error codes".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

META_SIGN_IN = frozenset({102, 190})
# 131016, 131057, 133016: away for a moment, and it says so before doing anything.
META_WAIT = frozenset(
    {4, 17, 32, 341, 613, *range(80000, 80015), 130429, 131016, 131056, 131057, 133016}
)
META_UNKNOWN = frozenset({1, 2, 131000})
META_MISSING = frozenset({803})
# A publishing refusal that comes under a code for waiting: what is posted may be live all the same.
IG_BLOCKED, IG_QUOTA = 2207051, 2207042
GOOGLE_WAIT = frozenset({"RESOURCE_EXHAUSTED"})
MARKETO_SIGN_IN = frozenset({"601", "602"})
MARKETO_WAIT = frozenset({"606", "607", "615"})
MARKETO_AWAY = frozenset({"502", "604", "608", "611", "614"})
USAGE_COUNTS = ("call_count", "total_time", "total_cputime")
BUSINESS_USAGE = "x-business-use-case-usage"
HOUR = 3600.0
LONGEST_WAIT = 86_400.0
LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Finding:
    """`kind` as in errors.SENTENCES; `outcome` is that of a call that writes."""

    kind: str
    outcome: str
    code: int | str = ""
    subcode: int | str = ""
    retry_after: float | None = None
    detail: str = ""


def classify(family: str, status: int, headers: Mapping[str, str], body: Any) -> Finding | None:
    """What is wrong with an answer; None when nothing is. `body`: parsed JSON, or None."""
    known = {"meta": _meta, "google_business": _google, "marketo": _marketo}.get(family, _plain)
    finding = known(status, headers, body)
    if finding is None and not 200 <= status < 300:
        found = _by_status(status, headers)
        return replace(found, code=_oauth_word(body))
    return finding


def _oauth_word(body: Any) -> str:
    """Of a token address: {"error": "invalid_grant"} (RFC 6749, section 5.2)."""
    return text_of(body.get("error")) if isinstance(body, dict) else ""


def _meta(status: int, headers: Mapping[str, str], body: Any) -> Finding | None:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        # Without its code a 401 proves nothing about the token.
        return Finding("server", "unknown") if status == 401 else None
    code, subcode = whole(error.get("code")), whole(error.get("error_subcode"))
    facts: dict[str, Any] = {"code": code, "subcode": subcode, "detail": _meta_detail(error)}
    if code in META_SIGN_IN:
        return Finding("needs_sign_in", "not_applied", **facts)
    if subcode == IG_QUOTA:
        return Finding("rate_limited", "not_applied", retry_after=HOUR, **facts)
    if code in META_WAIT and subcode != IG_BLOCKED:
        return Finding("rate_limited", "not_applied", retry_after=_wait(headers), **facts)
    if code in META_MISSING or (code == 100 and subcode == 33):
        return Finding("not_found", "rejected", **facts)
    if code in META_UNKNOWN or error.get("is_transient") is True or status >= 500:
        return Finding("server", "unknown", **facts)
    return Finding("rejected", "rejected", **facts)


def _meta_detail(error: dict[str, Any]) -> str:
    more = error.get("error_data")
    details = more.get("details") if isinstance(more, dict) else ""
    return text_of(error.get("error_user_msg") or details or error.get("message"))


def _google(status: int, headers: Mapping[str, str], body: Any) -> Finding | None:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    word = text_of(error.get("status"))
    facts: dict[str, Any] = {"code": word, "detail": text_of(error.get("message"))}
    if word in GOOGLE_WAIT or status == 429:
        return Finding("rate_limited", "not_applied", retry_after=_wait(headers), **facts)
    if status == 401:
        return Finding("needs_sign_in", "not_applied", **facts)
    if status == 404:
        return Finding("not_found", "rejected", **facts)
    if status >= 500:
        return Finding("server", "unknown", **facts)
    return Finding("rejected", "rejected", **facts)


def _marketo(status: int, headers: Mapping[str, str], body: Any) -> Finding | None:
    """Its errors come inside answers with status 200."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not errors or not isinstance(errors, list) or not isinstance(errors[0], dict):
        return None
    code = text_of(errors[0].get("code"))
    facts: dict[str, Any] = {"code": code, "detail": text_of(errors[0].get("message"))}
    if code in MARKETO_SIGN_IN:
        return Finding("needs_sign_in", "not_applied", **facts)
    if code in MARKETO_WAIT:
        # 606: 100 calls in 20 s; 607: the day's quota; 615: ten calls at once.
        wait = _wait(headers) or (HOUR if code == "607" else 20.0)
        return Finding("rate_limited", "not_applied", retry_after=wait, **facts)
    if code in MARKETO_AWAY:
        return Finding("server", "unknown", **facts)
    return Finding("not_found" if code == "610" else "rejected", "rejected", **facts)


def _plain(status: int, headers: Mapping[str, str], body: Any) -> Finding | None:
    """Salesforce answers a list of {errorCode, message}, HubSpot an object with a category."""
    if 200 <= status < 300:
        return None
    error = body[0] if isinstance(body, list) and body else body
    if not isinstance(error, dict):
        return None
    code = text_of(error.get("errorCode") or error.get("category") or error.get("error"))
    facts: dict[str, Any] = {"code": code, "detail": text_of(error.get("message"))}
    if code == "REQUEST_LIMIT_EXCEEDED":
        wait = _wait(headers) or HOUR
        return Finding("rate_limited", "not_applied", retry_after=wait, **facts)
    found = _by_status(status, headers)
    return Finding(found.kind, found.outcome, retry_after=found.retry_after, **facts)


def _by_status(status: int, headers: Mapping[str, str]) -> Finding:
    if status == 401:
        return Finding("needs_sign_in", "not_applied")
    if status == 429:
        return Finding("rate_limited", "not_applied", retry_after=_wait(headers))
    if status == 404:
        return Finding("not_found", "rejected")
    if 400 <= status < 500 and status != 408:
        return Finding("rejected", "rejected")
    # 408, 5xx, and a redirect nobody announced.
    return Finding("server", "unknown")


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds, from Retry-After or Meta's minutes."""
    from_meta = usage_of(headers)[1]
    if from_meta:
        return min(from_meta * 60.0, LONGEST_WAIT)
    given = headers.get("retry-after", "")
    # A date is allowed there too; none of ours sends one.
    return min(float(given), LONGEST_WAIT) if given.isascii() and given.isdecimal() else None


def usage_of(headers: Mapping[str, str]) -> tuple[int, int]:
    """Meta's own counting: percent used, and minutes until calls are taken again."""
    rows = [*_usages(headers.get("x-app-usage")), *_usages(headers.get(BUSINESS_USAGE))]
    used = [whole(row.get(name)) for row in rows for name in USAGE_COUNTS]
    waits = [whole(row.get("estimated_time_to_regain_access")) for row in rows]
    return max((n for n in used if isinstance(n, int)), default=0), max(
        (n for n in waits if isinstance(n, int)), default=0
    )


def _usages(header: str | None) -> list[dict[str, Any]]:
    """The objects in a header, whether plain or as lists by account."""
    try:
        found = json.loads(header or "{}")
    except ValueError:
        return []
    if not isinstance(found, dict):
        return []
    listed = [row for rows in found.values() if isinstance(rows, list) for row in rows]
    return [row for row in [found, *listed] if isinstance(row, dict)]


def whole(found: Any) -> int | str:
    """A number, also when sent as text; an empty text for anything else."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return ""
    try:
        return int(found)
    except (ValueError, OverflowError):
        return ""


def text_of(found: Any) -> str:
    if not isinstance(found, str | int):
        return ""
    readable = "".join(c if c.isprintable() else " " for c in str(found)[:2000])
    return " ".join(readable.split())[:LONGEST_DETAIL]
