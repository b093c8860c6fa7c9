"""A payment gateway that moves no money: its own process, plain Python, nothing kept on disk.

    SANDBOX_GATEWAY_SECRET=… SANDBOX_WEBHOOK_URL=http://127.0.0.1:8000/webhooks/billing/sandbox/ \
        python tests/twins/sandbox_gateway.py --port 8890

API (Authorization: Bearer <secret>): POST /v1/checkouts and /v1/payment_links with an
Idempotency-Key, GET /v1/checkouts/<id> or ?reference=, GET /v1/subscriptions/<id> or ?since=,
POST /v1/subscriptions/<id>/cancel|keep|pause|resume|preview|change|manage,
POST and GET /v1/payments/<id>/refunds, GET /v1/payouts?since=. The pay page is /pay/<id>; it sends
the browser back, signed, and, apart from that, a signed webhook with retries.

Faults: POST /_control {"drop_webhooks": 1, "duplicate": 4, "delay_seconds": 2, "shuffle": true,
"wrong_signature": 1, "fail_after_apply": 1, "slow_seconds": 1} (true: always, a number: so many
times), "webhook_url" to send elsewhere, "ahead_seconds" to move its clock, "refunds_wait";
POST /_control/subscriptions/<id> {"action": "renew|fail|halt|pause|resume|cancel|complete|…"};
POST /_control/refunds/<id> {"status": "processed|failed"};
POST /_control/payments/<id>/dispute {"status": "open|won|lost"}; POST /_control/payouts.
"""

import argparse
import hashlib
import hmac
import json
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from urllib.parse import parse_qs, urlsplit

from sandbox_ledger import Ledger
from sandbox_pages import STYLE, manage_page, message_page, pay_page, return_address
from sandbox_rules import Refusal

RETRY_AFTER_SECONDS = (1, 2, 5, 15, 60, 300)
LARGEST_BODY = 64 * 1024
MOVES = {"cancel", "keep", "pause", "resume", "change"}


class Faults:
    NAMES = (
        "drop_webhooks",
        "duplicate",
        "delay_seconds",
        "wrong_signature",
        "shuffle",
        "fail_after_apply",
        "webhook_url",
        "slow_seconds",
        "ahead_seconds",
        "refunds_wait",
    )

    def __init__(self, webhook_url):
        self.values = dict.fromkeys(self.NAMES, 0) | {"webhook_url": webhook_url}
        self.lock = threading.Lock()

    def set(self, wanted):
        unknown = set(wanted) - set(self.NAMES)
        if unknown:
            raise Refusal(422, f"unknown faults: {sorted(unknown)}")
        with self.lock:
            self.values.update(wanted)

    def take(self, name):
        """Whether the fault strikes now; a number is counted down."""
        with self.lock:
            value = self.values[name]
            if value is True:
                return True
            if value:
                self.values[name] = value - 1
            return bool(value)


