"""What Stripe's twin remembers, its own clock, and how a subscription is billed."""

from collections.abc import Callable
from secrets import token_hex
from time import time
from typing import Any

from stripe_form import missing, refusal, shown
from stripe_time import later

VERSION = "2026-10-28.endive"
DAY = 86_400
# After a failed renewal: three more tries, then the subscription is unpaid.
RETRY_DAYS = (3, 5, 7)
OUTCOMES = ("succeed", "fail", "requires_action", "processing")
LIVE = frozenset({"trialing", "active", "past_due", "unpaid", "paused"})
INCOMPLETE_SECONDS = 23 * 3600
Row = dict[str, Any]


class Books:
    """Things by id, in the order in which they were made. `send` hands an event to the outside."""

    def __init__(self, send: Callable[[Row], None], record: Callable[..., Any]):
        self.send, self.record = send, record
        self.things: dict[str, Row] = {}
        self.outcomes: dict[str, str] = {}
        self.offset, self.at = 0, 0

    def now(self) -> int:
        return self.at or int(time()) + self.offset

    # --- things

    def new(self, prefix: str, kind: str, **fields: Any) -> Row:
        number = fields.pop("id", "") or f"{prefix}_{token_hex(12)}"
        row = {"id": number, "object": kind, "created": self.now(), "livemode": False, **fields}
        self.things[number] = row
        return row

    def get(self, number: Any, kind: str) -> Row:
        row = self.things.get(str(number))
        if row is None or row["object"] != kind:
            raise missing(kind.replace("_", " "), str(number))
        return row

    def all(self, kind: str, **facts: Any) -> list[Row]:
        return [
            row
            for row in self.things.values()
            if row["object"] == kind and all(row.get(name) == facts[name] for name in facts)
        ]

    def look(self, holder: Row, name: str, value: Any) -> Any:
        """What `expand` fills in at `name`."""
        if name == "payments" and holder["object"] == "invoice":
            return self.list_of(self.all("invoice_payment", invoice=holder["id"]))
        if name == "line_items" and holder["object"] == "checkout.session":
            return self.things[holder["id"]]["_line_items"]
        return self.things.get(value) if isinstance(value, str) else None

    def list_of(self, rows: list[Row]) -> Row:
        return {"object": "list", "data": rows, "has_more": False, "url": "/"}

    def event(self, kind: str, thing: Row) -> None:
        row = self.new("evt", "event", type=kind, api_version=VERSION, pending_webhooks=1)
        row["data"] = {"object": shown(thing)}
        row["request"] = {"id": None, "idempotency_key": None}
        self.record(kind, id=thing["id"])
        self.send(shown(row))

    # --- subscriptions

    def subscription(self, **wanted: Any) -> Row:
        """`price`, `customer`, `method` (card, upi), `metadata`, `trial_end`, `mandate` options."""
        price, now = wanted["price"], self.now()
        method = self.method(wanted["customer"], wanted["method"])
        trial_end = wanted.get("trial_end")
        anchor = trial_end or now
        end = trial_end or later(now, price["recurring"]["interval"])
        row = self.new(
            "sub",
            "subscription",
            customer=wanted["customer"],
            currency=price["currency"],
            status="trialing" if trial_end else "incomplete",
            default_payment_method=method["id"],
            latest_invoice=None,
            metadata=wanted.get("metadata") or {},
            description=wanted.get("description"),
            cancel_at_period_end=False,
            cancel_at=None,
            canceled_at=None,
            ended_at=None,
            collection_method="charge_automatically",
            pause_collection=None,
            pending_update=None,
            trial_end=trial_end,
            billing_cycle_anchor=anchor,
            payment_settings={"payment_method_options": wanted.get("options")},
            schedule=None,
        )
        item = self.new("si", "subscription_item", quantity=1, subscription=row["id"])
        item |= {"price": price, "current_period_start": now, "current_period_end": end}
        item["_cycle"] = 0
        row["items"] = self.list_of([item])
        self._invoice_first(row, wanted.get("outcome", "succeed"))
        return row

    def _invoice_first(self, row: Row, outcome: str) -> None:
        item = item_of(row)
        amount = 0 if row["trial_end"] else item["price"]["unit_amount"]
        lines = [self.line(item, amount, item["current_period_start"], item["current_period_end"])]
        invoice = self.invoice(row, lines, "subscription_create")
        self.event("customer.subscription.created", row)
        self.collect(row, invoice, outcome)

    def method(self, customer: str, kind: str) -> Row:
        made = self.new("pm", "payment_method", customer=customer, type=kind)
        details: Row = {"type": kind, kind: {"india": {"inactive_reason": None}}}
        if kind == "upi":
            details = {"type": "upi", "upi": {"vpa": "asha@example"}}
        mandate = self.new("mandate", "mandate", status="active", type="multi_use")
        mandate |= {"payment_method": made["id"], "payment_method_details": details}
        made["_mandate"] = mandate["id"]
        return made

    def line(self, item: Row, amount: int, start: int, end: int, proration: bool = False) -> Row:
        return {
            "id": f"il_{token_hex(8)}",
            "object": "line_item",
            "amount": amount,
            "currency": item["price"]["currency"],
            "period": {"start": start, "end": end},
            "parent": {
                "type": "subscription_item_details",
                "subscription_item_details": {
                    "subscription": item["subscription"],
                    "subscription_item": item["id"],
                    "proration": proration,
                },
            },
            "pricing": {"type": "price_details", "price_details": {"price": item["price"]["id"]}},
        }

    # --- invoices

    def invoice_fields(self, row: Row, lines: list[Row], reason: str) -> Row:
        total = sum(line["amount"] for line in lines)
        balance = self.things[row["customer"]].get("balance", 0)
        due = max(0, total + balance) if total > 0 else 0
        return {
            "customer": row["customer"],
            "currency": row["currency"],
            "billing_reason": reason,
            "lines": self.list_of(lines),
            "total": total,
            "subtotal": total,
            "amount_due": due,
            "amount_paid": 0,
            "amount_remaining": due,
            "starting_balance": balance,
            "ending_balance": balance + total - due,
            "attempt_count": 0,
            "next_payment_attempt": None,
            "period_start": row["created"],
            "period_end": self.now(),
            "parent": {
                "type": "subscription_details",
                "subscription_details": {"subscription": row["id"], "metadata": row["metadata"]},
            },
        }

    def invoice(self, row: Row, lines: list[Row], reason: str) -> Row:
        fields = self.invoice_fields(row, lines, reason)
        moments = {"finalized_at": self.now(), "paid_at": None, "voided_at": None}
        moments["marked_uncollectible_at"] = None
        made = self.new("in", "invoice", status="open", status_transitions=moments, **fields)
        self.things[row["customer"]]["balance"] = made["ending_balance"]
        row["latest_invoice"] = made["id"]
        return made

    def collect(self, row: Row, invoice: Row, outcome: str) -> None:
        """Try to get the money of an open invoice."""
        if invoice["amount_due"] == 0:
            self._settled(row, invoice)
            return
        invoice["attempt_count"] += 1
        intent = self._intent_of(row, invoice)
        if outcome == "succeed":
            self.charge(intent, self.things[row["default_payment_method"]])
            payment = self.all("invoice_payment", invoice=invoice["id"])[0]
            payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
            payment["status_transitions"]["paid_at"] = self.now()
            invoice |= {"amount_paid": invoice["amount_due"], "amount_remaining": 0}
            self._settled(row, invoice)
        else:
            self._not_paid(row, invoice, intent, outcome)

    def _intent_of(self, row: Row, invoice: Row) -> Row:
        payments = self.all("invoice_payment", invoice=invoice["id"])
        if payments:
            return self.things[payments[0]["payment"]["payment_intent"]]
        due = invoice["amount_due"]
        intent = self.intent(due, row["currency"], row["customer"], {})
        intent["payment_method"] = row["default_payment_method"]
        self.new(
            "inpay",
            "invoice_payment",
            invoice=invoice["id"],
            amount_requested=due,
            amount_paid=None,
            currency=row["currency"],
            is_default=True,
            status="open",
            status_transitions={"paid_at": None, "canceled_at": None},
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
        )
        return intent

    def intent(self, amount: int, currency: str, customer: Any, metadata: Row) -> Row:
        return self.new(
            "pi",
            "payment_intent",
            amount=amount,
            amount_received=0,
            currency=currency,
            customer=customer,
            metadata=metadata,
            status="requires_payment_method",
            latest_charge=None,
            payment_method=None,
            processing=None,
            next_action=None,
            last_payment_error=None,
        )

    def charge(self, intent: Row, method: Row) -> Row:
        """Money comes in: the charge, and its line in our balance with fee and GST on it."""
        kind = method["type"]
        details = {"type": kind, kind: {"vpa": "asha@example"} if kind == "upi" else {}}
        if kind == "card":
            details["card"] = {"mandate": method.get("_mandate"), "last4": "4242"}
        made = self.new(
            "ch",
            "charge",
            amount=intent["amount"],
            amount_refunded=0,
            currency=intent["currency"],
            payment_intent=intent["id"],
            status="succeeded",
            paid=True,
            disputed=False,
            payment_method_details=details,
        )
        fee = (intent["amount"] * 2 + 50) // 100
        tax = (fee * 18 + 50) // 100
        self.balance("charge", intent["amount"], made["id"], fee, tax)
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        intent |= {"latest_charge": made["id"], "next_action": None, "processing": None}
        self.record("charged", id=intent["id"], amount=intent["amount"])
        return made

    def balance(self, kind: str, amount: int, source: str, fee: int = 0, tax: int = 0) -> Row:
        parts = [("stripe_fee", fee), ("tax", tax)] if fee else []
        return self.new(
            "txn",
            "balance_transaction",
            type=kind,
            amount=amount,
            fee=fee + tax,
            net=amount - fee - tax,
            currency="inr",
            source=source,
            fee_details=[{"type": name, "amount": one, "currency": "inr"} for name, one in parts],
            status="available",
            _payout="",
        )

    def _settled(self, row: Row, invoice: Row) -> None:
        invoice |= {"status": "paid", "next_payment_attempt": None}
        invoice["status_transitions"]["paid_at"] = self.now()
        is_latest = row["latest_invoice"] == invoice["id"]
        if row["status"] in {"incomplete", "past_due", "unpaid"} and is_latest:
            row["status"] = "active"
        self.event("invoice.paid", invoice)
        if row["pending_update"] and invoice["id"] == row["pending_update"].get("_invoice"):
            row["pending_update"]["_apply"]()
            row["pending_update"] = None
            self.event("customer.subscription.pending_update_applied", row)
        self.event("customer.subscription.updated", row)

    def _not_paid(self, row: Row, invoice: Row, intent: Row, outcome: str) -> None:
        intent["status"] = {
            "fail": "requires_payment_method",
            "requires_action": "requires_action",
            "processing": "processing",
        }[outcome]
        if outcome == "processing":
            notice = {"approval_requested": True, "completes_at": self.now() + DAY + 7200}
            intent["processing"] = {"type": "card", "card": {"customer_notification": notice}}
            return
        if outcome == "fail":
            intent["last_payment_error"] = {"code": "card_declined", "type": "card_error"}
            turn = invoice["attempt_count"] - 1
            due = self.now() + RETRY_DAYS[turn] * DAY if turn < len(RETRY_DAYS) else None
            invoice["next_payment_attempt"] = due
        else:
            intent["next_action"] = {"type": "redirect_to_url"}
            self.event("invoice.payment_action_required", invoice)
        if row["status"] in {"active", "trialing", "past_due"} and not row["pending_update"]:
            is_over = outcome == "fail" and invoice["next_payment_attempt"] is None
            row["status"] = "unpaid" if is_over else "past_due"
        self.event("invoice.payment_failed", invoice)
        self.event("customer.subscription.updated", row)

    # --- time

    def renew(self, row: Row, outcome: str = "") -> None:
        """The next period begins, whether or not its invoice is paid."""
        if row["cancel_at_period_end"]:
            self.end(row)
            return
        item = item_of(row)
        interval, start = item["price"]["recurring"]["interval"], item["current_period_end"]
        item["_cycle"] += 1
        end = later(row["billing_cycle_anchor"], interval, item["_cycle"] + 1)
        if row["status"] == "trialing":
            # The trial's end is the anchor: the first paid period begins there.
            item["_cycle"], end = 0, later(start, interval)
            row["status"] = "active"
        item |= {"current_period_start": start, "current_period_end": end}
        lines = [self.line(item, item["price"]["unit_amount"], start, end)]
        invoice = self.invoice(row, lines, "subscription_cycle")
        if row["pause_collection"] or row["status"] == "unpaid":
            invoice["status"] = "void" if row["pause_collection"] else "draft"
            self.event("customer.subscription.updated", row)
            return
        self.collect(row, invoice, outcome or self.outcomes.get(row["customer"], "succeed"))

    def end(self, row: Row) -> None:
        row |= {"status": "canceled", "canceled_at": self.now(), "ended_at": self.now()}
        self.event("customer.subscription.deleted", row)

    def advance(self, seconds: int) -> None:
        """Let time pass: whatever falls due on the way happens at its own moment."""
        goal = self.now() + seconds
        while True:
            due = [(self._due_at(row), number) for number, row in list(self.things.items())]
            moment, number = min(((at, name) for at, name in due if at), default=(goal + 1, ""))
            if moment > goal:
                break
            self.at = max(moment, self.now())
            self._fall_due(self.things[number])
        self.at = 0
        self.offset += goal - self.now()

    def _due_at(self, row: Row) -> int:
        if row["object"] == "subscription":
            if row["status"] in LIVE:
                return item_of(row)["current_period_end"]
            return row["created"] + INCOMPLETE_SECONDS if row["status"] == "incomplete" else 0
        if row["object"] == "invoice" and row["status"] == "open":
            return row["next_payment_attempt"] or 0
        if row["object"] == "checkout.session" and row["status"] == "open":
            return row["expires_at"]
        return 0

    def _fall_due(self, row: Row) -> None:
        if row["object"] == "checkout.session":
            row["status"] = "expired"
            self.event("checkout.session.expired", row)
        elif row["object"] == "invoice":
            owner = self.things[row["parent"]["subscription_details"]["subscription"]]
            row["next_payment_attempt"] = None
            self.collect(owner, row, self.outcomes.get(owner["customer"], "succeed"))
        elif row["status"] == "incomplete":
            row["status"] = "incomplete_expired"
            self.event("customer.subscription.updated", row)
        else:
            self.renew(row)


def item_of(row: Row) -> Row:
    return row["items"]["data"][0]


def check_outcome(name: str) -> str:
    if name not in OUTCOMES:
        raise refusal(422, f"One of {', '.join(OUTCOMES)}.")
    return name
