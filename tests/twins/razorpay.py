"""Razorpay on loopback: what our gateway uses of it, and no money moves.

    RAZORPAY_KEY_ID=… RAZORPAY_KEY_SECRET=… RAZORPAY_WEBHOOK_SECRET=… RAZORPAY_WEBHOOK_URL=… \
        python tests/twins/razorpay.py --port 8898

JSON under /v1/ with basic authentication, hosted pages under /i/, events signed over the raw body.
Only refunds have an idempotency key. Kept of the real one: empty `notes` are a list, `captured` of
a charge is "1", an activation carries its time inside, an expiry has no event, an unknown id is
400, a price cannot be changed. Faults: see twin_server, and
    drop_webhooks   an event is made and can be listed (GET /_events), but is not sent
    delay_seconds, shuffle   of webhooks
    html_error      502 with a page, nothing happened
    in_flight       409 to a refund, nothing happened
Control (JSON):
    POST /_control/clock {"seconds": 86400}    time passes; what falls due happens at its moment
    POST /_control/subscriptions/<id> {"action": "outcome|authorise|renew|due|
        retry|halt|approve|customer_pause|customer_resume|end",
        "outcome": "succeed|fail|wait", "method": "upi"}
    POST /_control/payments/<id> {"action": "dispute|win|lose"}
    POST /_control/refunds {"state": "pending"}; POST /_control/refunds/<id> {"state": "failed"}
    POST /_control/settle {}    everything that is not settled yet goes to the bank
"""

import base64
import hashlib
import hmac
import json
import os
import random
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from razorpay_books import INTERVALS, Books, Row, refusal, shown
from razorpay_control import Control
from razorpay_pages import Pages
from twin_base import RETRY_AFTER_SECONDS
from twin_server import Page, Refusal, Request, Route, Twin, main

INDIA = timedelta(hours=5, minutes=30)
KEY = re.compile(r"[A-Za-z0-9_-]{10,}")
LARGEST_PAGE = 100
OVER = frozenset({"cancelled", "completed", "expired"})
NOT_UPDATABLE = "Subscription is not updatable for the payment method {method}"


