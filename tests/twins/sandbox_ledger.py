"""What the sandbox gateway remembers: checkouts, subscriptions, payments, all in memory."""

import calendar
import json
import threading
import time
from datetime import UTC, datetime
from secrets import token_hex
from urllib.parse import urlsplit

CHECKOUT_SECONDS = 24 * 3600
ACTIONS = {
    "renew": ("active", "subscription.charged"),
    "fail": ("past_due", "subscription.past_due"),
    "halt": ("halted", "subscription.halted"),
    "pause": ("paused", "subscription.paused"),
    "resume": ("active", "subscription.resumed"),
    "cancel": ("canceled", "subscription.canceled"),
    "complete": ("completed", "subscription.completed"),
}


class Refusal(Exception):
    def __init__(self, status, sentence):
        self.status, self.sentence = status, sentence


class Ledger:
    """Checkouts, subscriptions and payments, in memory."""

    def __init__(self, public_url):
        self.public_url = public_url
        self.lock = threading.RLock()
        self.checkouts, self.subscriptions, self.payments, self.keys = {}, {}, {}, {}

    def checkout_create(self, key, wanted):
        if not key:
            raise Refusal(400, "send an Idempotency-Key")
        _check_request(wanted)
        with self.lock:
            if key in self.keys:
                kept, checkout_id = self.keys[key]
                if kept != wanted:
                    raise Refusal(422, "this Idempotency-Key was used with another body")
                return checkout_id
            checkout_id = f"chk_{token_hex(10)}"
            now = int(time.time())
            self.keys[key] = (wanted, checkout_id)
            self.checkouts[checkout_id] = wanted | {
                "id": checkout_id,
                "status": "open",
                "url": f"{self.public_url}/pay/{checkout_id}",
                "created": now,
                "expires_at": now + CHECKOUT_SECONDS,
                "subscription": None,
            }
            return checkout_id

    def settle(self, checkout_id, action):
        """pay, decline or cancel on the page. Returns the event's kind."""
        with self.lock:
            checkout = self.checkout(checkout_id)
            if checkout["status"] == "paid":
                raise Refusal(409, "This payment was already made. Nothing more was charged.")
            if checkout["expires_at"] < time.time():
                raise Refusal(410, "This payment page is too old. Please start again.")
            if action == "pay":
                self._pay(checkout)
                return "checkout.paid"
            checkout["status"] = {"decline": "declined", "cancel": "abandoned"}[action]
            return f"checkout.{checkout['status']}"

    def _pay(self, checkout):
        now = int(time.time())
        subscription = {
            "id": f"sub_{token_hex(10)}",
            "checkout": checkout["id"],
            "status": "active",
            **{name: checkout[name] for name in ("amount", "currency", "plan", "interval")},
            "current_period_start": now,
            "current_period_end": _later(now, checkout["interval"]),
            "paid_count": 0,
            "past_due_since": None,
            "updated": now,
            "payments": [],
        }
        self.subscriptions[subscription["id"]] = subscription
        checkout.update(status="paid", subscription=subscription["id"])
        self._charge(subscription)

    def _charge(self, subscription):
        payment = {
            "id": f"pay_{token_hex(10)}",
            "subscription": subscription["id"],
            "amount": subscription["amount"],
            "currency": subscription["currency"],
            "created": int(time.time()),
        }
        self.payments[payment["id"]] = payment
        subscription["payments"].append(payment["id"])
        subscription["paid_count"] += 1

    def subscription_change(self, subscription_id, action):
        if action not in ACTIONS:
            raise Refusal(422, f"unknown action: use {sorted(ACTIONS)}")
        with self.lock:
            row = self.subscriptions.get(subscription_id)
            if row is None:
                raise Refusal(404, "no such subscription")
            status, kind = ACTIONS[action]
            now = int(time.time())
            row.update(status=status, updated=now)
            owes = status in {"past_due", "halted"}
            row["past_due_since"] = (row["past_due_since"] or now) if owes else None
            if action == "renew":
                row["current_period_start"] = row["current_period_end"]
                row["current_period_end"] = _later(row["current_period_end"], row["interval"])
                self._charge(row)
            return kind, self.of_checkout(row["checkout"])

    def checkout(self, checkout_id):
        if checkout_id not in self.checkouts:
            raise Refusal(404, "We do not know this payment. Please start again.")
        return self.checkouts[checkout_id]

    def of_checkout(self, checkout_id):
        """The whole present state as one answer; events carry the same."""
        with self.lock:
            checkout = self.checkout(checkout_id)
            subscription = self.subscriptions.get(checkout["subscription"])
            taken = subscription["payments"] if subscription else []
            answer = {
                "checkout": checkout,
                "subscription": subscription,
                "payments": [self.payments[payment_id] for payment_id in taken],
            }
            return json.loads(json.dumps(answer))

    def of_subscription(self, subscription_id):
        if subscription_id not in self.subscriptions:
            raise Refusal(404, "no such subscription")
        return self.of_checkout(self.subscriptions[subscription_id]["checkout"])


def _check_request(wanted):
    names = {"reference", "amount", "currency", "plan", "interval", "return_url"}
    if not isinstance(wanted, dict) or set(wanted) != names:
        raise Refusal(422, f"send exactly {sorted(names)}")
    if not isinstance(wanted["amount"], int) or wanted["amount"] <= 0:
        raise Refusal(422, "amount is in paise and above zero")
    if wanted["currency"] != "INR" or wanted["interval"] not in {"month", "year"}:
        raise Refusal(422, "currency is INR, interval is month or year")
    if urlsplit(str(wanted["return_url"])).scheme not in {"http", "https"}:
        raise Refusal(422, "return_url is a web address")


def _later(moment, interval):
    """The same day a month or a year on, or the month's last day."""
    start = datetime.fromtimestamp(moment, UTC)
    months = start.month if interval == "month" else start.month + 11
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())
