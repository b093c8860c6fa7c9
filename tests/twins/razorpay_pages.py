"""The hosted pages of Razorpay's twin: a mandate or a payment. They work without scripts."""

import hashlib
import hmac
import html
from collections.abc import Callable

from razorpay_books import Books, Row, refusal
from twin_server import Page, Request, page, redirect

METHODS = {"upi": "UPI", "card": "Card", "emandate": "eMandate"}
ACTIONS = {"pay": "Pay", "decline": "Pay, and be declined", "abandon": "Leave this page"}
LARGEST_UPI_MANDATE = 1_00_000_00
OPEN = frozenset({"created", "pending", "halted"})


class Pages:
    def __init__(self, books: Books, key_secret: Callable[[], str]):
        self.books, self.key_secret = books, key_secret

    def _row(self, request: Request) -> Row:
        row = self.books.things.get(request.parts["id"])
        if row is None or row["entity"] not in {"subscription", "payment_link"}:
            raise refusal("The id provided does not exist", status=404)
        return row

    def show(self, request: Request) -> Page:
        return self._form(self._row(request), "")

    def act(self, request: Request) -> Page:
        row, action = self._row(request), request.form.get("action", "")
        method = request.form.get("method", "upi")
        if action not in ACTIONS or method not in METHODS:
            raise refusal("Press one of the buttons", status=422)
        if row["status"] not in OPEN:
            return self._form(row, "")
        if action == "abandon":
            return page("You left the page", "<p>Nothing was paid. The page stays open.</p>")
        if action == "decline" or method not in methods_of(row):
            self._decline(row, method)
            return self._form(row, "The bank declined this. Nothing was paid.")
        if row["entity"] == "payment_link":
            return self.pay_link(row, method)
        self.agree(row, method)
        return page("Paid", "<p>Thank you. You can close this page.</p>")

    def agree(self, row: Row, method: str) -> None:
        if row["status"] == "created":
            self.books.authorise(row, method)
        else:
            self.books.repair(row, method)

    def _decline(self, row: Row, method: str) -> None:
        money = self.books.payment(amount_of(row), "INR", method, None, "failed")
        self.books.event("payment.failed", payment=money)

    def pay_link(self, row: Row, method: str) -> Page:
        money = self.books.payment(row["amount"], row["currency"], method)
        short = {"payment_id": money["id"], "amount": money["amount"], "status": "captured"}
        row |= {"status": "paid", "amount_paid": row["amount"], "payments": [short]}
        self.books.event("payment_link.paid", payment_link=row, payment=money)
        if not row["callback_url"]:
            return page("Paid", "<p>Thank you. You can close this page.</p>")
        signed = "|".join((row["id"], row["reference_id"], row["status"], money["id"]))
        return redirect(
            row["callback_url"],
            razorpay_payment_id=money["id"],
            razorpay_payment_link_id=row["id"],
            razorpay_payment_link_reference_id=row["reference_id"],
            razorpay_payment_link_status=row["status"],
            razorpay_signature=hmac.new(
                self.key_secret().encode(), signed.encode(), hashlib.sha256
            ).hexdigest(),
        )

    def _form(self, row: Row, word: str) -> Page:
        if row["status"] not in OPEN:
            return page("This page is closed", f"<p>It is {html.escape(row['status'])}.</p>")
        rupees = f"₹{amount_of(row) / 100:,.2f}"
        choices = "".join(
            f'<option value="{name}">{METHODS[name]}</option>' for name in methods_of(row)
        )
        buttons = "".join(
            f'<p><button name="action" value="{name}">{label}</button></p>'
            for name, label in ACTIONS.items()
        )
        said = f"<p><strong>{html.escape(word)}</strong></p>" if word else ""
        return page(
            "Razorpay (twin): no money moves",
            f"{said}<p>{rupees}{often(row)}</p>"
            f'<form method="post" action="/i/{row["id"]}">'
            f'<p><label>Method <select name="method">{choices}</select></label></p>'
            f"{buttons}</form>",
        )


def amount_of(row: Row) -> int:
    return row["amount"] if row["entity"] == "payment_link" else row["_plan"]["item"]["amount"]


def often(row: Row) -> str:
    return "" if row["entity"] == "payment_link" else f" {row['_plan']['period']}"


def methods_of(row: Row) -> list[str]:
    if row["entity"] == "payment_link":
        return ["upi", "card"]
    if amount_of(row) > LARGEST_UPI_MANDATE:
        return ["card", "emandate"]
    return list(METHODS)
