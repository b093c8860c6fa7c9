"""The twin keeps to Stripe's contract where our gateway leans on it."""

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from billing.errors import InvalidSignature
from billing.gateways.registry import gateway_of
from billing.gateways.stripe.signature import HEADER
from marketing_platform.core import clock
from tests.twins_stripe import KEY

PAGE = {
    "mode": "payment",
    "success_url": "http://a.in/",
    "line_items[0][price_data][currency]": "inr",
    "line_items[0][price_data][unit_amount]": "5000",
    "line_items[0][price_data][product_data][name]": "Invoice",
}


@pytest.fixture
def ask(stripe_twin):
    def call(method, path, data=None, *, key="", token=KEY, **params):
        headers = {"Authorization": f"Bearer {token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        with httpx.Client(base_url=stripe_twin.url, trust_env=False) as client:
            url = f"/v1/{path}"
            return client.request(method, url, data=data, params=params, headers=headers)

    return call


def error_of(answer):
    return answer.json()["error"]


def test_a_key_answers_its_first_result_again(ask, stripe_twin):
    first, second = (ask("POST", "checkout/sessions", PAGE, key="k") for _turn in range(2))

    assert first.json() == second.json()
    assert len(stripe_twin.all("checkout.session")) == 1


def test_a_key_with_other_parameters_is_refused(ask):
    ask("POST", "checkout/sessions", PAGE, key="k")

    other = ask("POST", "checkout/sessions", {**PAGE, "success_url": "http://b.in/"}, key="k")
    elsewhere = ask("POST", "customers", PAGE, key="k")

    for answer in (other, elsewhere):
        assert (answer.status_code, error_of(answer)["type"]) == (400, "idempotency_error")


def test_a_failure_of_its_own_is_kept_and_a_wrong_parameter_is_not(ask, stripe_twin):
    stripe_twin.control(fail_after_apply=1)
    failed = [ask("POST", "checkout/sessions", PAGE, key="a") for _turn in range(2)]
    wrong = ask("POST", "checkout/sessions", {**PAGE, "mode": "x"}, key="b")
    right = ask("POST", "checkout/sessions", PAGE, key="b")

    assert [answer.status_code for answer in failed] == [500, 500]
    assert "Idempotent-Replayed" not in failed[0].headers
    assert failed[1].headers["Idempotent-Replayed"] == "true"
    assert (wrong.status_code, right.status_code) == (400, 200)


@pytest.mark.parametrize(
    ("more", "param"),
    [
        # Gone since this version of the API.
        ({"payment_method_types[0]": "card"}, "payment_method_types"),
        ({"expires_at": "1"}, "expires_at"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"customer_update[name]": "auto"}, "customer_update"),
        ({"customer": "cus_nobody"}, "id"),
        ({"line_items[0][quantity]": "x"}, "quantity"),
    ],
)
def test_wrong_parameters_are_named(ask, more, param):
    answer = ask("POST", "checkout/sessions", {**PAGE, **more})

    assert answer.status_code in {400, 404}
    assert error_of(answer)["param"] == param


def test_a_trial_begins_two_days_ahead_at_least(ask, stripe_twin):
    gateway = gateway_of("stripe")
    from billing.gateways.base import Charge

    price = gateway.ensure_plan(Charge(117_882, "INR", "local", "month"), key="a")
    body = {"mode": "subscription", "success_url": "http://a.in/", "line_items[0][price]": price}
    name = "subscription_data[trial_end]"
    soon, later = (str(int(time.time()) + days * 86_400 + 60) for days in (1, 2))

    assert error_of(ask("POST", "checkout/sessions", {**body, name: soon}))["param"] == name
    assert ask("POST", "checkout/sessions", {**body, name: later}).status_code == 200


def test_who_has_no_key_sees_nothing(ask):
    assert ask("GET", "customers", token="sk_other").status_code == 401