class Razorpay(Twin):
    fault_names = ("drop_webhooks", "delay_seconds", "shuffle", "html_error", "in_flight")

    def __init__(self) -> None:
        super().__init__()
        self.key_id = os.environ.get("RAZORPAY_KEY_ID", "rzp_test_for_development")
        self.key_secret = os.environ.get("RAZORPAY_KEY_SECRET", "sandbox-secret-for-development")
        secrets = os.environ.get("RAZORPAY_WEBHOOK_SECRET", "sandbox-secret-for-development")
        # While it is being changed there are two, new first; it signs with the new one.
        self.webhook_secret = secrets.split(",")[0].strip()
        self.webhook_url = os.environ.get("RAZORPAY_WEBHOOK_URL", "")
        self._routes()

    def reset(self) -> None:
        super().reset()
        self.books = Books(self._event_send, self.record)
        self.pages = Pages(self.books, lambda: self.key_secret)
        # key -> (what was asked, the refund that was made)
        self.keys: dict[str, tuple[str, Row]] = {}

    def clock(self) -> int:
        """For the Date of every answer."""
        return self.books.now()

    # --- one call

    def check_token(self, request: Request) -> None:
        wanted = base64.b64encode(f"{self.key_id}:{self.key_secret}".encode()).decode()
        offered = request.headers.get("Authorization", "").removeprefix("Basic ").strip()
        if not hmac.compare_digest(offered.encode(), wanted.encode()):
            raise self.refuse_token()

    def refuse_token(self) -> Refusal:
        return refusal("Authentication failed", status=401)

    def refuse_rate(self) -> Refusal:
        return refusal("Too many requests", status=429)

    def refuse_away(self, status: int) -> Refusal:
        return refusal("The server encountered an error.", status=status, code="SERVER_ERROR")

    def refuse_unknown(self) -> Refusal:
        return refusal("The requested URL was not found on the server.", status=404)

    def call(self, route: Route, request: Request) -> Any:
        if not route.is_open and self.faults.take("html_error", request.path):
            return Page("<html><h1>502 Bad Gateway</h1></html>", status=502)
        return super().call(route, request)

    # --- webhooks

    def _event_send(self, number: str, body: Row) -> None:
        if not self.faults.take("drop_webhooks"):
            self.webhook_send(body, **{"X-Razorpay-Event-Id": number})

    def _deliver(self, raw: bytes, headers: dict[str, str], is_bad: bool) -> None:
        time.sleep(float(self.faults.values.get("delay_seconds") or 0))
        if self.faults.values.get("shuffle"):
            time.sleep(random.uniform(0, 1.5))
        secret = "wrong" if is_bad else self.webhook_secret
        signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        sent = {"Content-Type": "application/json", "X-Razorpay-Signature": signature, **headers}
        for wait in (*RETRY_AFTER_SECONDS, None):
            status = self._webhook_post(raw, sent)
            with self.lock:
                self.webhook_log.append({"status": status, "body": json.loads(raw)})
            if 200 <= status < 300 or wait is None:
                return
            time.sleep(wait)

    # --- the API

    def _routes(self) -> None:
        one = r"(?P<id>\w+)"
        self._api("POST", "plans", self.plan)
        self._api("GET", f"plans/{one}", self._reader("plan"))
        self._api("GET", "plans", self._lister("plan"))
        self._api("POST", "subscriptions", self.subscribe)
        self._api("GET", f"subscriptions/{one}", self._reader("subscription"))
        self._api("GET", "subscriptions", self._lister("subscription", "plan_id"))
        self._api("PATCH", f"subscriptions/{one}", self.update)
        for name in ("cancel", "pause", "resume"):
            self._api("POST", f"subscriptions/{one}/{name}", getattr(self, name))
        self._api("POST", "payment_links", self.link)
        self._api("GET", "payment_links", self.links)
        self._api("GET", f"payment_links/{one}", self._reader("payment_link"))
        self._api("GET", "invoices", self._lister("invoice", "subscription_id"))
        self._api("GET", f"payments/{one}", self._reader("payment"))
        self._api("POST", f"payments/{one}/refund", self.refund)
        self._api("GET", f"payments/{one}/refunds", self.refunds)
        self._api("GET", "settlements/recon/combined", self.recon)
        self._api("GET", "settlements", self._lister("settlement"))
        self.route("GET", rf"/i/{one}", lambda r: self.pages.show(r), is_open=True)
        self.route("POST", rf"/i/{one}", lambda r: self.pages.act(r), is_open=True)
        Control(self)

    def _api(self, method: str, path: str, handle: Any) -> None:
        self.route(method, f"/v1/{path}", handle, is_writing=method != "GET")

    def _reader(self, entity: str) -> Any:
        return lambda request: shown(self.books.get(request.parts["id"], entity))

    def _lister(self, entity: str, *filters: str) -> Any:
        def rows(request: Request) -> Row:
            facts = {name: request.query[name] for name in filters if name in request.query}
            return page_of(self.books.all(entity, **facts), request)

        return rows

    def plan(self, request: Request) -> Row:
        body = request.body
        item = body.get("item") if isinstance(body.get("item"), dict) else {}
        if body.get("period") not in INTERVALS or body.get("interval") != 1:
            raise refusal("The period or interval field is invalid.")
        if not item.get("name") or not isinstance(item.get("amount"), int) or item["amount"] < 100:
            raise refusal("The item name or amount is invalid.")
        if item.get("currency") != "INR":
            raise refusal("Currency is not supported")
        facts = {name: body[name] for name in ("period", "interval", "item")}
        row = self.books.new("plan", "plan", **facts, notes=notes_of(body))
        self.record("plan", id=row["id"])
        return shown(row)

    def subscribe(self, request: Request) -> Row:
        body, now = request.body, self.books.now()
        plan = self.books.get(str(body.get("plan_id")), "plan")
        count = body.get("total_count")
        longest = {"monthly": 1_200, "yearly": 100}[plan["period"]]
        if not isinstance(count, int) or not 0 < count <= longest:
            raise refusal("The total count field is invalid.")
        for name in ("start_at", "expire_by"):
            if name in body and (not isinstance(body[name], int) or body[name] <= now):
                raise refusal(f"{name} cannot be lesser than the current time")
        row = self.books.new(
            "sub",
            "subscription",
            plan_id=plan["id"],
            customer_id=None,
            status="created",
            current_start=None,
            current_end=None,
            ended_at=None,
            quantity=body.get("quantity", 1),
            notes=notes_of(body),
            charge_at=body.get("start_at"),
            start_at=body.get("start_at"),
            end_at=None,
            auth_attempts=0,
            total_count=count,
            paid_count=0,
            remaining_count=count,
            customer_notify=bool(body.get("customer_notify", True)),
            expire_by=body.get("expire_by"),
            has_scheduled_changes=False,
            change_scheduled_at=None,
            source="api",
            payment_method=None,
            pause_initiated_by=None,
            _plan=plan,
            _cycle=0,
            _ends=False,
            _waits=False,
            _outcome="succeed",
            _invoice="",
        )
        row["short_url"] = f"{request.base_url}/i/{row['id']}"
        self.record("subscription", id=row["id"])
        return shown(row)

    def update(self, request: Request) -> Row:
        row = self.books.get(request.parts["id"], "subscription")
        if row["status"] not in {"authenticated", "active"}:
            raise refusal(f"Subscription is not updatable in {row['status']} state")
        raise refusal(NOT_UPDATABLE.format(method=row["payment_method"]))

    def cancel(self, request: Request) -> Row:
        row = self.books.get(request.parts["id"], "subscription")
        if row["status"] in OVER:
            raise refusal(f"Subscription is not cancellable in {row['status']} status.")
        if request.body.get("cancel_at_cycle_end") in (True, 1, "1"):
            if row["status"] != "active":
                raise refusal("No current billing cycle: it cannot be cancelled at its end.")
            row["_ends"] = True
        else:
            self.books.end(row, "cancelled")
        return shown(row)

    def pause(self, request: Request) -> Row:
        row = self.books.get(request.parts["id"], "subscription")
        if row["status"] == "authenticated":
            self.books.end(row, "cancelled")
        elif row["status"] != "active" or request.body.get("pause_at") != "now":
            raise refusal(f"Subscription cannot be paused in {row['status']} state")
        else:
            self.books.pause(row, "self")
        return shown(row)

    def resume(self, request: Request) -> Row:
        row = self.books.get(request.parts["id"], "subscription")
        if row["status"] != "paused" or request.body.get("resume_at") != "now":
            raise refusal(f"Subscription cannot be resumed in {row['status']} state")
        if row["pause_initiated_by"] == "customer":
            raise refusal("Subscription was paused by the customer and cannot be resumed")
        self.books.resume(row)
        return shown(row)

    def link(self, request: Request) -> Row:
        body, now = request.body, self.books.now()
        reference = str(body.get("reference_id") or "")
        if not isinstance(body.get("amount"), int) or body["amount"] < 100:
            raise refusal("amount: minimum is 100.")
        if len(reference) > 40:
            raise refusal("reference_id: the length must be no more than 40.")
        if reference and self.books.all("payment_link", reference_id=reference):
            raise refusal(f"payment link with given reference_id: {reference} already exists")
        # A link is open for a quarter of an hour at least.
        if body.get("expire_by") and body["expire_by"] < now + 900:
            raise refusal("expire_by: must be at least 15 minutes after current time.")
        row = self.books.new(
            "plink",
            "payment_link",
            amount=body["amount"],
            amount_paid=0,
            currency=body.get("currency", "INR"),
            accept_partial=bool(body.get("accept_partial")),
            reference_id=reference,
            description=body.get("description", ""),
            customer=body.get("customer") or {},
            status="created",
            expire_by=body.get("expire_by", 0),
            expired_at=0,
            callback_url=body.get("callback_url", ""),
            callback_method=body.get("callback_method", ""),
            payments=None,
            notes=notes_of(body),
        )
        row["short_url"] = f"{request.base_url}/i/{row['id']}"
        self.record("payment_link", id=row["id"])
        return shown(row)

    def links(self, request: Request) -> Row:
        wanted = request.query.get("reference_id")
        facts = {"reference_id": wanted} if wanted else {}
        return {"payment_links": page_of(self.books.all("payment_link", **facts), request)["items"]}

    def refund(self, request: Request) -> Row:
        if self.faults.take("in_flight", request.path):
            raise refusal("A refund with this idempotency key is in progress", status=409)
        money = self.books.get(request.parts["id"], "payment")
        key = request.headers.get("X-Refund-Idempotency", "")
        if key and not KEY.fullmatch(key):
            raise refusal("The idempotency key is invalid.")
        asked = f"{request.path} {hashlib.sha256(request.raw).hexdigest()}"
        if key in self.keys:
            first, made = self.keys[key]
            if first != asked:
                raise refusal("Different request body sent for the same idempotency key")
            return shown(made)
        amount = request.body.get("amount", money["amount"] - money["amount_refunded"])
        if not isinstance(amount, int):
            raise refusal("The amount must be an integer.")
        made = self.books.refund(money, amount, notes_of(request.body))
        if key:
            self.keys[key] = (asked, made)
        return shown(made)

    def refunds(self, request: Request) -> Row:
        money = self.books.get(request.parts["id"], "payment")
        return page_of(self.books.all("refund", payment_id=money["id"]), request)

    def recon(self, request: Request) -> Row:
        """By the day or month in India on which it was settled."""
        names = ("year", "month", "day")
        wanted = [int(request.query[name]) for name in names if name in request.query]
        if len(wanted) < 2:
            raise refusal("The year and month fields are required.")
        rows = [
            row for row in self.books.recon() if _day(row["settled_at"])[: len(wanted)] == wanted
        ]
        return page_of(rows, request, largest=1_000)


def _day(seconds: int) -> list[int]:
    day = datetime.fromtimestamp(seconds, UTC) + INDIA
    return [day.year, day.month, day.day]


def notes_of(body: Row) -> Row:
    notes = body.get("notes") or {}
    if not isinstance(notes, dict) or len(notes) > 15:
        raise refusal("The notes field is invalid.")
    if any(len(str(value)) > 256 for value in notes.values()):
        raise refusal("The notes value may not be greater than 256 characters.")
    return notes


def page_of(rows: list[Row], request: Request, largest: int = LARGEST_PAGE) -> Row:
    count, skip = (int(request.query.get(name, n)) for name, n in (("count", 10), ("skip", 0)))
    if not 0 < count <= largest:
        raise refusal(f"The count may not be greater than {largest}.")
    begin, end = (int(request.query.get(name, n)) for name, n in (("from", 0), ("to", 2**40)))
    fitting = [row for row in rows if begin <= row["created_at"] <= end]
    items = [shown(row) for row in fitting[skip : skip + count]]
    return {"entity": "collection", "count": len(items), "items": items}


if __name__ == "__main__":
    main("razorpay", Razorpay, 8898)
