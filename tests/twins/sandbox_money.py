"""The parts of the sandbox gateway where money moves after a first payment, or stops moving."""

import json
from secrets import token_hex

from sandbox_rules import Refusal, due_of, later

FEE_BASIS_POINTS, TAX_BASIS_POINTS = 200, 1_800
OVER = {"canceled", "expired", "completed"}


class Money:
    """Cancel, pause, change, refund, dispute, pay out. Mixed into the Ledger."""

    def move(self, subscription_id, action, key, wanted):
        """One call on a subscription. Returns (event's kind or None for a repetition, state)."""
        with self.lock:
            row = self.subscription(subscription_id)
            is_new = key not in self.keys
            handle = getattr(self, f"_{action}")
            self.once(key, [subscription_id, action, wanted], lambda: handle(row, wanted))
            kind = f"subscription.{action}" if is_new else None
            return kind, self.of_checkout(row["checkout"])

    def _cancel(self, row, wanted):
        self._alive(row)
        if wanted.get("at_period_end"):
            row.update(cancel_at_period_end=True, updated=self.now())
        else:
            row.update(status="canceled", past_due_since=None, updated=self.now())

    def _keep(self, row, wanted):
        self._alive(row)
        row.update(cancel_at_period_end=False, updated=self.now())

    def _pause(self, row, wanted):
        if row["status"] != "active":
            raise Refusal(409, "only an active subscription can pause")
        row.update(status="paused", paused_by="us", updated=self.now())

    def _resume(self, row, wanted):
        if row["status"] != "paused" or row["paused_by"] == "customer":
            raise Refusal(409, "it is not paused, or the customer paused it")
        row.update(status="active", paused_by="", updated=self.now())

    def _change(self, row, wanted):
        self._alive(row)
        due = self.preview(row["id"], wanted)
        limit = row["mandate"]["limit"]
        if limit is not None and wanted["amount"] > limit:
            raise Refusal(409, "the mandate does not reach so far")
        at, is_same = wanted["at"], wanted["interval"] == row["interval"]
        row.update({name: wanted[name] for name in ("amount", "plan", "interval")})
        row["updated"] = self.now()
        if not is_same:
            row.update(
                current_period_start=at,
                current_period_end=later(at, wanted["interval"]),
                anchor=at,
                cycles=1,
            )
        if due:
            self._charge(row, due)

    def preview(self, subscription_id, wanted):
        if not isinstance(wanted.get("amount"), int) or not isinstance(wanted.get("at"), int):
            raise Refusal(422, "send amount, plan, interval and at")
        return due_of(self.subscription(subscription_id), wanted)

    def _alive(self, row):
        if row["status"] in OVER:
            raise Refusal(409, "this subscription is over")

    def refund_create(self, payment_id, key, wanted):
        with self.lock:
            payment = self.payment(payment_id)
            refund_id = self.once(
                key, [payment_id, wanted], lambda: self._refund_add(payment, wanted)
            )
            return self.refunds[refund_id]

    def _refund_add(self, payment, wanted):
        amount = wanted.get("amount")
        if not isinstance(amount, int) or not 0 < amount <= self.refundable(payment["id"]):
            raise Refusal(400, "more would go back than was paid")
        refund_id = f"rfd_{token_hex(10)}"
        self.refunds[refund_id] = {
            "id": refund_id,
            "payment": payment["id"],
            "amount": amount,
            "reference": str(wanted.get("reference", "")),
            "status": "asked" if self.refunds_wait else "processed",
            "created": self.now(),
        }
        self._touch(payment)
        return refund_id

    def refundable(self, payment_id):
        given = [
            one["amount"]
            for one in self.refunds.values()
            if one["payment"] == payment_id and one["status"] != "failed"
        ]
        return self.payments[payment_id]["amount"] - sum(given)

    def refund_move(self, refund_id, status):
        with self.lock:
            if refund_id not in self.refunds or status not in {"processed", "failed"}:
                raise Refusal(422, "choose processed or failed of a refund that is there")
            refund = self.refunds[refund_id]
            refund["status"] = status
            payment = self.payments[refund["payment"]]
            self._touch(payment)
            return f"refund.{status}", self.of_checkout(payment["checkout"])

    def refunds_of(self, payment_id):
        self.payment(payment_id)
        with self.lock:
            return [one for one in self.refunds.values() if one["payment"] == payment_id]

    def dispute_move(self, payment_id, status):
        with self.lock:
            payment = self.payment(payment_id)
            row = self.disputes.setdefault(
                f"dsp_{payment_id[4:]}",
                {
                    "id": f"dsp_{payment_id[4:]}",
                    "payment": payment_id,
                    "amount": payment["amount"],
                    "reason": "not recognised",
                },
            )
            row.update(status=status or "open", updated=self.now())
            self._touch(payment)
            return "dispute.updated", self.of_checkout(payment["checkout"])

    def payment(self, payment_id):
        if payment_id not in self.payments:
            raise Refusal(404, "no such payment")
        return self.payments[payment_id]

    def _touch(self, payment):
        if payment["subscription"]:
            self.subscription(payment["subscription"])["updated"] = self.now()

    def payout_make(self):
        """Everything that was not paid out yet leaves under one UTR, less fee and GST on it."""
        with self.lock:
            done = {item["id"] for one in self.payouts.values() for item in one["items"]}
            items = [
                _item("payment", one["id"], one["amount"])
                for one in self.payments.values()
                if one["id"] not in done
            ]
            items += [
                {"kind": "refund", "id": one["id"], "amount": -one["amount"], "fee": 0, "tax": 0}
                for one in self.refunds.values()
                if one["id"] not in done and one["status"] == "processed"
            ]
            payout_id = f"pout_{token_hex(10)}"
            fee, tax = (sum(item[name] for item in items) for name in ("fee", "tax"))
            self.payouts[payout_id] = {
                "id": payout_id,
                "utr": f"SBXN{token_hex(6).upper()}",
                "status": "processed",
                "amount": sum(item["amount"] for item in items) - fee - tax,
                "fee": fee,
                "tax": tax,
                "paid_at": self.now(),
                "items": items,
            }
            return json.loads(json.dumps(self.payouts[payout_id]))

    def payouts_since(self, since):
        with self.lock:
            rows = [one for one in self.payouts.values() if one["paid_at"] >= since]
            return json.loads(json.dumps(rows))


def _item(kind, item_id, amount):
    fee = amount * FEE_BASIS_POINTS // 10_000
    tax = (fee * TAX_BASIS_POINTS + 5_000) // 10_000
    return {"kind": kind, "id": item_id, "amount": amount, "fee": fee, "tax": tax}
