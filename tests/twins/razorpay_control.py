"""The hand that moves Razorpay's twin in tests and demos; see razorpay for what it can."""

from typing import TYPE_CHECKING

from razorpay_books import OUTCOMES, Row, refusal, shown
from twin_server import Request

if TYPE_CHECKING:
    from razorpay import Razorpay


class Control:
    def __init__(self, twin: "Razorpay"):
        self.twin = twin
        for name in ("clock", "settle", "refunds"):
            twin.route("POST", rf"/_control/{name}", getattr(self, name), is_open=True)
        for name in ("subscription", "payment", "refund"):
            path = rf"/_control/{name}s/(?P<id>\w+)"
            twin.route("POST", path, getattr(self, name), is_open=True)
        twin.route("GET", "/_events", self.events, is_open=True)

    def clock(self, request: Request) -> Row:
        self.twin.books.advance(int(request.body.get("seconds", 0)))
        return {"now": self.twin.books.now()}

    def events(self, request: Request) -> Row:
        return {"events": [{"id": number, **body} for number, body in self.twin.books.events]}

    def subscription(self, request: Request) -> Row:
        books = self.twin.books
        row = books.get(request.parts["id"], "subscription")
        action, status = request.body.get("action"), row["status"]
        match action:
            case "outcome" if request.body.get("outcome") in OUTCOMES:
                row["_outcome"] = request.body["outcome"]
            case "authorise" if status in {"created", "pending", "halted"}:
                self.twin.pages.agree(row, request.body.get("method", "upi"))
            case "renew" if status == "active":
                books.advance(max(0, row["charge_at"] - books.now()))
            case "due" if status in {"active", "pending"}:
                # At this very moment, before its day.
                row["charge_at"] = books.now()
                books.advance(0)
            case "retry" if status == "pending":
                books.advance(max(0, row["charge_at"] - books.now()))
            case "halt" if status in {"active", "pending"}:
                row["_outcome"] = "fail"
                while row["status"] in {"active", "pending"}:
                    books.advance(max(0, row["charge_at"] - books.now()))
            case "approve" if row["_waits"]:
                books.approve(row)
            case "customer_pause" if status == "active":
                books.pause(row, "customer")
            case "customer_resume" if status == "paused":
                books.resume(row)
            case "end" if status not in {"cancelled", "completed", "expired"}:
                books.end(row, "cancelled")
            case _:
                raise refusal(f"This subscription is {status} and cannot: {action}", status=422)
        return shown(row)

    def payment(self, request: Request) -> Row:
        """dispute, then win or lose."""
        books, action = self.twin.books, request.body.get("action")
        money = books.get(request.parts["id"], "payment")
        found = books.all("dispute", payment_id=money["id"])
        if action == "dispute" and not found:
            row = books.new("disp", "dispute", payment_id=money["id"], amount=money["amount"])
            row |= {"currency": "INR", "status": "open", "phase": "chargeback"}
            row |= {"reason_code": "chargeback", "amount_deducted": 0}
            books.event("payment.dispute.created", payment=money, dispute=row)
        elif action in {"win", "lose"} and found:
            row = found[0]
            row["status"] = {"win": "won", "lose": "lost"}[action]
            if action == "lose":
                row["amount_deducted"] = row["amount"]
                books.new("adj", "adjustment", amount=-row["amount"], dispute_id=row["id"])
            books.event(f"payment.dispute.{row['status']}", payment=money, dispute=row)
        else:
            raise refusal(f"This payment cannot: {action}", status=422)
        return shown(row)

    def refunds(self, request: Request) -> Row:
        self.twin.books.refund_state = str(request.body.get("state", "processed"))
        return {"state": self.twin.books.refund_state}

    def refund(self, request: Request) -> Row:
        row = self.twin.books.get(request.parts["id"], "refund")
        money = self.twin.books.things[row["payment_id"]]
        state = request.body.get("state")
        if row["status"] != "pending" or state not in {"processed", "failed"}:
            raise refusal(f"This refund is {row['status']} and cannot be {state}", status=422)
        row["status"] = state
        if state == "failed":
            money["amount_refunded"] -= row["amount"]
            money["status"] = "captured"
        self.twin.books.event(f"refund.{state}", refund=row, payment=money)
        return shown(row)

    def settle(self, request: Request) -> Row:
        return shown(self.twin.books.settle())
