"""What Razorpay's twin keeps: rows, its clock, its events, and what money does on its days."""

import copy
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from stripe_time import later
from twin_server import Refusal

Row = dict[str, Any]
DAY = 86_400
RETRIES = 3
INTERVALS = {"monthly": "month", "yearly": "year"}
AUTHORISATION_PAISE = 500
OUTCOMES = ("succeed", "fail", "wait")
# How long a debit above the limit waits for the customer.
APPROVAL_SECONDS = 3 * DAY
ACCOUNT = "acc_twin0000000000"


def refusal(description: str, *, status: int = 400, code: str = "BAD_REQUEST_ERROR") -> Refusal:
    error = {"code": code, "description": description, "source": "NA", "step": "NA"}
    return Refusal(status, {"error": {**error, "reason": "NA", "metadata": {}}})


def shown(row: Row) -> Row:
    """As it is answered: without our own keys, and empty notes are a list."""
    kept = {name: copy.deepcopy(value) for name, value in row.items() if name[0] != "_"}
    if "notes" in kept:
        kept["notes"] = kept["notes"] or []
    return kept


class Books:
    def __init__(self, send: Callable[[str, Row], None], record: Callable[..., Any]):
        self.send, self.record = send, record
        self.things: dict[str, Row] = {}
        self.events: list[tuple[str, Row]] = []
        self.offset, self.refund_state = 0, "processed"

    # --- rows and time

    def now(self) -> int:
        return int(time.time()) + self.offset

    def new(self, prefix: str, entity: str, **facts: Any) -> Row:
        number = f"{prefix}_{secrets.token_hex(7)}"
        row = {"id": number, "entity": entity, "created_at": self.now(), **facts}
        self.things[number] = row
        return row

    def get(self, number: str, entity: str) -> Row:
        row = self.things.get(number)
        if row is None or row["entity"] != entity:
            raise refusal("The id provided does not exist")
        return row

    def all(self, entity: str, **facts: Any) -> list[Row]:
        """The newest first, as its lists are."""
        rows = [row for row in self.things.values() if row["entity"] == entity]
        return [row for row in rows if all(row.get(n) == v for n, v in facts.items())][::-1]

    def advance(self, seconds: int) -> None:
        """Time passes; what falls due on the way happens at its own moment."""
        target = self.now() + seconds
        while due := self._next_due(target):
            at, row = due
            self.offset += max(0, at - self.now())
            self._happen(row)
        self.offset += max(0, target - self.now())

    def _next_due(self, until: int) -> tuple[int, Row] | None:
        rows = [*self.all("subscription"), *self.all("payment_link")][::-1]
        due = [(at, row) for row in rows if (at := self._due(row)) and at <= until]
        return min(due, key=lambda pair: pair[0], default=None)

    def _due(self, row: Row) -> int | None:
        if row["status"] == "created":
            return row["expire_by"] or None
        if row["status"] in {"authenticated", "active", "pending", "halted"}:
            return row["charge_at"]
        return None

    def _happen(self, row: Row) -> None:
        if row["status"] == "created":
            row["status"] = "expired"
            # A subscription that expires says nothing; a link does.
            if row["entity"] == "payment_link":
                row["expired_at"] = self.now()
                self.event("payment_link.expired", payment_link=row)
        elif row["status"] == "pending":
            self.attempt(row, self.things[row["_invoice"]])
        elif row["_waits"]:
            row["_waits"] = False
            self._fail(row, self.things[row["_invoice"]])
        elif row["_ends"] and row["status"] == "active":
            self.end(row, "cancelled")
        else:
            self.renew(row)

    # --- events

    def event(self, kind: str, **entities: Row) -> None:
        payload: Row = {name: {"entity": shown(row)} for name, row in entities.items()}
        body: Row = {"entity": "event", "account_id": ACCOUNT, "event": kind}
        body |= {"contains": list(entities), "payload": payload}
        if kind == "subscription.activated":
            payload["created_at"] = self.now()
        else:
            body["created_at"] = self.now()
        if kind == "subscription.charged":
            payload["payment"]["entity"]["captured"] = "1"
        number = secrets.token_hex(7)
        self.events.append((number, body))
        self.send(number, body)

    # --- subscriptions

    def period(self, row: Row, cycle: int) -> int:
        """When a cycle begins: the same day of the month as the first."""
        return later(row["start_at"], INTERVALS[row["_plan"]["period"]], cycle)

    def authorise(self, row: Row, method: str) -> None:
        """The customer has agreed to the mandate on the page."""
        now = self.now()
        starts_later = row["start_at"] is not None and row["start_at"] > now
        row |= {
            "status": "authenticated",
            "payment_method": method,
            "customer_id": self.new("cust", "customer", notes={})["id"],
            "start_at": row["start_at"] if starts_later else now,
        }
        row["charge_at"] = row["start_at"]
        if starts_later:
            self._authorisation(method)
        self.event("subscription.authenticated", subscription=row)
        if not starts_later:
            self.renew(row)

    def _authorisation(self, method: str) -> None:
        """A few rupees that are taken to try the mandate, and given back at once."""
        money = self.payment(AUTHORISATION_PAISE, "INR", method)
        self.refund(money, AUTHORISATION_PAISE, {}, "processed")

    def renew(self, row: Row) -> None:
        """A new cycle: its invoice, and the debit; a halted one is only invoiced."""
        cycle = row["_cycle"]
        invoice = self.new(
            "inv",
            "invoice",
            subscription_id=row["id"],
            customer_id=row["customer_id"],
            payment_id=None,
            order_id=f"order_{secrets.token_hex(7)}",
            status="issued",
            amount=row["_plan"]["item"]["amount"],
            amount_paid=0,
            amount_due=row["_plan"]["item"]["amount"],
            currency=row["_plan"]["item"]["currency"],
            billing_start=self.period(row, cycle),
            billing_end=self.period(row, cycle + 1),
            issued_at=self.now(),
            paid_at=None,
            notes={},
        )
        row |= {"_invoice": invoice["id"], "_cycle": cycle + 1}
        if row["status"] == "halted":
            row["charge_at"] = self.period(row, cycle + 1)
            return
        self.attempt(row, invoice)

    def attempt(self, row: Row, invoice: Row) -> None:
        if row["_outcome"] == "fail":
            self._fail(row, invoice)
        elif row["_outcome"] == "wait":
            row |= {"_waits": True, "charge_at": self.now() + APPROVAL_SECONDS}
        else:
            self._succeed(row, invoice)

    def approve(self, row: Row) -> None:
        """The customer lets the debit through that waits."""
        row["_waits"] = False
        self._succeed(row, self.things[row["_invoice"]])

    def _succeed(self, row: Row, invoice: Row) -> None:
        now, before = self.now(), row["status"]
        money = self.payment(
            invoice["amount"], invoice["currency"], row["payment_method"], invoice=invoice
        )
        invoice |= {"status": "paid", "payment_id": money["id"], "paid_at": now}
        invoice |= {"amount_paid": invoice["amount"], "amount_due": 0}
        row |= {
            "status": "active",
            "paid_count": row["paid_count"] + 1,
            "remaining_count": row["remaining_count"] - 1,
            "current_start": invoice["billing_start"],
            "current_end": invoice["billing_end"],
            "charge_at": invoice["billing_end"],
            "auth_attempts": 0,
        }
        if before != "active":
            self.event("subscription.activated", subscription=row, payment=money)
        self.event("payment.captured", payment=money)
        self.event("invoice.paid", payment=money, invoice=invoice)
        self.event("subscription.charged", subscription=row, payment=money)
        if row["remaining_count"] == 0:
            self.end(row, "completed")

    def _fail(self, row: Row, invoice: Row) -> None:
        money = self.payment(
            invoice["amount"], invoice["currency"], row["payment_method"], invoice, "failed"
        )
        self.event("payment.failed", payment=money)
        row["auth_attempts"] += 1
        if row["auth_attempts"] <= RETRIES:
            row |= {"status": "pending", "charge_at": self.now() + DAY}
            self.event("subscription.pending", subscription=row, payment=money)
        else:
            row |= {"status": "halted", "charge_at": invoice["billing_end"]}
            self.event("subscription.halted", subscription=row, payment=money)

    def repair(self, row: Row, method: str) -> None:
        """A new mandate on the page. A pending debit is tried at once; what was left unpaid while
        it was halted is not debited any more."""
        row |= {"payment_method": method, "_outcome": "succeed"}
        if row["status"] == "pending":
            self.attempt(row, self.things[row["_invoice"]])
            return
        row |= {"status": "active", "auth_attempts": 0}
        self.event("subscription.activated", subscription=row)

    def end(self, row: Row, status: str) -> None:
        row |= {"status": status, "ended_at": self.now(), "charge_at": None}
        self.event(f"subscription.{status}", subscription=row)

    def pause(self, row: Row, by: str) -> None:
        row |= {"status": "paused", "pause_initiated_by": by, "charge_at": None}
        row["paused_at"] = self.now()
        self.event("subscription.paused", subscription=row)

    def resume(self, row: Row) -> None:
        """Cycles that passed meanwhile are not charged."""
        while self.period(row, row["_cycle"] + 1) <= self.now():
            row["_cycle"] += 1
        charge_at = max(self.now(), self.period(row, row["_cycle"]))
        row |= {"status": "active", "pause_initiated_by": None, "charge_at": charge_at}
        self.event("subscription.resumed", subscription=row)

    # --- money

    def payment(
        self,
        amount: int,
        currency: str,
        method: str,
        invoice: Row | None = None,
        status: str = "captured",
    ) -> Row:
        base = amount * 2 // 100 if status == "captured" else 0
        tax = base * 18 // 100
        money = self.new(
            "pay",
            "payment",
            amount=amount,
            currency=currency,
            status=status,
            captured=status == "captured",
            method=method,
            invoice_id=invoice["id"] if invoice else None,
            order_id=invoice["order_id"] if invoice else None,
            amount_refunded=0,
            fee=base + tax,
            tax=tax,
            notes={},
            error_code=None if status == "captured" else "BAD_REQUEST_ERROR",
        )
        self.record("payment", id=money["id"], amount=amount, status=status)
        return money

    def refund(self, money: Row, amount: int, notes: Row, state: str = "") -> Row:
        left = money["amount"] - money["amount_refunded"]
        if money["status"] != "captured" or not 0 < amount <= left:
            raise refusal(
                "The total refund amount is greater than the refund payment amount"
                if money["status"] == "captured"
                else "The payment has been fully refunded already or is not captured"
            )
        row = self.new("rfnd", "refund", payment_id=money["id"], amount=amount, currency="INR")
        row |= {"status": state or self.refund_state, "notes": notes, "receipt": None}
        row |= {"speed_requested": "normal", "speed_processed": "normal"}
        money["amount_refunded"] += amount
        if money["amount_refunded"] == money["amount"]:
            money["status"] = "refunded"
        self.record("refund", id=row["id"], payment=money["id"], amount=amount)
        self.event("refund.created", refund=row, payment=money)
        if row["status"] == "processed":
            self.event("refund.processed", refund=row, payment=money)
        return row

    def settle(self) -> Row:
        """All that is not settled yet goes to the bank under one UTR."""
        settled = self.new("setl", "settlement", status="processed", fees=0, tax=0, amount=0)
        settled["utr"] = f"UTR{settled['id'][-12:].upper()}"
        for entity in ("payment", "refund", "adjustment"):
            for row in self.all(entity):
                if "_settlement" in row or row.get("status") == "failed":
                    continue
                row |= {"_settlement": settled["id"], "_settled_at": self.now()}
                line = recon_of(row, settled)
                settled["amount"] += line["credit"] - line["debit"]
        return settled

    def recon(self) -> Iterable[Row]:
        for entity in ("payment", "refund", "adjustment"):
            for row in self.all(entity):
                if "_settlement" in row:
                    yield recon_of(row, self.things[row["_settlement"]])


def recon_of(row: Row, settled: Row) -> Row:
    fee, amount = row.get("fee", 0), row["amount"]
    net = {"payment": amount - fee, "refund": -amount}.get(row["entity"], amount)
    return {
        "entity_id": row["id"],
        "type": row["entity"],
        "debit": max(0, -net),
        "credit": max(0, net),
        "amount": abs(amount),
        "currency": "INR",
        "fee": fee,
        "tax": row.get("tax", 0),
        "settled": True,
        "created_at": row["created_at"],
        "settled_at": row["_settled_at"],
        "settlement_id": settled["id"],
        "settlement_utr": settled["utr"],
        "payment_id": row.get("payment_id"),
        "dispute_id": row.get("dispute_id"),
        "method": row.get("method"),
    }
