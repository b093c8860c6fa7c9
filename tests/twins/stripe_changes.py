"""Changing, pausing and ending a subscription at Stripe's twin, with proration to the second."""

from typing import Any

from stripe_books import Books, Row, item_of
from stripe_form import known, number, refusal, shown
from stripe_time import later, part_of

UPDATE = (
    "items proration_behavior payment_behavior proration_date cancel_at_period_end metadata"
    " pause_collection description default_payment_method trial_end"
)
# With pending_if_incomplete nothing else may be asked: the rest could not wait.
PENDING = {"items", "proration_behavior", "payment_behavior", "proration_date", "expand"}
PREVIEW = "subscription subscription_details customer preview_mode"


class Changes:
    def __init__(self, books: Books):
        self.books = books

    def update(self, number_: str, params: Row) -> Row:
        row = self.books.get(number_, "subscription")
        known(params, UPDATE)
        if row["status"] in {"canceled", "incomplete_expired"}:
            raise refusal(400, "A canceled subscription can only update its metadata.")
        if params.get("payment_behavior") == "pending_if_incomplete":
            extra = sorted(set(params) - PENDING)
            if extra:
                raise refusal(400, f"{extra[0]} cannot wait for a payment.", param=extra[0])
        if "cancel_at_period_end" in params:
            row["cancel_at_period_end"] = is_true(params["cancel_at_period_end"])
            ends = item_of(row)["current_period_end"]
            row["cancel_at"] = ends if row["cancel_at_period_end"] else None
        if "pause_collection" in params:
            self._pause(row, params["pause_collection"])
        if "items" in params:
            self._change(row, params)
        else:
            self.books.event("customer.subscription.updated", row)
        return shown(row)

    def _pause(self, row: Row, wanted: Any) -> None:
        if wanted == "":
            row["pause_collection"] = None
            return
        if wanted.get("behavior") not in {"void", "keep_as_draft", "mark_uncollectible"}:
            raise refusal(400, "Invalid behavior", param="pause_collection[behavior]")
        row["pause_collection"] = {"behavior": wanted["behavior"], "resumes_at": None}

    def cancel(self, number_: str, params: Row) -> Row:
        known(params, "prorate invoice_now cancellation_details")
        row = self.books.get(number_, "subscription")
        if row["status"] in {"canceled", "incomplete_expired"}:
            raise refusal(404, f"No such subscription: '{number_}'", code="resource_missing")
        self.books.end(row)
        return shown(row)

    def preview(self, params: Row) -> Row:
        known(params, PREVIEW)
        row = self.books.get(params.get("subscription"), "subscription")
        details = known(
            params.get("subscription_details") or {}, "items proration_behavior proration_date"
        )
        lines, _item, _end = self._lines(row, details)
        answer = {"object": "invoice", "id": "upcoming_in_preview", "status": "draft"}
        return answer | self.books.invoice_fields(row, lines, "subscription_update")

    def _lines(self, row: Row, params: Row) -> tuple[list[Row], Row, tuple[Row, int, int]]:
        """The unused part of the old price given back, the new one charged; and what it becomes."""
        wanted = (params.get("items") or [{}])[0]
        item = item_of(row)
        if wanted.get("id") != item["id"]:
            raise refusal(400, "Say which item changes.", param="items[0][id]")
        price = self.books.get(wanted.get("price"), "price")
        start, end = item["current_period_start"], item["current_period_end"]
        at = number(params, "proration_date", self.books.now())
        if not start <= at <= end:
            message = "proration_date must be within the current period."
            raise refusal(400, message, param="proration_date")
        left, whole = end - at, end - start
        old, new = item["price"]["unit_amount"], price["unit_amount"]
        interval = price["recurring"]["interval"]
        is_same = interval == item["price"]["recurring"]["interval"]
        period = (start, end) if is_same else (at, later(at, interval))
        due = part_of(new, left, whole) if is_same else new
        made = {**item, "price": price}
        books = self.books
        lines = [
            books.line(item, -part_of(old, left, whole), at, end, True),
            books.line(made, due, at, period[1], is_same),
        ]
        return lines, item, (price, *period)

    def _change(self, row: Row, params: Row) -> None:
        lines, item, became = self._lines(row, params)
        if params.get("proration_behavior") != "always_invoice":
            raise refusal(400, "This twin invoices a change at once.", param="proration_behavior")
        price, start, end = became

        def apply() -> None:
            if start != item["current_period_start"]:
                row["billing_cycle_anchor"], item["_cycle"] = start, 0
            item.update(price=price, current_period_start=start, current_period_end=end)

        invoice = self.books.invoice(row, lines, "subscription_update")
        row["pending_update"] = {
            "expires_at": self.books.now() + 23 * 3600,
            "subscription_items": [{**item, "price": price}],
            "_invoice": invoice["id"],
            "_apply": apply,
        }
        self.books.collect(row, invoice, self.books.outcomes.get(row["customer"], "succeed"))


def is_true(value: Any) -> bool:
    if value not in ("true", "false"):
        raise refusal(400, f"Invalid boolean: {value}")
    return bool(value == "true")
