"""Our prices and payers at Stripe: looked for first, made when they are not there."""

import hashlib
from collections.abc import Mapping
from typing import Any

from billing.errors import GatewayRefused, RemoteNotFound
from billing.gateways.base import Charge, Payer
from billing.gateways.reading import identifier
from billing.gateways.stripe import asking, telling
from billing.gateways.stripe.calls import Client, refusal_code
from billing.gateways.stripe.reader import Strict

Row = Mapping[str, Any]


def price_id(client: Client, charge: Charge) -> str:
    """Raises GatewayRefused when a price of this name says something else than its name."""
    found = _price(client, charge)
    if found:
        return found
    name = asking.plan_name(charge)
    try:
        client.made(client.v1.products.create, asking.product(charge), key=f"product:{name}")
    except GatewayRefused as error:
        if refusal_code(error) != "resource_already_exists":
            raise
    try:
        row = client.made(client.v1.prices.create, asking.price(charge), key=f"price:{name}")
    except GatewayRefused:
        # Somebody else made it in between.
        found = _price(client, charge)
        if not found:
            raise
        return found
    with Strict():
        return identifier(row, "id")


def _price(client: Client, charge: Charge) -> str:
    params = {"lookup_keys": [asking.plan_name(charge)], "active": True, "limit": 1}
    rows = client.one(client.v1.prices.list, params).get("data") or []
    if not rows:
        return ""
    with Strict():
        if telling.charge_of(rows[0]) != charge:
            raise GatewayRefused
        return identifier(rows[0], "id")


def customer_id(client: Client, payer: Payer) -> str:
    """One customer per payer: of a subscription that it has or had, else known by e-mail and our id
    (Stripe has no search in India)."""
    row = _of_subscription(client, payer) or _customer(client, payer)
    if row is None:
        params = asking.customer(payer)
        told = hashlib.sha256(repr(sorted(params.items())).encode()).hexdigest()[:16]
        key = f"customer:{payer.account}:{told}"
        row = client.made(client.v1.customers.create, params, key=key)
    with Strict():
        number = identifier(row, "id")
    if payer.gstin:
        _gstin(client, number, payer.gstin)
    return number


def _of_subscription(client: Client, payer: Payer) -> Row | None:
    if not payer.known_by:
        return None
    try:
        agreement = client.one(client.v1.subscriptions.retrieve, payer.known_by)
    except RemoteNotFound:
        return None
    with Strict():
        number = telling.id_of(agreement, "customer")
    return {"id": number} if number else None


def _customer(client: Client, payer: Payer) -> Row | None:
    if not payer.email:
        return None
    rows = client.many(client.v1.customers.list, {"email": payer.email})
    return next((row for row in rows if _account(row) == payer.account), None)


def _account(row: Row) -> str:
    return str(telling.soft(row, "metadata").get("account", ""))


def _gstin(client: Client, number: str, gstin: str) -> None:
    rows = client.many(client.v1.customers.tax_ids.list, number, {})
    if any(row.get("value") == gstin for row in rows):
        return
    params = {"type": "in_gst", "value": gstin}
    create = client.v1.customers.tax_ids.create
    client.made(create, number, params, key=f"gstin:{number}:{gstin}")
