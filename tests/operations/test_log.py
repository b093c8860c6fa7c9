import json
import logging
import logging.config
import sys
from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from marketing_platform.operations.log import logging_config, masked
from marketing_platform.operations.request_id import RequestIdMiddleware

KEY = "live_0123456789ab_" + "s" * 43


@pytest.fixture
def formatter() -> logging.Formatter:
    config = logging_config(json=True)["formatters"]["line"]
    made = config.pop("()")
    return made(**config)


def line(formatter: logging.Formatter, message: str, *arguments: object, **extra: object) -> dict:
    record = logging.makeLogRecord(
        {"name": "shop", "levelno": 20, "levelname": "INFO", "msg": message, "args": arguments}
        | extra
    )
    return json.loads(formatter.format(record))


def test_a_line_carries_request_workspace_and_person(
    formatter: logging.Formatter, rf: RequestFactory
) -> None:
    lines = []

    def view(request: HttpRequest) -> HttpResponse:
        request.tenant = SimpleNamespace(schema_name="t_1")
        request.user = SimpleNamespace(pk="u-1")
        lines.append(line(formatter, "posted %s", "today"))
        return HttpResponse()

    RequestIdMiddleware(view)(rf.get("/", HTTP_X_REQUEST_ID="trace-0001"))

    assert {name: lines[0][name] for name in ("event", "request_id", "tenant", "user_id")} == {
        "event": "posted today",
        "request_id": "trace-0001",
        "tenant": "t_1",
        "user_id": "u-1",
    }


def test_a_line_outside_a_request_says_so(formatter: logging.Formatter) -> None:
    found = line(formatter, "tick")

    assert (found["request_id"], found["tenant"], found["user_id"]) == ("", "public", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"key {KEY} used", "key live_0123456789ab_*** used"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgresql://shop:hunter2@db/x", "postgresql://shop:***@db/x"),
        ("redis://:hunter2@127.0.0.1/0", "redis://:***@127.0.0.1/0"),
        ("GET /back/?token=abc&next=/", "GET /back/?token=***&next=/"),
        ("GET /media/signed/abc:def", "GET /media/signed/***"),
        ("nothing to hide: test_second_webhook", "nothing to hide: test_second_webhook"),
    ],
)
def test_secrets_are_hidden_by_their_look(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_secrets_are_hidden_by_their_name(formatter: logging.Formatter) -> None:
    found = line(formatter, "signed in", password="hunter2", api_key="k", city="pune")

    assert (found["password"], found["api_key"], found["city"]) == ("***", "***", "pune")


@pytest.mark.parametrize("is_json", [True, False])
def test_a_traceback_shows_no_local_variables(is_json: bool) -> None:
    config = logging_config(json=is_json)["formatters"]["line"]
    made = config.pop("()")(**config)
    hidden = "".join(["hun", "ter2"])
    try:
        raise ValueError(f"bad key {KEY}, not {len(hidden)}")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    shown = made.format(record)

    assert "ValueError: bad key live_0123456789ab_***" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("is_json", [True, False])
def test_the_configuration_is_accepted(is_json: bool) -> None:
    logging.config.DictConfigurator(logging_config(json=is_json)).configure_formatter(
        dict(logging_config(json=is_json)["formatters"]["line"])
    )