def test_five_levels_are_not_expanded(ask):
    answer = ask("GET", "events", **{"expand[]": "data.a.b.c.d"})

    assert error_of(answer)["param"] == "expand"


def test_what_waits_for_a_payment_takes_nothing_else(ask, stripe_twin):
    made = stripe_twin.pay(ask("POST", "checkout/sessions", PAGE).json()["id"])
    assert made["payment_status"] == "paid"
    price = ask("GET", "prices").json()["data"][0]
    number = stripe_twin.twin.books.subscription(
        price={**price, "recurring": {"interval": "month"}}, customer=made["customer"], method="upi"
    )["id"]

    answer = ask(
        "POST",
        f"subscriptions/{number}",
        {"payment_behavior": "pending_if_incomplete", "metadata[a]": "b"},
    )

    assert error_of(answer)["param"] == "metadata"


def test_lists_leave_out_what_is_canceled_unless_asked(ask, stripe_twin):
    made = stripe_twin.pay(ask("POST", "checkout/sessions", PAGE).json()["id"])
    price = {**ask("GET", "prices").json()["data"][0], "recurring": {"interval": "month"}}
    number = stripe_twin.twin.books.subscription(
        price=price, customer=made["customer"], method="card"
    )["id"]
    stripe_twin.act(number, "cancel")

    assert ask("GET", "subscriptions").json()["data"] == []
    assert [row["id"] for row in ask("GET", "subscriptions", status="all").json()["data"]] == [
        number
    ]


def test_a_month_has_its_own_last_day(stripe_twin):
    from stripe_time import later

    start = 1_769_817_600  # 31 January 2026, midnight UTC
    days = [time.gmtime(later(start, "month", count))[1:3] for count in range(1, 4)]

    assert days == [(2, 28), (3, 31), (4, 30)]
    leap = 1_709_164_800  # 29 February 2024
    assert time.gmtime(later(leap, "year", 1))[:3] == (2025, 2, 28)
    assert time.gmtime(later(leap, "year", 4))[:3] == (2028, 2, 29)


class Door(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((raw, dict(self.headers)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None: ...


@pytest.fixture
def door(stripe_twin):
    """Where the twin sends its webhooks; `taken` is what came."""
    server = HTTPServer(("127.0.0.1", 0), Door)
    server.taken = []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    stripe_twin.twin.webhook_url = f"http://127.0.0.1:{server.server_port}/"
    yield server
    stripe_twin.twin.webhook_url = ""
    server.shutdown()
    server.server_close()


def wait_for(door, count):
    deadline = time.monotonic() + 5
    while len(door.taken) < count:
        assert time.monotonic() < deadline, f"{len(door.taken)} came"
        time.sleep(0.02)


def test_webhooks_are_signed_and_doubled_on_demand(ask, stripe_twin, door):
    stripe_twin.control(duplicate_webhook=1)
    stripe_twin.pay(ask("POST", "checkout/sessions", PAGE).json()["id"])
    wait_for(door, 2)

    gateway = gateway_of("stripe")
    for raw, headers in door.taken:
        signed = gateway.parse_webhook(raw, headers, now=clock.now())
        assert signed.kind == "checkout.session.completed"
    assert door.taken[0][0] == door.taken[1][0]


def test_a_bad_signature_and_a_lost_webhook(ask, stripe_twin, door):
    stripe_twin.control(bad_signature=1)
    stripe_twin.pay(ask("POST", "checkout/sessions", PAGE).json()["id"])
    wait_for(door, 1)
    stripe_twin.control(drop_webhooks=True)
    stripe_twin.pay(ask("POST", "checkout/sessions", PAGE).json()["id"])

    (raw, headers), *more = door.taken
    with pytest.raises(InvalidSignature):
        gateway_of("stripe").parse_webhook(raw, {HEADER: headers[HEADER]}, now=clock.now())
    assert more == []
    assert (
        len(ask("GET", "events", **{"types[0]": "checkout.session.completed"}).json()["data"]) == 2
    )
