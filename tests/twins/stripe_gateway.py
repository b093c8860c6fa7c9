"""Stripe on loopback, API 2026-10-28.endive: what our gateway uses of it, and no money moves.

    STRIPE_SECRET_KEY=… STRIPE_WEBHOOK_SECRET=… STRIPE_WEBHOOK_URL=… \
        python tests/twins/stripe_gateway.py --port 8897

Form-encoded calls under /v1/, hosted pages under /c/pay/ and /p/, events signed `t=,v1=`. An
Idempotency-Key answers its first result again, failures of Stripe's own too; with other parameters
it is refused. Faults: see twin_server, and
    drop_webhooks   an event is made and can be listed, but is not sent
    delay_seconds, shuffle   of webhooks
Control (JSON):
    POST /_control/clock {"seconds": 86400}    time passes; what falls due happens at its moment
    POST /_control/customers/<id> {"outcome": "succeed|fail|requires_action|processing"}
    POST /_control/subscriptions/<id> {"action": "renew|retry|approve|unpaid|uncollectible|
        cancel|end|lose_mandate|dispute|win|lose", "outcome": …}
    POST /_control/sessions/<id> {"action": "pay|process|settle|fail|expire", "method": "upi"}
    POST /_control/refunds {"state": "pending"}; POST /_control/refunds/<id> {"state": "failed"}
    POST /_control/payouts {}    everything that is not paid out yet goes to the bank
"""

import hashlib
import hmac
import json
import os
import random
import time
from typing import Any
from urllib.parse import urlencode

from stripe_books import Books, Row
from stripe_changes import Changes
from stripe_control import Control
from stripe_form import (
    created_fits,
    expanded,
    known,
    needed,
    number,
    page_of,
    parse,
    refusal,
    shown,
)
from stripe_pages import Pages
from twin_base import RETRY_AFTER_SECONDS
from twin_server import Refusal, Request, Route, Twin, main

LISTS = {
    "customers": ("customer", "email"),
    "prices": ("price", ""),
    "subscriptions": ("subscription", "customer status"),
    "invoices": ("invoice", "subscription customer status"),
    "invoice_payments": ("invoice_payment", "invoice status"),
    "refunds": ("refund", "payment_intent charge"),
    "checkout/sessions": ("checkout.session", "subscription customer status payment_intent"),
    "events": ("event", "type"),
    "payouts": ("payout", "status"),
    "balance_transactions": ("balance_transaction", "type source"),
}
READS = {
    "customers": "customer",
    "prices": "price",
    "products": "product",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "mandates": "mandate",
    "refunds": "refund",
    "checkout/sessions": "checkout.session",
    "disputes": "dispute",
    "payouts": "payout",
}
LONGEST_KEY = 255


