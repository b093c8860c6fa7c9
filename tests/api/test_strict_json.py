from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from rest_framework.exceptions import ParseError

from marketing_platform.api.parsers import StrictJSONParser
from marketing_platform.tenants.models import Tenant

ENTERPRISE = "/api/enterprise/intelligence"


def parsed(raw: bytes, encoding: str = "utf-8") -> object:
    return StrictJSONParser().parse(BytesIO(raw), parser_context={"encoding": encoding})


def post(key: str, path: str, body: str | bytes) -> tuple[int, str, str]:
    answer = Client().post(
        path,
        data=body,
        content_type="application/json",
        HTTP_HOST="localhost",
        HTTP_AUTHORIZATION=f"Bearer {key}",
    )
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"], answer.json()["detail"]


def test_what_is_fine_is_read_as_it_stands() -> None:
    raw = '{"नाम": ["मिठाई", "\\ud83d\\ude00", 1, -2.5, true, null, {}]}'.encode()

    assert parsed(raw) == {"नाम": ["मिठाई", "😀", 1, -2.5, True, None, {}]}
    assert parsed("é".join('""').encode("latin-1"), "latin-1") == "é"


def test_twenty_levels_are_read_and_one_more_is_not() -> None:
    assert parsed(b"[" * 20 + b"]" * 20)
    with pytest.raises(ParseError, match="at most 20 levels"):
        parsed(b"[" * 21 + b"]" * 21)
    with pytest.raises(ParseError, match="at most 20 levels"):
        parsed(b'{"a":' * 21 + b"1" + b"}" * 21)


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_named(name: str) -> None:
    with pytest.raises(ParseError, match=f"^{name} is not a number in JSON.$"):
        parsed(f"[{name}]".encode())


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5000])
def test_a_number_that_nothing_could_hold_is_refused(number: str) -> None:
    with pytest.raises(ParseError):
        parsed(f'{{"points": [{number}]}}'.encode())


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00\ud800", r"a\u0000"])
@pytest.mark.parametrize("body", ['"%s"', '{"%s": 1}', '[{"a": ["%s"]}]'])
def test_a_string_that_cannot_be_stored_is_refused_wherever_it_is(body: str, text: str) -> None:
    with pytest.raises(ParseError, match="cannot be stored"):
        parsed((body % text).encode())


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff", b"{'a': 1}", b"\xed\xa0\x80", b'"\x00"'])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError, match=r"^The body is not valid JSON: "):
        parsed(raw)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, r'{"\ud800": 1}', r'{"series": [{"name": "\ud800"}]}', '{"series": [NaN]}'],
)
def test_such_a_body_is_a_problem_at_the_api(
    enterprise_tenant: Tenant, api_key: Callable[[Tenant], str], body: str
) -> None:
    assert post(api_key(enterprise_tenant), ENTERPRISE, body)[:2] == (400, "parse_error")


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_413(
    local_tenant: Tenant, api_key: Callable[[Tenant], str], settings: object
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = post(api_key(local_tenant), "/api/local/intelligence", '{"a": "' + "x" * 100 + '"}')

    assert answer[:2] == (413, "too_large")
