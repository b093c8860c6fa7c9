"""One table: which answer means what. No word of a text decides."""

from typing import Any

import pytest

from marketing_platform.connections.classify import classify, usage_of


def meta(code: Any, subcode: Any = None, **more: Any) -> dict[str, Any]:
    error = {"message": "190, 4 and expired appear in this text", "code": code, **more}
    return {"error": error if subcode is None else {**error, "error_subcode": subcode}}


def google(status: str, message: str = "UNAUTHENTICATED in the text") -> dict[str, Any]:
    return {"error": {"code": 0, "status": status, "message": message}}


CASES = [
    ("meta", 401, meta(190, 463), "needs_sign_in", "not_applied"),
    ("meta", 400, meta("190"), "needs_sign_in", "not_applied"),
    ("meta", 401, None, "server", "unknown"),
    ("meta", 401, {"error": "190"}, "server", "unknown"),
    ("meta", 403, meta(4), "rate_limited", "not_applied"),
    ("meta", 400, meta(80002), "rate_limited", "not_applied"),
    ("meta", 400, meta(131056), "rate_limited", "not_applied"),
    ("meta", 403, meta(4, 2207051), "rejected", "rejected"),
    ("meta", 400, meta(9, 2207042), "rate_limited", "not_applied"),
    ("meta", 400, meta(100, 33), "not_found", "rejected"),
    ("meta", 400, meta(100), "rejected", "rejected"),
    ("meta", 400, meta(506), "rejected", "rejected"),
    ("meta", 400, meta(131047), "rejected", "rejected"),
    ("meta", 500, meta(1), "server", "unknown"),
    ("meta", 200, meta(2), "server", "unknown"),
    ("meta", 400, meta(368, is_transient=True), "server", "unknown"),
    ("meta", 400, meta(490), "rejected", "rejected"),
    ("meta", 400, meta(None), "rejected", "rejected"),
    ("meta", 400, meta(True), "rejected", "rejected"),
    ("meta", 400, meta(float("inf")), "rejected", "rejected"),
    ("google_business", 401, google("UNAUTHENTICATED"), "needs_sign_in", "not_applied"),
    ("google_business", 403, google("PERMISSION_DENIED"), "rejected", "rejected"),
    ("google_business", 403, google("RESOURCE_EXHAUSTED"), "rate_limited", "not_applied"),
    ("google_business", 429, None, "rate_limited", "not_applied"),
    ("google_business", 404, google("NOT_FOUND"), "not_found", "rejected"),
    ("google_business", 400, google("INVALID_ARGUMENT"), "rejected", "rejected"),
    ("google_business", 503, google("UNAVAILABLE"), "server", "unknown"),
    ("google_business", 400, {"error": "invalid_grant"}, "rejected", "rejected"),
    ("marketo", 200, {"success": False, "errors": [{"code": "602"}]}, "needs_sign_in", None),
    ("marketo", 200, {"success": False, "errors": [{"code": "606"}]}, "rate_limited", None),
    ("marketo", 200, {"success": False, "errors": [{"code": "1003"}]}, "rejected", None),
    ("salesforce", 403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}], "rate_limited", None),
    ("salesforce", 401, [{"errorCode": "INVALID_SESSION_ID"}], "needs_sign_in", None),
    ("hubspot", 429, {"category": "RATE_LIMITS"}, "rate_limited", None),
    ("hubspot", 302, {}, "server", "unknown"),
    ("hubspot", 408, None, "server", "unknown"),
]


@pytest.mark.parametrize(("family", "status", "body", "kind", "outcome"), CASES)
def test_an_answer_means(
    family: str, status: int, body: Any, kind: str, outcome: str | None
) -> None:
    found = classify(family, status, {}, body)

    assert found is not None
    assert found.kind == kind
    assert outcome in (None, found.outcome)


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("meta", {"id": "1"}),
        ("google_business", {"name": "x"}),
        ("marketo", {"success": True, "result": []}),
        ("salesforce", [{"id": "1"}]),
    ],
)
def test_a_good_answer_means_nothing_bad(family: str, body: Any) -> None:
    assert classify(family, 200, {}, body) is None


def test_the_waits_are_read() -> None:
    usage = '{"17": [{"call_count": 95, "estimated_time_to_regain_access": 12}]}'
    from_meta = classify("meta", 400, {"x-business-use-case-usage": usage}, meta(80001))
    from_google = classify("google_business", 429, {"retry-after": "17"}, None)

    assert from_meta is not None and from_meta.retry_after == 720.0
    assert from_google is not None and from_google.retry_after == 17.0


@pytest.mark.parametrize("header", ["", "x", "[]", "[[", '{"a": 1}', '{"a": [1, null]}', "9" * 99])
def test_a_strange_usage_header_counts_nothing(header: str) -> None:
    assert usage_of({"x-app-usage": header}) == (0, 0)
