"""The door of all three gateways, pushed at: 400 for junk, 503 while nothing can be stored."""

import gzip
import json
import socket
import time
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection
from django.test import Client

from billing.gateways.razorpay import signature as razorpay
from billing.gateways.sandbox import signature_of as sandbox_signature
from billing.gateways.stripe import signature as stripe
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.schedule import nudging
from marketing_platform.schedule import services as schedule
from marketing_platform.schedule.models import DueWork
from tests.twins_razorpay import WEBHOOK_SECRET as RAZORPAY_SECRET
from tests.twins_stripe import WEBHOOK_SECRET as STRIPE_SECRET

pytestmark = pytest.mark.django_db
GATEWAYS = ("razorpay", "stripe", "sandbox")
KIND = {"razorpay": "event", "stripe": "type", "sandbox": "type"}
SANDBOX_SECRET = "sandbox-secret-of-the-door"
HEADER = {
    "razorpay": razorpay.HEADER,
    "stripe": stripe.HEADER,
    "sandbox": "Sandbox-Signature",
}


@pytest.fixture(autouse=True)
def doors(settings):
    """All three, at addresses where nobody answers: the door asks nobody."""
    settings.BILLING_GATEWAYS = GATEWAYS
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = "rzp_test_door", "key"
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_URL = RAZORPAY_SECRET, "http://127.0.0.1:9"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_door", STRIPE_SECRET
    settings.STRIPE_URL = settings.SANDBOX_GATEWAY_URL = "http://127.0.0.1:9"
    settings.SANDBOX_GATEWAY_SECRET = SANDBOX_SECRET


def body(gateway: str, **more: Any) -> bytes:
    row = {"id": "evt_door", KIND[gateway]: "invoice.paid", "created": int(time.time())}
    return json.dumps({**row, **more}).encode()


def headers(gateway: str, raw: bytes, *, event_id: str = "evt_door") -> dict[str, str]:
    at = str(int(time.time()))
    if gateway == "razorpay":
        signature = razorpay.signature_of(raw, RAZORPAY_SECRET)
        return {razorpay.HEADER: signature, razorpay.EVENT_HEADER: event_id}
    if gateway == "stripe":
        return {stripe.HEADER: stripe.header_of(raw, at, STRIPE_SECRET)}
    signature = sandbox_signature(raw, at, SANDBOX_SECRET)
    return {"Sandbox-Timestamp": at, "Sandbox-Signature": f"v1={signature}"}


def knock(gateway: str, raw: bytes, named: dict[str, str] | None = None, **more: Any) -> Any:
    named = headers(gateway, raw) if named is None else named
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    return client.post(
        f"/webhooks/billing/{gateway}/",
        raw,
        content_type=more.pop("content_type", "application/json"),
        headers=named,
        **more,
    )


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_one_statement_and_no_call_to_anybody(gateway, monkeypatch, django_assert_num_queries):
    def nobody(*arguments: Any) -> None:
        raise AssertionError("the door asked somebody")

    monkeypatch.setattr(socket.socket, "connect", nobody)
    raw = body(gateway)
    with django_assert_num_queries(1):
        assert knock(gateway, raw).status_code == 200
    stored = InboundEvent.objects.get(provider=gateway)
    assert (stored.event_id, stored.kind, stored.state) == ("evt_door", "invoice.paid", "stored")
    assert stored.payload == json.loads(raw)
    work = DueWork.objects.get(key=f"billing-event:{stored.pk}")
    assert (work.task, work.arguments, work.queue) == (
        "billing.apply_event",
        {"event_id": stored.pk},
        "billing",
    )


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_an_unknown_kind_is_stored_too(gateway):
    assert knock(gateway, body(gateway, **{KIND[gateway]: "moon.landed"})).status_code == 200
    assert InboundEvent.objects.get().kind == "moon.landed"


def test_neither_id_nor_body_comes_twice():
    raw, other = body("razorpay"), body("razorpay", more=1)
    for sent, event_id in [(raw, "one"), (raw, "two"), (raw, ""), (other, "one"), (raw, "one")]:
        assert knock("razorpay", sent, headers("razorpay", sent, event_id=event_id)).status_code
    assert list(InboundEvent.objects.values_list("event_id", flat=True)) == ["one"]
    assert DueWork.objects.filter(task="billing.apply_event").count() == 1


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_same_event_at_another_gateway_is_another_one(gateway):
    for one in GATEWAYS:
        assert knock(one, body(one, created=1)).status_code == 200
    assert InboundEvent.objects.count() == len(GATEWAYS)