class Webhooks:
    """Signs events and sends each until it is answered with 2xx."""

    def __init__(self, secret, faults):
        self.secret, self.faults = secret, faults
        self.log = []

    def send(self, kind, data):
        if self.faults.take("drop_webhooks"):
            return
        event = {
            "id": f"evt_{token_hex(10)}",
            "type": kind,
            "created": int(time.time()),
            "data": data,
        }
        raw = json.dumps(event).encode()
        for _copy in range(1 + int(self.faults.values["duplicate"])):
            threading.Thread(target=self._deliver, args=(raw,), daemon=True).start()

    def _deliver(self, raw):
        time.sleep(float(self.faults.values["delay_seconds"]))
        if self.faults.values["shuffle"]:
            time.sleep(random.uniform(0, 1.5))
        for wait in (*RETRY_AFTER_SECONDS, None):
            status = self._post(raw)
            self.log.append({"id": json.loads(raw)["id"], "status": status})
            if 200 <= status < 300 or wait is None:
                return
            time.sleep(wait)

    def _post(self, raw):
        timestamp = str(int(time.time()))
        secret = "wrong" if self.faults.take("wrong_signature") else self.secret
        signed = timestamp.encode() + b"." + raw
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Sandbox-Timestamp": timestamp,
            "Sandbox-Signature": f"v1={signature}",
        }
        url = self.faults.values["webhook_url"]
        request = urllib.request.Request(url, data=raw, headers=headers, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SandboxGateway"
    sys_version = ""

    def do_GET(self):
        self._answer(self._get)

    def do_POST(self):
        self._answer(self._post)

    def log_message(self, *_arguments):
        """Quiet: the events are in GET /_control."""

    def _answer(self, handle):
        self.path_parts = urlsplit(self.path).path.strip("/").split("/")
        try:
            handle()
        except Refusal as refusal:
            self._refuse(refusal)

    def _get(self):
        match self.path_parts:
            case ["health"]:
                self._json(200, {"status": "ok"})
            case ["pay.css"]:
                self._send(200, "text/css; charset=utf-8", STYLE)
            case ["pay", checkout_id]:
                checkout = self.server.ledger.checkout(checkout_id)
                if checkout["status"] == "paid":
                    raise Refusal(409, "This payment was already made. Nothing more was charged.")
                self._html(200, pay_page(checkout))
            case ["manage", subscription_id]:
                self._html(200, manage_page(self.server.ledger.subscription(subscription_id)))
            case ["v1", *what]:
                self._authorised()
                self._json(200, self._read(what))
            case ["_control"]:
                state = {"faults": self.server.faults.values, "sent": self.server.webhooks.log}
                self._json(200, state | {"calls": self.server.calls})
            case _:
                raise Refusal(404, "There is nothing at this address.")

    def _read(self, what):
        ledger = self.server.ledger
        asked = {name: found[0] for name, found in parse_qs(urlsplit(self.path).query).items()}
        since = int(asked.get("since", "0"))
        match what:
            case ["checkouts"]:
                return ledger.of_checkout(ledger.checkout_find(asked.get("reference", "")))
            case ["checkouts", checkout_id]:
                return ledger.of_checkout(checkout_id)
            case ["subscriptions"]:
                return {"subscriptions": ledger.changed_since(since)}
            case ["subscriptions", subscription_id]:
                return ledger.of_subscription(subscription_id)
            case ["payments", payment_id, "refunds"]:
                return {"refunds": ledger.refunds_of(payment_id)}
            case ["payouts"]:
                return {"payouts": ledger.payouts_since(since)}
        raise Refusal(404, "There is nothing at this address.")

    def _post(self):
        body = self._body()
        match self.path_parts:
            case ["v1", *what]:
                self._authorised()
                answer = self._write(what, _parse(body), self.headers.get("Idempotency-Key", ""))
                time.sleep(float(self.server.faults.values["slow_seconds"]))
                if self.server.faults.take("fail_after_apply"):
                    raise Refusal(500, "failed after it was applied")
                self._json(200, answer)
            case ["pay", checkout_id]:
                self._settle(checkout_id, parse_qs(body.decode("utf-8", "replace")))
            case ["manage", subscription_id]:
                self._repair(subscription_id)
            case ["_control"]:
                self.server.control(_parse(body))
                self._json(200, self.server.faults.values)
            case ["_control", *what]:
                self._json(200, self._happen(what, _parse(body or b"{}")))
            case _:
                raise Refusal(404, "There is nothing at this address.")

    def _write(self, what, wanted, key):
        ledger = self.server.ledger
        self.server.calls.append("/".join(what))
        match what:
            case ["checkouts"]:
                return ledger.of_checkout(ledger.checkout_create(key, wanted))
            case ["payment_links"]:
                return ledger.of_checkout(ledger.link_create(key, wanted))
            case ["subscriptions", subscription_id, "preview"]:
                return {"due": ledger.preview(subscription_id, wanted)}
            case ["subscriptions", subscription_id, "manage"]:
                return self._manage(ledger.subscription(subscription_id), wanted)
            case ["subscriptions", subscription_id, action] if action in MOVES:
                kind, state = ledger.move(subscription_id, action, key, wanted)
                if kind:
                    self.server.webhooks.send(kind, state)
                return state
            case ["payments", payment_id, "refunds"]:
                refund = ledger.refund_create(payment_id, key, wanted)
                checkout = ledger.payment(payment_id)["checkout"]
                self.server.webhooks.send("refund.created", ledger.of_checkout(checkout))
                return {"refund": refund}
        raise Refusal(404, "There is nothing at this address.")

    def _happen(self, what, wanted):
        ledger = self.server.ledger
        match what:
            case ["subscriptions", subscription_id]:
                kind, data = ledger.subscription_change(subscription_id, wanted.get("action"))
            case ["refunds", refund_id]:
                kind, data = ledger.refund_move(refund_id, wanted.get("status"))
            case ["payments", payment_id, "dispute"]:
                kind, data = ledger.dispute_move(payment_id, wanted.get("status"))
            case ["payouts"]:
                return ledger.payout_make()
            case _:
                raise Refusal(404, "There is nothing at this address.")
        self.server.webhooks.send(kind, data)
        return data

    def _manage(self, subscription, wanted):
        address = str(wanted.get("return_url", ""))
        if urlsplit(address).scheme not in {"http", "https"}:
            raise Refusal(422, "return_url is a web address")
        subscription["return_url"] = address
        return {"url": f"{self.server.ledger.public_url}/manage/{subscription['id']}"}

    def _repair(self, subscription_id):
        kind, data = self.server.ledger.subscription_change(subscription_id, "mandate_repaired")
        self.server.webhooks.send(kind, data)
        address = self.server.ledger.subscription(subscription_id).get("return_url", "/health")
        self._send(303, "text/plain", "", {"Location": address})

    def _settle(self, checkout_id, form):
        action = form.get("action", [""])[0]
        if action not in {"pay", "decline", "cancel"}:
            raise Refusal(422, "Choose pay, decline or cancel.")
        kind = self.server.ledger.settle(checkout_id, action)
        self.server.webhooks.send(kind, self.server.ledger.of_checkout(checkout_id))
        checkout, secret = self.server.ledger.checkout(checkout_id), self.server.webhooks.secret
        address = return_address(checkout, kind.split(".")[1], secret)
        self._send(303, "text/plain", "", {"Location": address})

    def _body(self):
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Refusal(413, "too large")
        return self.rfile.read(int(length))

    def _authorised(self):
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {self.server.webhooks.secret}".encode()):
            raise Refusal(401, "wrong key")

    def _refuse(self, refusal):
        if self.path_parts[0] != "pay":
            self._json(refusal.status, {"error": refusal.sentence})
            return
        checkout = self.server.ledger.checkouts.get(self.path_parts[-1])
        secret = self.server.webhooks.secret
        back = return_address(checkout, checkout["status"], secret) if checkout else ""
        title = "Already paid" if refusal.status == 409 else "This did not work"
        self._html(refusal.status, message_page(title, refusal.sentence, back))

    def _html(self, status, page):
        policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        self._send(status, "text/html; charset=utf-8", page, headers)

    def _json(self, status, answer):
        self._send(status, "application/json", json.dumps(answer))

    def _send(self, status, content_type, text, headers=None):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _parse(body):
    try:
        found = json.loads(body)
    except ValueError:
        raise Refusal(400, "send JSON") from None
    if not isinstance(found, dict):
        raise Refusal(422, "send a JSON object")
    return found


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port, secret, webhook_url, public_url=""):
        super().__init__(("127.0.0.1", port), Handler)
        address = public_url or f"http://127.0.0.1:{self.server_port}"
        self.faults = Faults(webhook_url)
        self.ledger = Ledger(address.rstrip("/"))
        self.webhooks = Webhooks(secret, self.faults)
        self.calls = []

    def control(self, wanted):
        self.faults.set(wanted)
        self.ledger.ahead = int(self.faults.values["ahead_seconds"])
        self.ledger.refunds_wait = bool(self.faults.values["refunds_wait"])


def main():
    parser = argparse.ArgumentParser(description="Sandbox payments: no money moves.")
    parser.add_argument("--port", type=int, default=8890)
    parser.add_argument("--secret-env", default="SANDBOX_GATEWAY_SECRET")
    parser.add_argument("--webhook-url", default=os.environ.get("SANDBOX_WEBHOOK_URL", ""))
    parser.add_argument("--public-url", default="")
    chosen = parser.parse_args()
    # While the secret is being changed there are two, new first; the gateway signs with the new.
    secret = os.environ.get(chosen.secret_env, "").split(",")[0].strip()
    if not secret or not chosen.webhook_url:
        sys.exit(f"Set {chosen.secret_env} and SANDBOX_WEBHOOK_URL (or --webhook-url).")
    server = Server(chosen.port, secret, chosen.webhook_url, chosen.public_url)
    print(f"sandbox gateway on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
