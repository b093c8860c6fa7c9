"""What Razorpay is asked, as plain values. Nothing is called here."""

import hashlib
import re
from typing import Any
from urllib.parse import urlencode

from billing.errors import GatewayRefused
from billing.gateways.base import Charge, CheckoutRequest, Payer, PaymentRequest

PERIODS = {"month": "monthly", "year": "yearly"}
# A subscription there has an end: ten years, as documents say at most a hundred.
CHARGES = {"month": 120, "year": 10}
LONGEST_NOTE = 256
LONGEST_DESCRIPTION = 2_000
IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{10,64}")
# What the page of a link can be told to show or hide; a subscription's page cannot.
LINK_METHODS = ("card", "netbanking", "upi", "wallet")
Body = dict[str, Any]


def plan_name(charge: Charge) -> str:
    """One per plan, interval, amount and currency; it stands in the plan's notes."""
    return f"{charge.plan}-{charge.interval}-{charge.amount_paise}-{charge.currency}"


def plan(charge: Charge) -> Body:
    """With GST: our own rules compute it, and what is charged is what our invoice says."""
    if charge.interval not in PERIODS:
        raise GatewayRefused
    return {
        "period": PERIODS[charge.interval],
        "interval": 1,
        "item": {
            "name": f"{charge.plan.capitalize()} plan, by the {charge.interval}",
            "amount": charge.amount_paise,
            "currency": charge.currency,
        },
        "notes": {"key": plan_name(charge), "plan": charge.plan},
    }


def subscription(request: CheckoutRequest, plan_id: str) -> Body:
    """The page offers every method that the account has: it cannot be told to show one alone."""
    body: Body = {
        "plan_id": plan_id,
        "total_count": CHARGES[request.charge.interval],
        "quantity": 1,
        # Receipts and reminders are ours; the bank gives its own notice of each debit.
        "customer_notify": False,
        "notes": {"op_id": request.reference} | _account(request.payer),
    }
    if request.starts_at:
        body["start_at"] = int(request.starts_at.timestamp())
    if request.expires_at:
        body["expire_by"] = int(request.expires_at.timestamp())
    return body


def link(request: PaymentRequest) -> Body:
    joint = "&" if "?" in request.return_url else "?"
    body: Body = {
        "amount": request.amount_paise,
        "currency": request.currency,
        "accept_partial": False,
        "reference_id": request.reference,
        "description": request.description[:LONGEST_DESCRIPTION],
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "notes": {"op_id": request.reference} | _account(request.payer),
        "callback_url": f"{request.return_url}{joint}{urlencode({'checkout': request.reference})}",
        "callback_method": "get",
    }
    if request.payer:
        body["customer"] = _customer(request.payer)
    if request.method:
        shown = {name: int(name == request.method) for name in LINK_METHODS}
        body["options"] = {"checkout": {"method": shown}}
    if request.expires_at:
        body["expire_by"] = int(request.expires_at.timestamp())
    return body


def refund(amount_paise: int, reason: str, key: str) -> Body:
    return {
        "amount": amount_paise,
        "speed": "normal",
        "notes": {"op_id": key, "reason": reason[:LONGEST_NOTE]},
    }


def idempotency_key(key: str) -> str:
    """At least ten letters, digits, hyphens or underscores; another key by its hash."""
    if IDEMPOTENCY_KEY.fullmatch(key):
        return key
    return hashlib.sha256(key.encode()).hexdigest()


def _account(payer: Payer | None) -> Body:
    return {"account": payer.account[:LONGEST_NOTE]} if payer else {}


def _customer(payer: Payer) -> Body:
    named = {"name": payer.name, "email": payer.email, "contact": payer.phone}
    return {name: value for name, value in named.items() if value}