JUNK = {
    "nothing": b"",
    "no json": b"{",
    "no object": b"[]",
    "no text": b"\xff\xfe\x00",
    "no kind": b'{"id": "evt"}',
    "kind of another type": b'{"id": "evt", "event": 7, "type": ["x"]}',
    "not a number": b'{"id": "evt", "event": "x", "type": "x", "n": NaN}',
    "beyond numbers": b'{"id": "evt", "event": "x", "type": "x", "n": 1e999}',
    "five thousand digits": b'{"id":"evt","event":"x","type":"x","n":' + b"9" * 5_000 + b"}",
    "NUL": b'{"id": "evt", "event": "x", "type": "x", "n": "\\u0000"}',
    "NUL as a name": b'{"id": "evt", "event": "x", "type": "x", "\\u0000": 1}',
    "surrogate": b'{"id": "evt", "event": "x", "type": "x", "n": "\\ud800"}',
    "compressed": gzip.compress(b'{"id": "evt", "event": "x", "type": "x"}'),
    "bottomless": b'{"id":"evt","event":"x","type":"x","n":' + b"[" * 9_000 + b"]" * 9_000 + b"}",
}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_signed_junk_is_a_400(gateway):
    for name, raw in JUNK.items():
        answer = knock(gateway, raw)
        assert (name, answer.status_code) == (name, 400)
        assert answer["Content-Type"] == "application/problem+json"
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_no_depth_is_a_500(gateway):
    """Just readable at the door was too deep to be written out further down."""
    for depth in (64, 65, 200, *range(820, 1_000, 12)):
        raw = body(gateway, n="@").replace(b'"@"', b"[" * depth + b"]" * depth)
        assert (depth, knock(gateway, raw).status_code) == (depth, 400)
    deep = body(gateway, n="@").replace(b'"@"', b"[" * 60 + b"]" * 60)
    assert knock(gateway, deep).status_code == 200


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_large_numbers_and_a_spelled_out_nul_are_kept(gateway):
    r"""A customer's note may hold the six letters \u0000; refused, it would come for a day."""
    raw = body(gateway, notes=["\\u0000", "\\\\u0000"], n=10**400, small=1e-300)
    assert knock(gateway, raw).status_code == 200
    assert InboundEvent.objects.get().payload["notes"] == ["\\u0000", "\\\\u0000"]


def foreign(gateway: str, raw: bytes) -> list[dict[str, str]]:
    """Headers that prove nothing."""
    good, name = headers(gateway, raw), HEADER[gateway]
    value = good[name]
    changed = [
        "",
        " ",
        value[:-1],
        value + "0",
        value.upper(),
        value.replace("v1=", "v0="),
        "é" * 64,
        "٣" * 64,
        "f" * 100_000,
        ",".join(["v1=" + "0" * 64] * 30),
    ]
    rows = [good | {name: other} for other in changed if other != value]
    return [*rows, {}, {key: one for key, one in good.items() if key != name}]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_headers_that_prove_nothing_are_a_400(gateway):
    raw = body(gateway)
    for named in foreign(gateway, raw):
        sent = {key: value.encode().decode("latin-1") for key, value in named.items()}
        answer = knock(gateway, raw, sent)
        assert (sent.get(HEADER[gateway], "")[:70], answer.status_code) == (
            sent.get(HEADER[gateway], "")[:70],
            400,
        )
        assert answer.json()["code"] == "invalid_signature"
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_signature_of_another_gateway_is_none(gateway):
    raw = json.dumps({"id": "evt", "event": "x", "type": "x"}).encode()
    for other in GATEWAYS:
        expected = 200 if other == gateway else 400
        assert knock(gateway, raw, headers(other, raw)).status_code == expected


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_other_methods_sizes_and_types(gateway):
    raw = body(gateway)
    named, address = headers(gateway, raw), f"/webhooks/billing/{gateway}/"
    client = Client(HTTP_HOST="localhost")
    for method in ("get", "head", "put", "patch", "delete", "options"):
        assert getattr(client, method)(address, headers=named).status_code == 405
    assert knock(gateway, b"x" * 10 * 1024 * 1024).status_code == 413
    assert not InboundEvent.objects.exists()
    assert knock(gateway, raw, content_type="multipart/form-data; boundary=x").status_code == 200


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_while_nothing_can_be_stored_the_gateway_is_to_send_again(gateway):
    def away(*arguments: Any) -> None:
        raise OperationalError("the server closed the connection")

    raw = body(gateway)
    with connection.execute_wrapper(away):
        answer = knock(gateway, raw)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_away")
    assert knock(gateway, raw).status_code == 200
    assert InboundEvent.objects.count() == 1


def test_what_no_column_takes_is_a_400():
    def refused(*arguments: Any) -> None:
        raise DataError("out of range")

    with connection.execute_wrapper(refused):
        assert knock("stripe", body("stripe")).status_code == 400


# --- the broker


def test_without_the_broker_it_is_stored_and_applied_later(
    monkeypatch, django_capture_on_commit_callbacks, work_off
):
    asked = []

    def away(*arguments: Any, **more: Any) -> None:
        asked.append(arguments)
        raise ConnectionError("the broker is away")

    monkeypatch.setattr(schedule.app, "send_task", away)
    monkeypatch.setattr(nudging, "AFTER_SECONDS", 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert knock("sandbox", body("sandbox")).status_code == 200
    deadline = time.monotonic() + 5
    while not asked and time.monotonic() < deadline:
        time.sleep(0.01)
    assert asked
    # What the dispatcher finds as soon as it can send again.
    assert schedule._due().filter(queue="billing").count() == 1
    work_off()
    assert InboundEvent.objects.get().state == "ignored"


def test_a_slow_broker_holds_up_no_answer(monkeypatch):
    sent = []

    def slow(*word: Any) -> bool:
        time.sleep(0.2)
        sent.append(word)
        return len(sent) < 2

    monkeypatch.setattr(nudging, "nudge", slow)
    monkeypatch.setattr(nudging, "AFTER_SECONDS", 0)
    began = time.perf_counter()
    assert all(nudging.nudge_soon(number, "billing") for number in range(50))
    assert time.perf_counter() - began < 0.1
    deadline = time.monotonic() + 5
    while len(sent) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    # The second one failed: the others wait for the dispatcher.
    assert [number for number, _queue in sent] == [0, 1]
    assert nudging._waiting.empty()


def test_too_many_words_are_left_to_the_dispatcher(monkeypatch):
    monkeypatch.setattr(nudging, "_waiting", nudging.Queue(1))
    monkeypatch.setattr(nudging, "_sender_start", lambda: None)
    assert nudging.nudge_soon(1, "billing")
    assert not nudging.nudge_soon(2, "billing")
