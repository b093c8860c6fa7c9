"""The hand that moves Stripe's twin in tests and demos; see stripe_gateway for what it can."""

from typing import TYPE_CHECKING

from stripe_books import Row, check_outcome, item_of
from stripe_form import missing, refusal, shown
from twin_server import Request

if TYPE_CHECKING:
    from stripe_gateway import Stripe


class Control:
    def __init__(self, twin: "Stripe"):
        self.twin = twin
        for name in ("clock", "refunds", "payouts"):
            twin.route("POST", rf"/_control/{name}", getattr(self, name), is_open=True)
        for name in ("customer", "subscription", "session", "refund"):
            path = rf"/_control/{name}s/(?P<id>\w+)"
            twin.route("POST", path, getattr(self, name), is_open=True)

    def clock(self, request: Request) -> Row:
        self.twin.books.advance(int(request.body.get("seconds", 0)))
        return {"now": self.twin.books.now()}

    def customer(self, request: Request) -> Row:
        customer = self.twin.books.get(request.parts["id"], "customer")
        outcome = check_outcome(request.body.get("outcome", ""))
        self.twin.books.outcomes[customer["id"]] = outcome
        return {"outcome": outcome}

    def session(self, request: Request) -> Row:
        row = self.twin.books.get(request.parts["id"], "checkout.session")
        match request.body.get("action"):
            case ("pay" | "process") as action if row["status"] == "open":
                method = request.body.get("method", "card")
                self.twin.pages.complete(row, method, is_paid=action == "pay")
            case ("settle" | "fail") as action if row["status"] == "complete":
                self.twin.pages.settle(row, is_paid=action == "settle")
            case "expire" if row["status"] == "open":
                row["status"] = "expired"
                self.twin.books.event("checkout.session.expired", row)
            case other:
                raise refusal(422, f"This session cannot: {other}")
        return shown(row)

    def subscription(self, request: Request) -> Row:
        row = self.twin.books.get(request.parts["id"], "subscription")
        invoice = self.twin.books.things.get(row["latest_invoice"] or "", {})
        outcome = check_outcome(request.body.get("outcome", "succeed"))
        match request.body.get("action"):
            case "renew":
                self.twin.books.renew(row, outcome)
            case "retry" | "approve" if invoice.get("status") == "open":
                self.twin.books.collect(row, invoice, outcome)
            case "unpaid" if row["status"] == "past_due":
                row["status"] = "unpaid"
                self.twin.books.event("customer.subscription.updated", row)
            case "uncollectible" if invoice.get("status") == "open":
                invoice["status"] = "uncollectible"
                self.twin.books.event("invoice.marked_uncollectible", invoice)
            case "cancel" | "end":
                self.twin.books.end(row)
            case "lose_mandate":
                self._lose_mandate(row)
            case ("dispute" | "win" | "lose") as action:
                self._dispute(row, action)
            case other:
                raise refusal(422, f"This subscription cannot: {other}")
        return shown(row) | {"item": item_of(row)["id"]}

    def _lose_mandate(self, row: Row) -> None:
        method = self.twin.books.things[row["default_payment_method"]]
        mandate = self.twin.books.things[method["_mandate"]]
        mandate["status"] = "inactive"
        if method["type"] == "card":
            mandate["payment_method_details"]["card"]["india"]["inactive_reason"] = "canceled"
        self.twin.books.event("mandate.updated", mandate)

    def _dispute(self, row: Row, action: str) -> None:
        charges = [
            charge
            for payment in self.twin.books.all("invoice_payment", invoice=row["latest_invoice"])
            for charge in self.twin.books.all(
                "charge", payment_intent=payment["payment"]["payment_intent"]
            )
        ]
        if not charges:
            raise missing("charge", row["id"])
        charge = charges[-1]
        if action == "dispute":
            charge["disputed"] = True
            made = self.twin.books.new(
                "du", "dispute", charge=charge["id"], status="needs_response"
            )
            made |= {"amount": charge["amount"], "reason": "fraudulent", "currency": "inr"}
            made["payment_intent"] = charge["payment_intent"]
            self.twin.books.balance("adjustment", -charge["amount"], made["id"])
            self.twin.books.event("charge.dispute.created", made)
            return
        found = self.twin.books.all("dispute", charge=charge["id"])
        if not found:
            raise missing("dispute", charge["id"])
        found[0]["status"] = {"win": "won", "lose": "lost"}[action]
        if action == "win":
            self.twin.books.balance("adjustment", charge["amount"], found[0]["id"])
        self.twin.books.event("charge.dispute.closed", found[0])

    def refunds(self, request: Request) -> Row:
        self.twin.refund_state = str(request.body.get("state", "succeeded"))
        return {"state": self.twin.refund_state}

    def refund(self, request: Request) -> Row:
        row = self.twin.books.get(request.parts["id"], "refund")
        row["status"] = str(request.body.get("state", "succeeded"))
        if row["status"] == "failed":
            self.twin.books.things[row["charge"]]["amount_refunded"] -= row["amount"]
        kind = "refund.failed" if row["status"] == "failed" else "refund.updated"
        self.twin.books.event(kind, row)
        return shown(row)

    def payouts(self, request: Request) -> Row:
        rows = self.twin.books.all("balance_transaction", _payout="")
        rows = [row for row in rows if row["type"] != "payout"]
        total = sum(row["net"] for row in rows)
        made = self.twin.books.new("po", "payout", amount=total, status="paid", currency="inr")
        value = f"UTR{made['id'][-12:].upper()}"
        made |= {
            "arrival_date": self.twin.books.now(),
            "trace_id": {"status": "supported", "value": value},
        }
        for row in [*rows, self.twin.books.balance("payout", -total, made["id"])]:
            row["_payout"] = made["id"]
        self.twin.books.event("payout.paid", made)
        return shown(made)
