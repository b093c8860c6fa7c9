"""The twin keeps to Razorpay's contract where our gateway leans on it."""

import hashlib
import hmac
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tests.twins_razorpay import KEY_ID, KEY_SECRET, WEBHOOK_SECRET

PLAN = {"period": "monthly", "interval": 1}
PLAN |= {"item": {"name": "Local", "amount": 117_882, "currency": "INR"}}
REFUND_KEY = {"X-Refund-Idempotency": "a-key-of-ours"}


@pytest.fixture
def ask(razorpay_twin):
    with httpx.Client(base_url=razorpay_twin.url, trust_env=False) as client:

        def call(method, path, body=None, *, auth=(KEY_ID, KEY_SECRET), headers=None, **params):
            more = {"json": body} if body is not None else {}
            return client.request(
                method, f"/v1/{path}", params=params, auth=auth, headers=headers, **more
            )

        yield call


@pytest.fixture
def number(ask):
    plan_id = ask("POST", "plans", PLAN).json()["id"]
    body = {"plan_id": plan_id, "total_count": 2}
    return ask("POST", "subscriptions", body).json()["id"]


@pytest.fixture
def inbox(razorpay_twin):
    """What arrives at our door; `answers` are the statuses that it gives, the last one for ever."""
    got, answers = [], [200]

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((raw, dict(self.headers)))
            self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
            self.end_headers()

        def log_message(self, *_arguments):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    razorpay_twin.twin.webhook_url = f"http://127.0.0.1:{server.server_port}/"
    yield got, answers
    razorpay_twin.twin.webhook_url = ""
    server.shutdown()
    server.server_close()


def arrived(got, count):
    until = time.monotonic() + 5
    while len(got) < count and time.monotonic() < until:
        time.sleep(0.02)
    return len(got)


def told(razorpay_twin):
    return [body["event"].rpartition(".")[2] for _number, body in razorpay_twin.events()]


def test_who_has_no_key_sees_nothing(ask):
    assert ask("GET", "plans", auth=("rzp_other", KEY_SECRET)).status_code == 401
    assert ask("GET", "plans", auth=(KEY_ID, "other")).status_code == 401


def test_empty_notes_are_a_list_and_others_an_object(ask):
    empty, full = ask("POST", "plans", PLAN), ask("POST", "plans", PLAN | {"notes": {"a": "b"}})

    assert (empty.json()["notes"], full.json()["notes"]) == ([], {"a": "b"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("plans", PLAN | {"period": "daily?"}),
        ("plans", PLAN | {"item": {"name": "Free", "amount": 99, "currency": "INR"}}),
        ("plans", PLAN | {"notes": {"a": "x" * 257}}),
        ("subscriptions", {"plan_id": "plan_nobody", "total_count": 1}),
        ("payment_links", {"amount": 99}),
        ("payment_links", {"amount": 100, "reference_id": "x" * 41}),
        ("payment_links", {"amount": 100, "expire_by": 1}),
    ],
)
def test_wrong_bodies_are_refused(ask, path, body):
    answer = ask("POST", path, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST_ERROR")


def test_a_reference_names_one_link(ask):
    first, again = (
        ask("POST", "payment_links", {"amount": 100, "reference_id": "r"}) for _turn in range(2)
    )

    assert (first.status_code, again.status_code) == (200, 400)


def test_two_calls_are_two_subscriptions(ask, number, razorpay_twin):
    plan_id = razorpay_twin.thing(number)["plan_id"]
    ask("POST", "subscriptions", {"plan_id": plan_id, "total_count": 2})

    assert len(razorpay_twin.all("subscription")) == 2


def test_an_activation_and_its_charge_share_a_second(razorpay_twin, number):
    razorpay_twin.pay(number)
    (_a, activated), (_b, charged) = (
        razorpay_twin.events(f"subscription.{kind}")[0] for kind in ("activated", "charged")
    )

    assert activated["payload"]["created_at"] == charged["created_at"]
    assert "created_at" not in activated
    assert charged["payload"]["payment"]["entity"]["captured"] == "1"
    assert "id" not in charged


def test_all_charges_made_complete_it(razorpay_twin, number):
    razorpay_twin.pay(number)
    razorpay_twin.advance(32 * 86_400)

    assert razorpay_twin.thing(number)["status"] == "completed"
    assert told(razorpay_twin)[-1] == "completed"


def test_pausing_a_promise_cancels_it(ask, razorpay_twin, number):
    plan_id = razorpay_twin.thing(number)["plan_id"]
    body = {"plan_id": plan_id, "total_count": 2, "start_at": int(time.time()) + 86_400}
    promise = ask("POST", "subscriptions", body).json()["id"]
    razorpay_twin.pay(promise)
    answer = ask("POST", f"subscriptions/{promise}/pause", {"pause_at": "now"})

    assert answer.json()["status"] == "cancelled"


def test_a_refund_key_answers_again_and_takes_no_other_body(ask, razorpay_twin, number):
    razorpay_twin.pay(number)
    path = f"payments/{razorpay_twin.all('payment')[0]['id']}/refund"
    first, again, other = (
        ask("POST", path, {"amount": amount}, headers=REFUND_KEY) for amount in (100, 100, 200)
    )
    short = ask("POST", path, {"amount": 1}, headers={"X-Refund-Idempotency": "short"})

    assert first.json() == again.json()
    assert (other.status_code, short.status_code) == (400, 400)
    assert len(razorpay_twin.all("refund")) == 1


def test_upi_takes_no_mandate_above_a_lakh(ask, razorpay_twin):
    item = PLAN["item"] | {"amount": 1_00_000_01}
    plan_id = ask("POST", "plans", PLAN | {"item": item}).json()["id"]
    body = {"plan_id": plan_id, "total_count": 2}
    number = ask("POST", "subscriptions", body).json()["id"]
    razorpay_twin.pay(number, "upi")
    refused = razorpay_twin.thing(number)["status"]
    razorpay_twin.pay(number, "emandate")

    assert (refused, razorpay_twin.thing(number)["status"]) == ("created", "active")


# --- what it sends


def test_webhooks_are_signed_over_the_body(razorpay_twin, number, inbox):
    got, _answers = inbox
    razorpay_twin.pay(number)
    expected = {event_id for event_id, _body in razorpay_twin.events()}

    assert arrived(got, len(expected)) == len(expected) == 5
    for raw, headers in got:
        made = hmac.new(WEBHOOK_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        assert headers["X-Razorpay-Signature"] == made
    assert {headers["X-Razorpay-Event-Id"] for _raw, headers in got} == expected


def test_an_event_that_was_not_taken_comes_again_under_its_id(razorpay_twin, number, inbox):
    got, answers = inbox
    answers[:] = [500, 200]
    razorpay_twin.act(number, "end")

    assert arrived(got, 2) == 2
    assert got[0][0] == got[1][0]
    assert got[0][1]["X-Razorpay-Event-Id"] == got[1][1]["X-Razorpay-Event-Id"]


def test_webhooks_are_dropped_and_doubled(razorpay_twin, number, inbox):
    got, _answers = inbox
    razorpay_twin.control(drop_webhooks=True)
    razorpay_twin.pay(number)
    time.sleep(0.1)
    dropped = len(got)
    razorpay_twin.control(drop_webhooks=0, duplicate_webhook=1)
    razorpay_twin.act(number, "end")

    assert (dropped, arrived(got, 2)) == (0, 2)
    assert got[0][0] == got[1][0]
