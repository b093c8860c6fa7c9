"""What the sandbox gateway remembers: checkouts, subscriptions, payments, all in memory."""

import json
import threading
import time
from secrets import token_hex

from sandbox_money import Money
from sandbox_rules import ACTIONS, Refusal, check_request, later

CHECKOUT_SECONDS = 24 * 3600
UPI_LIMIT, EMANDATE_LIMIT = 10_000_000, 1_000_000_000


class Ledger(Money):
    """Checkouts, subscriptions and payments, in memory. `ahead` moves its clock, in seconds."""

    def __init__(self, public_url):
        self.public_url = public_url
        self.lock = threading.RLock()
        self.ahead = 0
        self.refunds_wait = False
        self.checkouts, self.subscriptions, self.payments, self.keys = {}, {}, {}, {}
        self.refunds, self.disputes, self.payouts = {}, {}, {}

    def now(self):
        return int(time.time()) + int(self.ahead)

    def once(self, key, wanted, work):
        """The first answer again for the same key; another body under it is refused."""
        if not key:
            raise Refusal(400, "send an Idempotency-Key")
        with self.lock:
            if key in self.keys:
                kept, answer = self.keys[key]
                if kept != wanted:
                    raise Refusal(422, "this Idempotency-Key was used with another body")
                return answer
            answer = work()
            self.keys[key] = (wanted, answer)
            return answer

    def checkout_create(self, key, wanted):
        if not key:
            raise Refusal(400, "send an Idempotency-Key")
        check_request(wanted, is_link=False)
        return self.once(key, wanted, lambda: self._checkout_add(wanted))

    def link_create(self, key, wanted):
        if not key:
            raise Refusal(400, "send an Idempotency-Key")
        check_request(wanted, is_link=True)
        return self.once(key, wanted, lambda: self._checkout_add(wanted))

    def _checkout_add(self, wanted):
        checkout_id = f"chk_{token_hex(10)}"
        now = self.now()
        self.checkouts[checkout_id] = {"plan": "", "interval": "", **wanted} | {
            "id": checkout_id,
            "status": "open",
            "url": f"{self.public_url}/pay/{checkout_id}",
            "created": now,
            "expires_at": now + CHECKOUT_SECONDS,
            "subscription": None,
            "payments": [],
        }
        return checkout_id

    def checkout_find(self, reference):
        for checkout in self.checkouts.values():
            if checkout["reference"] == reference:
                return checkout["id"]
        raise Refusal(404, "no checkout of this reference")

    def settle(self, checkout_id, action):
        """pay, decline or cancel on the page. Returns the event's kind."""
        with self.lock:
            checkout = self.checkout(checkout_id)
            if checkout["status"] == "paid":
                raise Refusal(409, "This payment was already made. Nothing more was charged.")
            if checkout["expires_at"] < self.now():
                raise Refusal(410, "This payment page is too old. Please start again.")
            if action == "pay":
                self._pay(checkout)
                return "checkout.paid"
            checkout["status"] = {"decline": "declined", "cancel": "abandoned"}[action]
            return f"checkout.{checkout['status']}"

    def _pay(self, checkout):
        checkout["status"] = "paid"
        if not checkout["interval"]:
            self._payment_add(checkout, checkout["amount"], None)
            return
        now = self.now()
        starts_at = checkout.get("starts_at") or now
        method = checkout.get("method") or "card"
        ends_at = later(now, checkout["interval"]) if starts_at <= now else starts_at
        # The first paid period begins there; how many have begun.
        anchor, cycles = (now, 1) if starts_at <= now else (starts_at, 0)
        subscription = {
            "id": f"sub_{token_hex(10)}",
            "checkout": checkout["id"],
            "status": "active" if starts_at <= now else "trialing",
            **{name: checkout[name] for name in ("amount", "currency", "plan", "interval")},
            "current_period_start": now,
            "current_period_end": ends_at,
            "anchor": anchor,
            "cycles": cycles,
            "paid_count": 0,
            "past_due_since": None,
            "cancel_at_period_end": False,
            "paused_by": "",
            "mandate": {
                "status": "confirmed",
                "method": method,
                "limit": checkout.get("mandate_limit")
                or {"upi": UPI_LIMIT, "emandate": EMANDATE_LIMIT}.get(method),
                "reason": "",
            },
            "updated": now,
            "payments": [],
        }
        self.subscriptions[subscription["id"]] = subscription
        checkout["subscription"] = subscription["id"]
        if subscription["status"] == "active":
            self._charge(subscription)

    def _charge(self, subscription, amount=None):
        checkout = self.checkouts[subscription["checkout"]]
        self._payment_add(checkout, amount or subscription["amount"], subscription)
        subscription["paid_count"] += 1

    def _payment_add(self, checkout, amount, subscription):
        payment = {
            "id": f"pay_{token_hex(10)}",
            "subscription": subscription["id"] if subscription else None,
            "checkout": checkout["id"],
            "amount": amount,
            "currency": checkout["currency"],
            "method": subscription["mandate"]["method"] if subscription else "upi",
            "period_start": subscription["current_period_start"] if subscription else None,
            "period_end": subscription["current_period_end"] if subscription else None,
            "created": self.now(),
        }
        self.payments[payment["id"]] = payment
        (subscription or checkout)["payments"].append(payment["id"])

    def subscription_change(self, subscription_id, action):
        if action not in ACTIONS:
            raise Refusal(422, f"unknown action: use {sorted(ACTIONS)}")
        with self.lock:
            row = self.subscription(subscription_id)
            kind, changes = ACTIONS[action]
            now = self.now()
            mandate = changes.get("mandate")
            row.update({name: value for name, value in changes.items() if name != "mandate"})
            row["updated"] = now
            if mandate:
                row["mandate"] = row["mandate"] | {"status": mandate}
            owes = row["status"] in {"past_due", "halted"}
            row["past_due_since"] = (row["past_due_since"] or now) if owes else None
            if row["status"] != "paused":
                row["paused_by"] = ""
            if action == "renew":
                row["current_period_start"] = row["current_period_end"]
                row["cycles"] += 1
                row["current_period_end"] = later(row["anchor"], row["interval"], row["cycles"])
                self._charge(row)
            return kind, self.of_checkout(row["checkout"])

    def checkout(self, checkout_id):
        if checkout_id not in self.checkouts:
            raise Refusal(404, "We do not know this payment. Please start again.")
        return self.checkouts[checkout_id]

    def subscription(self, subscription_id):
        if subscription_id not in self.subscriptions:
            raise Refusal(404, "no such subscription")
        return self.subscriptions[subscription_id]

    def of_checkout(self, checkout_id):
        """The whole present state as one answer; events carry the same."""
        with self.lock:
            checkout = self.checkout(checkout_id)
            subscription = self.subscriptions.get(checkout["subscription"])
            taken = subscription["payments"] if subscription else checkout["payments"]
            answer = {
                "checkout": checkout,
                "subscription": subscription,
                "payments": [self.payments[payment_id] for payment_id in taken],
                "refunds": [one for one in self.refunds.values() if one["payment"] in taken],
                "disputes": [one for one in self.disputes.values() if one["payment"] in taken],
            }
            return json.loads(json.dumps(answer))

    def of_subscription(self, subscription_id):
        return self.of_checkout(self.subscription(subscription_id)["checkout"])

    def changed_since(self, since):
        with self.lock:
            return [
                {"id": row["id"]} for row in self.subscriptions.values() if row["updated"] >= since
            ]
