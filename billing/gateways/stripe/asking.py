"""What Stripe is asked, as plain parameters. Nothing is called here.

The same request must give the same parameters, always: Stripe refuses an idempotency key that
comes back with others. So there is no clock and nothing random here.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from billing.errors import GatewayRefused
from billing.gateways.base import Charge, CheckoutRequest, Payer, PaymentRequest

METHODS = ("card", "upi")
# Stripe fills this in; it must reach it unescaped.
SESSION_ID = "{CHECKOUT_SESSION_ID}"
RETURN_PARAMETER = "session_id"
LONGEST_DESCRIPTION = 200
LONGEST_NAME = 150
EVENTS_THAT_CHANGE = (
    *("customer.subscription.created", "customer.subscription.updated"),
    *("customer.subscription.deleted", "customer.subscription.paused"),
    *("customer.subscription.resumed", "customer.subscription.pending_update_applied"),
    *("customer.subscription.pending_update_expired", "checkout.session.completed"),
    *("checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"),
    *("invoice.paid", "invoice.payment_failed", "invoice.payment_action_required"),
    *("invoice.marked_uncollectible", "invoice.voided"),
)
Params = dict[str, Any]


def plan_name(charge: Charge) -> str:
    """The lookup key of a price: one per plan, interval, amount and currency."""
    return f"{charge.plan}_{charge.interval}_{charge.amount_paise}_{charge.currency.lower()}"


def product(charge: Charge) -> Params:
    return {"id": f"plan_{charge.plan}", "name": f"{charge.plan.capitalize()} plan"}


def price(charge: Charge) -> Params:
    """With GST: our own rules compute it, and what is charged is what our invoice says."""
    return {
        "product": f"plan_{charge.plan}",
        "currency": charge.currency.lower(),
        "unit_amount": charge.amount_paise,
        "recurring": {"interval": charge.interval},
        "lookup_key": plan_name(charge),
        "tax_behavior": "inclusive",
        "metadata": {"plan": charge.plan},
    }


def customer(payer: Payer) -> Params:
    asked: Params = {"metadata": {"account": payer.account}}
    named = {"name": payer.name[:LONGEST_NAME], "email": payer.email, "phone": payer.phone}
    return asked | {name: value for name, value in named.items() if value}


def subscription_page(request: CheckoutRequest, *, price_id: str, customer_id: str) -> Params:
    charge, metadata = request.charge, {"reference": request.reference, "plan": request.charge.plan}
    agreement: Params = {"metadata": metadata}
    if request.description:
        agreement["description"] = request.description[:LONGEST_DESCRIPTION]
    if request.starts_at:
        agreement["trial_end"] = seconds(request.starts_at)
    methods = _methods(request.method)
    asked = _page(request.reference, request.return_url, customer_id) | {
        "mode": "subscription",
        "line_items": [{"price": price_id, "quantity": 1}],
        "metadata": metadata | {"interval": charge.interval, "amount": str(charge.amount_paise)},
        "subscription_data": agreement,
        "allowed_payment_method_types": methods,
        "payment_method_collection": "always",
    }
    if "upi" in methods:
        asked["payment_method_options"] = {"upi": {"mandate_options": _mandate(request)}}
    return asked | _expiry(request.expires_at)


def payment_page(request: PaymentRequest, *, customer_id: str) -> Params:
    """One payment: the same hosted page, without a subscription."""
    metadata = {"reference": request.reference}
    named = request.description[:LONGEST_DESCRIPTION] or "Payment"
    item = {
        "currency": request.currency.lower(),
        "unit_amount": request.amount_paise,
        "product_data": {"name": named},
    }
    asked = _page(request.reference, request.return_url, customer_id) | {
        "mode": "payment",
        "line_items": [{"price_data": item, "quantity": 1}],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": named},
    }
    return asked | _expiry(request.expires_at)


def change(item_id: str, price_id: str, at: datetime) -> Params:
    """An upgrade in place, charged at once; it takes effect when it is paid."""
    return {
        "items": [{"id": item_id, "price": price_id}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "pending_if_incomplete",
        "proration_date": seconds(at),
    }


def change_preview(remote_id: str, item_id: str, price_id: str, at: datetime) -> Params:
    details = {
        "items": [{"id": item_id, "price": price_id}],
        "proration_behavior": "always_invoice",
        "proration_date": seconds(at),
    }
    return {"subscription": remote_id, "subscription_details": details}


def refund(payment_id: str, amount_paise: int, reason: str, key: str) -> Params:
    """Stripe's own `reason` knows three words; ours goes beside it, with the id of our refund."""
    return {
        "payment_intent": payment_id,
        "amount": amount_paise,
        "reason": "requested_by_customer",
        "metadata": {"reference": key, "reason": reason[:LONGEST_DESCRIPTION]},
    }


def seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())


def _page(reference: str, return_url: str, customer_id: str) -> Params:
    """What both kinds of page share. GSTINs are kept by us, so the page does not ask for one."""
    asked: Params = {
        "client_reference_id": reference,
        "success_url": _with(return_url, reference, "paid", f"&{RETURN_PARAMETER}={SESSION_ID}"),
        "cancel_url": _with(return_url, reference, "abandoned"),
        # Prices stay in the currency that we ask for, whatever the visitor's country.
        "adaptive_pricing": {"enabled": False},
        "billing_address_collection": "required",
    }
    if customer_id:
        asked |= {
            "customer": customer_id,
            "customer_update": {"name": "auto", "address": "auto"},
        }
    return asked


def _with(return_url: str, reference: str, result: str, more: str = "") -> str:
    joint = "&" if "?" in return_url else "?"
    return f"{return_url}{joint}{urlencode({'checkout': reference, 'result': result})}{more}"


def _methods(wanted: str) -> list[str]:
    if wanted and wanted not in METHODS:
        raise GatewayRefused
    return [wanted] if wanted else list(METHODS)


def _mandate(request: CheckoutRequest) -> Params:
    limit = request.mandate_limit_paise or request.charge.amount_paise
    return {
        "amount": limit,
        "amount_type": "maximum",
        "description": request.description[:LONGEST_DESCRIPTION] or plan_name(request.charge),
    }


def _expiry(expires_at: datetime | None) -> Params:
    return {"expires_at": seconds(expires_at)} if expires_at else {}
