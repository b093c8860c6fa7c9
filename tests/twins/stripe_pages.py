"""The hosted pages of Stripe's twin: Checkout and the portal. They work without scripts."""

import html
from typing import Any

from stripe_books import DAY, Books, Row
from stripe_form import known, needed, number, refusal, shown
from twin_server import Page, Request, page

CREATE = (
    "mode customer line_items success_url cancel_url client_reference_id metadata"
    " subscription_data payment_intent_data allowed_payment_method_types payment_method_options"
    " payment_method_collection billing_address_collection tax_id_collection customer_update"
    " expires_at adaptive_pricing locale customer_email"
)
METHODS = ("card", "upi")
ACTIONS = ("pay", "decline", "process", "abandon")
LONGEST_REFERENCE = 200


class Pages:
    def __init__(self, books: Books):
        self.books = books

    # --- made by the API

    def create(self, params: Row, base_url: str) -> Row:
        known(params, CREATE)
        mode = needed(params, "mode")
        self._check(params, mode)
        price = self._price(needed(params, "line_items"), mode)
        recurring = params.get("subscription_data") or {}
        amount = 0 if recurring.get("trial_end") else price["unit_amount"]
        row = self.books.new("cs_test", "checkout.session", status="open", mode=mode)
        row |= {
            "url": f"{base_url}/c/pay/{row['id']}",
            "payment_status": "unpaid" if amount else "no_payment_required",
            "amount_subtotal": amount,
            "amount_total": amount,
            "currency": price["currency"],
            "client_reference_id": params.get("client_reference_id"),
            "customer": params.get("customer"),
            "metadata": params.get("metadata") or {},
            "success_url": needed(params, "success_url"),
            "cancel_url": params.get("cancel_url"),
            "subscription": None,
            "payment_intent": None,
            "expires_at": number(params, "expires_at", self.books.now() + DAY),
            "_params": params,
            "_line_items": self.books.list_of(
                [{"id": "li_1", "object": "item", "price": price, "quantity": 1}]
            ),
        }
        return shown(row)

    def _check(self, params: Row, mode: str) -> None:
        now = self.books.now()
        if mode not in {"subscription", "payment"}:
            raise refusal(400, f"Invalid mode: {mode}", param="mode")
        if len(params.get("client_reference_id") or "") > LONGEST_REFERENCE:
            raise refusal(400, "Too long", param="client_reference_id")
        expires_at = number(params, "expires_at", now + DAY)
        if not now + 1800 <= expires_at <= now + DAY:
            message = "expires_at must be between 30 minutes and 24 hours from now."
            raise refusal(400, message, param="expires_at")
        for name in params.get("allowed_payment_method_types") or []:
            if name not in METHODS:
                raise refusal(400, f"Not enabled: {name}", param="allowed_payment_method_types")
        if params.get("customer"):
            self.books.get(params["customer"], "customer")
        elif params.get("customer_update"):
            message = "customer_update needs a customer."
            raise refusal(400, message, param="customer_update")
        trial_end = (params.get("subscription_data") or {}).get("trial_end")
        if trial_end and int(trial_end) < now + 2 * DAY:
            message = "trial_end must be at least 48 hours from now."
            raise refusal(400, message, param="subscription_data[trial_end]")

    def _price(self, items: list[Row], mode: str) -> Row:
        if len(items) != 1 or number(items[0], "quantity", 1) != 1:
            raise refusal(400, "This twin sells one thing at a time.", param="line_items")
        if "price" in items[0]:
            price = self.books.get(items[0]["price"], "price")
            if mode == "subscription" and not price["recurring"]:
                raise refusal(400, "The price is not recurring.", param="line_items")
            return price
        data = needed(items[0], "price_data")
        return self.books.new(
            "price",
            "price",
            currency=needed(data, "currency"),
            unit_amount=number(data, "unit_amount"),
            recurring=None,
            metadata={},
            active=True,
        )

    # --- opened by the customer

    def show(self, request: Request) -> Page:
        row = self.books.get(request.parts["id"], "checkout.session")
        if row["status"] != "open":
            return page("This page is closed", "<p>Nothing more was charged.</p>")
        return self._form(row, "")

    def _form(self, row: Row, word: str) -> Page:
        price = row["_line_items"]["data"][0]["price"]
        rupees = f"₹{price['unit_amount'] / 100:,.2f}"
        often = f" every {price['recurring']['interval']}" if price["recurring"] else ""
        allowed = row["_params"].get("allowed_payment_method_types") or METHODS
        choices = "".join(f'<option value="{one}">{one.upper()}</option>' for one in allowed)
        buttons = "".join(
            f'<p><button name="action" value="{one}">{label}</button></p>'
            for one, label in (
                ("pay", f"Pay {rupees}"),
                ("decline", "Pay with a card that is declined"),
                ("process", "Pay by UPI that takes its time"),
                ("abandon", "Go back"),
            )
        )
        said = f"<p><strong>{html.escape(word)}</strong></p>" if word else ""
        return page(
            "Stripe (twin): no money moves",
            f"{said}<p>{rupees}{often}</p>"
            f'<form method="post" action="/c/pay/{row["id"]}">'
            f'<p><label>Method <select name="method">{choices}</select></label></p>'
            f"{buttons}</form>",
        )

    def act(self, request: Request) -> Page:
        row = self.books.get(request.parts["id"], "checkout.session")
        action = request.form.get("action", "")
        if action not in ACTIONS:
            raise refusal(422, f"One of {', '.join(ACTIONS)}.")
        if row["status"] != "open":
            return page("This page is closed", "<p>Nothing more was charged.</p>")
        if action == "abandon":
            # The page stays open until it expires: the customer may come back.
            return away(row["cancel_url"] or row["success_url"])
        if action == "decline":
            return self._form(row, "Your card was declined. Try another one.")
        self.complete(row, request.form.get("method", "card"), is_paid=action == "pay")
        return away(row["success_url"].replace("{CHECKOUT_SESSION_ID}", row["id"]))

    def complete(self, row: Row, method: str, *, is_paid: bool) -> None:
        customer = (
            row["customer"] or self.books.new("cus", "customer", email=None, metadata={})["id"]
        )
        row |= {"status": "complete", "customer": customer, "url": None}
        if row["mode"] == "subscription":
            self._subscribe(row, customer, method, "succeed" if is_paid else "processing")
        else:
            self._pay_once(row, customer, method, is_paid)
        if is_paid and row["amount_total"]:
            row["payment_status"] = "paid"
        self.books.event("checkout.session.completed", row)

    def _subscribe(self, row: Row, customer: str, method: str, outcome: str) -> None:
        wanted = row["_params"].get("subscription_data") or {}
        trial_end = wanted.get("trial_end")
        made = self.books.subscription(
            price=row["_line_items"]["data"][0]["price"],
            customer=customer,
            method=method,
            metadata=wanted.get("metadata"),
            description=wanted.get("description"),
            trial_end=int(trial_end) if trial_end else None,
            options=_numbers(row["_params"].get("payment_method_options")),
            outcome=outcome,
        )
        row["subscription"] = made["id"]

    def _pay_once(self, row: Row, customer: str, method: str, is_paid: bool) -> None:
        wanted = row["_params"].get("payment_intent_data") or {}
        amount, currency = row["amount_total"], row["currency"]
        intent = self.books.intent(amount, currency, customer, wanted.get("metadata") or {})
        intent["status"] = "processing"
        row["payment_intent"] = intent["id"]
        if is_paid:
            self.books.charge(intent, self.books.method(customer, method))

    def settle(self, row: Row, *, is_paid: bool) -> None:
        """What became of a payment that took its time."""
        if row["mode"] == "subscription":
            agreement = self.books.get(row["subscription"], "subscription")
            if is_paid:
                invoice = self.books.things[agreement["latest_invoice"]]
                self.books.collect(agreement, invoice, "succeed")
            else:
                agreement["status"] = "incomplete_expired"
                self.books.event("customer.subscription.updated", agreement)
        else:
            intent = self.books.things[row["payment_intent"]]
            if is_paid:
                self.books.charge(intent, self.books.method(row["customer"], "upi"))
            else:
                intent["status"] = "requires_payment_method"
        row["payment_status"] = "paid" if is_paid else "unpaid"
        word = "succeeded" if is_paid else "failed"
        self.books.event(f"checkout.session.async_payment_{word}", row)

    # --- the portal

    def portal(self, params: Row, base_url: str) -> Row:
        known(params, "customer return_url flow_data configuration locale")
        customer = self.books.get(needed(params, "customer"), "customer")
        flow = (params.get("flow_data") or {}).get("type", "")
        if flow not in {"", "payment_method_update"}:
            raise refusal(400, f"This twin has no flow {flow}.", param="flow_data[type]")
        row = self.books.new("bps", "billing_portal.session", customer=customer["id"])
        row |= {"return_url": params.get("return_url"), "url": f"{base_url}/p/{row['id']}"}
        return shown(row)

    def portal_show(self, request: Request) -> Page:
        row = self.books.get(request.parts["id"], "billing_portal.session")
        form = (
            f'<form method="post" action="/p/{row["id"]}">'
            "<p><button>Save a card that works</button></p></form>"
        )
        return page("Stripe (twin): your payment method", form)

    def portal_act(self, request: Request) -> Page:
        """Another card or account: debits succeed again, and what is open is tried at once."""
        row = self.books.get(request.parts["id"], "billing_portal.session")
        kind = request.form.get("method", "card")
        self.books.outcomes[row["customer"]] = "succeed"
        for agreement in self.books.all("subscription", customer=row["customer"]):
            if agreement["status"] in {"canceled", "incomplete_expired"}:
                continue
            made = self.books.method(row["customer"], kind if kind in METHODS else "card")
            agreement["default_payment_method"] = made["id"]
            self.books.event("customer.subscription.updated", agreement)
            invoice = self.books.things.get(agreement["latest_invoice"] or "")
            if invoice and invoice["status"] == "open":
                self.books.collect(agreement, invoice, "succeed")
        return away(row["return_url"])


def away(url: str) -> Page:
    return Page("", 303, "text/plain", {"Location": url})


def _numbers(found: Any) -> Any:
    """Amounts as numbers again: a form carries text."""
    if isinstance(found, dict):
        return {
            name: int(value) if name in {"amount", "end_date"} else _numbers(value)
            for name, value in found.items()
        }
    return found