class Stripe(Twin):
    fault_names = ("drop_webhooks", "delay_seconds", "shuffle")

    def __init__(self) -> None:
        super().__init__()
        self.secret_key = os.environ.get("STRIPE_SECRET_KEY", "sk_test_for_development")
        secrets = os.environ.get("STRIPE_WEBHOOK_SECRET", "sandbox-secret-for-development")
        # While it is being changed there are two, new first; Stripe signs with both.
        self.webhook_secret = secrets
        self.webhook_url = os.environ.get("STRIPE_WEBHOOK_URL", "")
        self._routes()

    def reset(self) -> None:
        super().reset()
        self.books = Books(self.webhook_send, self.record)
        self.changes, self.pages = Changes(self.books), Pages(self.books)
        # key -> (what was asked, the answer or the refusal that came first)
        self.keys: dict[str, tuple[str, Any]] = {}
        self.refund_state = "succeeded"

    def clock(self) -> int:
        """For the Date of every answer."""
        return self.books.now()

    # --- one call

    def check_token(self, request: Request) -> None:
        if not hmac.compare_digest(request.token.encode(), self.secret_key.encode()):
            raise self.refuse_token()

    def refuse_token(self) -> Refusal:
        return refusal(401, "Invalid API Key provided", kind="invalid_request_error")

    def refuse_rate(self) -> Refusal:
        return refusal(429, "Too many requests", code="rate_limit")

    def refuse_away(self, status: int) -> Refusal:
        return refusal(status, "Something went wrong on Stripe's end.")

    def refuse_unknown(self) -> Refusal:
        return refusal(404, "Unrecognized request URL")

    def answer_headers(self, request: Request) -> dict[str, str]:
        return {"Request-Id": "req_twin", "Stripe-Version": "2026-10-28.endive"}

    def call(self, route: Route, request: Request) -> Any:
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        if not key or route.is_open:
            return super().call(route, request)
        if len(key) > LONGEST_KEY:
            raise refusal(400, "Idempotency-Key is too long")
        asked = f"{request.path} {hashlib.sha256(request.raw).hexdigest()}"
        with self.lock:
            kept = self.keys.get(key)
        if kept:
            return self._again(kept, asked)
        try:
            answer = super().call(route, request)
        except Refusal as refused:
            # What never began is not kept: a wrong parameter, a wrong key, too many calls.
            if refused.status == 402 or refused.status == 500:
                self._keep(key, asked, refused)
            raise
        self._keep(key, asked, answer)
        return answer

    def _keep(self, key: str, asked: str, answer: Any) -> None:
        with self.lock:
            self.keys[key] = (asked, answer)

    def _again(self, kept: tuple[str, Any], asked: str) -> Any:
        first, answer = kept
        if first != asked:
            message = "Keys for idempotent requests can only be used with the same parameters."
            raise refusal(400, message, kind="idempotency_error")
        if isinstance(answer, Refusal):
            headers = {**answer.headers, "Idempotent-Replayed": "true"}
            raise Refusal(answer.status, answer.body, headers)
        return answer

    # --- webhooks

    def webhook_send(self, payload: Any, **headers: str) -> None:
        if self.faults.take("drop_webhooks"):
            return
        super().webhook_send(payload, **headers)

    def _deliver(self, raw: bytes, headers: dict[str, str], is_bad: bool) -> None:
        time.sleep(float(self.faults.values.get("delay_seconds") or 0))
        if self.faults.values.get("shuffle"):
            time.sleep(random.uniform(0, 1.5))
        for wait in (*RETRY_AFTER_SECONDS, None):
            status = self._webhook_post(raw, self._signed(raw, is_bad))
            with self.lock:
                self.webhook_log.append({"status": status, "body": json.loads(raw)})
            if 200 <= status < 300 or wait is None:
                return
            time.sleep(wait)

    def _signed(self, raw: bytes, is_bad: bool) -> dict[str, str]:
        at = str(int(time.time()))
        secrets = ["wrong"] if is_bad else self.webhook_secret.split(",")
        made = [
            hmac.new(one.strip().encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
            for one in secrets
        ]
        header = ",".join([f"t={at}", *(f"v1={one}" for one in made)])
        return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}

    # --- the API

    def _routes(self) -> None:
        self._api("POST", "customers", self.customer)
        self._api("POST", "customers/(?P<id>[^/]+)/tax_ids", self.tax_id)
        self._api("GET", "customers/(?P<id>[^/]+)/tax_ids", self.tax_ids)
        self._api("POST", "products", self.product)
        self._api("POST", "prices", self.price)
        self._api("POST", "checkout/sessions", self.session)
        self._api("POST", "billing_portal/sessions", self.portal)
        self._api("POST", "invoices/create_preview", lambda r, p: self.changes.preview(p))
        self._api("POST", "refunds", self.refund)
        one = "subscriptions/(?P<id>[^/]+)"
        self._api("POST", one, lambda r, p: self.changes.update(r.parts["id"], p))
        self._api("DELETE", one, lambda r, p: self.changes.cancel(r.parts["id"], p))
        for area in LISTS:
            self._api("GET", f"(?P<area>{area})", self.rows)
        for area in READS:
            self._api("GET", f"(?P<area>{area})/(?P<id>[^/]+)", self.row)
        self.route("GET", r"/c/pay/(?P<id>\w+)", lambda r: self.pages.show(r), is_open=True)
        self.route("POST", r"/c/pay/(?P<id>\w+)", lambda r: self.pages.act(r), is_open=True)
        self.route("GET", r"/p/(?P<id>\w+)", lambda r: self.pages.portal_show(r), is_open=True)
        self.route("POST", r"/p/(?P<id>\w+)", lambda r: self.pages.portal_act(r), is_open=True)
        Control(self)

    def _api(self, method: str, path: str, handle: Any) -> None:
        def answer(request: Request) -> Row:
            raw = request.raw.decode("utf-8", "replace")
            if request.method in {"GET", "DELETE"}:
                raw = urlencode(request.query_lists, doseq=True)
            params = parse(raw)
            found = handle(request, params)
            return expanded(found, params, self.books.look)

        self.route(method, f"/v1/{path}", answer, is_writing=method != "GET")

    def row(self, request: Request, params: Row) -> Row:
        known(params, "")
        return shown(self.books.get(request.parts["id"], READS[request.parts["area"]]))

    def rows(self, request: Request, params: Row) -> Row:
        area = request.parts["area"]
        kind, filters = LISTS[area]
        known(params, f"{filters} limit starting_after created types lookup_keys active payout")
        rows = [row for row in self.books.all(kind) if self._fits(row, params, filters.split())]
        return page_of([shown(row) for row in rows], params, f"/v1/{area}")

    def _fits(self, row: Row, params: Row, filters: list[str]) -> bool:
        facts = {name: params[name] for name in filters if name in params}
        if facts.get("status") == "all":
            del facts["status"]
        elif row["object"] == "subscription" and row["status"] == "canceled":
            # They are listed when they are asked for, alone.
            return facts.get("status") == "canceled"
        keys = params.get("lookup_keys")
        if keys and row.get("lookup_key") not in keys:
            return False
        if params.get("types") and row["type"] not in params["types"]:
            return False
        if "payout" in params and row.get("_payout") != params["payout"]:
            return False
        if row["object"] == "invoice":
            row = {**row, **row["parent"]["subscription_details"]}
        return created_fits(row, params) and all(row.get(n) == facts[n] for n in facts)

    def customer(self, request: Request, params: Row) -> Row:
        known(params, "name email phone metadata address preferred_locales")
        row = self.books.new("cus", "customer", metadata=params.get("metadata") or {}, balance=0)
        row |= {name: params.get(name) for name in ("name", "email", "phone")}
        return shown(row)

    def tax_id(self, request: Request, params: Row) -> Row:
        known(params, "type value")
        customer = self.books.get(request.parts["id"], "customer")
        value = needed(params, "value")
        if needed(params, "type") == "in_gst" and len(value) != 15:
            raise refusal(400, "Invalid value for in_gst.", code="tax_id_invalid", param="value")
        return shown(
            self.books.new("txi", "tax_id", customer=customer["id"], value=value, type="in_gst")
        )

    def tax_ids(self, request: Request, params: Row) -> Row:
        known(params, "limit starting_after")
        rows = self.books.all("tax_id", customer=request.parts["id"])
        return page_of([shown(row) for row in rows], params, "/v1/tax_ids")

    def product(self, request: Request, params: Row) -> Row:
        known(params, "id name description metadata active")
        wanted = params.get("id") or ""
        if wanted in self.books.things:
            raise refusal(400, "Product already exists.", code="resource_already_exists")
        name = needed(params, "name")
        return shown(self.books.new("prod", "product", id=wanted, name=name, active=True))

    def price(self, request: Request, params: Row) -> Row:
        known(
            params,
            "product currency unit_amount recurring lookup_key tax_behavior metadata nickname",
        )
        self.books.get(needed(params, "product"), "product")
        key = params.get("lookup_key")
        if key and self.books.all("price", lookup_key=key):
            raise refusal(400, "A price already uses that lookup key.", param="lookup_key")
        recurring = params.get("recurring")
        return shown(
            self.books.new(
                "price",
                "price",
                product=params["product"],
                currency=needed(params, "currency").lower(),
                unit_amount=number(params, "unit_amount"),
                recurring={**recurring, "interval_count": 1} if recurring else None,
                lookup_key=key,
                metadata=params.get("metadata") or {},
                tax_behavior=params.get("tax_behavior"),
                active=True,
            )
        )

    def session(self, request: Request, params: Row) -> Row:
        return self.pages.create(params, request.base_url)

    def portal(self, request: Request, params: Row) -> Row:
        return self.pages.portal(params, request.base_url)

    def refund(self, request: Request, params: Row) -> Row:
        known(params, "payment_intent amount reason metadata charge")
        intent = self.books.get(needed(params, "payment_intent"), "payment_intent")
        if params.get("reason") not in {None, "duplicate", "fraudulent", "requested_by_customer"}:
            raise refusal(400, "Invalid reason", param="reason")
        charge = self.books.things.get(intent["latest_charge"] or "")
        if charge is None:
            raise refusal(400, "This payment has no successful charge.", param="payment_intent")
        left = charge["amount"] - charge["amount_refunded"]
        amount = number(params, "amount", left)
        if not 0 < amount <= left:
            code = "charge_already_refunded" if not left else ""
            raise refusal(400, f"Only {left} is left to refund.", code=code, param="amount")
        charge["amount_refunded"] += amount
        row = self.books.new(
            "re",
            "refund",
            amount=amount,
            currency=charge["currency"],
            payment_intent=intent["id"],
            charge=charge["id"],
            status=self.refund_state,
            reason=params.get("reason"),
            metadata=params.get("metadata") or {},
        )
        self.books.balance("refund", -amount, row["id"])
        self.record("refunded", id=row["id"], amount=amount, payment_intent=intent["id"])
        self.books.event("refund.created", row)
        return shown(row)


if __name__ == "__main__":
    main("stripe", Stripe, 8897)
