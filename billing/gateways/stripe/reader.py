"""The present state of a checkout or a subscription: a few GETs, one Observation."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from billing.errors import GatewayUnavailable, MalformedEvent, RemoteNotFound
from billing.gateways.base import MandateSnapshot, Observation, PaymentSnapshot
from billing.gateways.reading import identifier
from billing.gateways.stripe import telling
from billing.gateways.stripe.calls import Client

Row = Mapping[str, Any]
SUBSCRIPTION = {"expand": ["latest_invoice", "default_payment_method"]}
SESSION = {"expand": ["line_items", "subscription", "payment_intent.latest_charge"]}


class Reader:
    """Everything that is only looked at. Raises GatewayUnavailable or RemoteNotFound."""

    def __init__(self, client: Client):
        self.client, self.v1 = client, client.v1

    def checkout(self, remote_id: str) -> Observation:
        session = self.client.one(self.v1.checkout.sessions.retrieve, remote_id, SESSION)
        with Strict():
            agreement = telling.id_of(session, "subscription")
            if agreement:
                return self._joined(agreement, session)
            intent = telling.soft(session, "payment_intent")
            is_paid = session.get("payment_status") == "paid" and intent
            payments = (telling.intent_payment(intent),) if is_paid else ()
            return Observation(telling.checkout(session), None, payments, is_authoritative=True)

    def subscription(self, remote_id: str) -> Observation:
        return self._joined(remote_id, None)

    def row(self, remote_id: str) -> Row:
        """The subscription as Stripe writes it."""
        return self.client.one(self.v1.subscriptions.retrieve, remote_id)

    def intent(self, payment_id: str) -> Row:
        return self.client.one(self.v1.payment_intents.retrieve, payment_id)

    def open_session(self, reference: str) -> Row | None:
        """The page that was opened with this reference and is still open."""
        sessions = self.client.many(self.v1.checkout.sessions.list, {"status": "open"})
        return next((row for row in sessions if row.get("client_reference_id") == reference), None)

    def subscriptions_of_method(self, method_id: str) -> Iterator[Row]:
        """Of the customer whom a payment method belongs to: those that debit it."""
        method = self.client.one(self.v1.payment_methods.retrieve, method_id)
        customer = telling.id_of(method, "customer")
        if not customer:
            return
        params = {"customer": customer, "status": "all"}
        for row in self.client.many(self.v1.subscriptions.list, params):
            if telling.id_of(row, "default_payment_method") == method_id:
                yield row

    def _joined(self, remote_id: str, session: Row | None) -> Observation:
        row, at = self.client.dated(self.v1.subscriptions.retrieve, remote_id, SUBSCRIPTION)
        session = session or self._session_of(remote_id)
        with Strict():
            intent = self._latest_intent(row)
            payments = self._payments(remote_id, intent)
            snapshot = telling.subscription(
                row,
                updated_at=at,
                paid_count=len(payments),
                invoice=telling.soft(row, "latest_invoice"),
                mandate=self._mandate(row, intent),
            )
            page = telling.checkout({**session, "subscription": row}) if session else None
            return Observation(page, snapshot, payments, is_authoritative=True)

    def _session_of(self, remote_id: str) -> Row | None:
        params = {"subscription": remote_id, "limit": 1, "expand": ["data.line_items"]}
        rows = self.client.one(self.v1.checkout.sessions.list, params).get("data") or []
        return rows[0] if rows else None

    def _latest_intent(self, row: Row) -> Row | None:
        """What became of the newest invoice's payment; an invoice of zero has none."""
        invoice = telling.soft(row, "latest_invoice")
        if not invoice:
            return None
        params = {
            "invoice": identifier(invoice, "id"),
            "expand": ["data.payment.payment_intent.latest_charge"],
        }
        rows = self.client.one(self.v1.invoice_payments.list, params).get("data") or []
        intents = [telling.soft(telling.soft(found, "payment"), "payment_intent") for found in rows]
        return next((intent for intent in intents if intent), None)

    def _payments(self, remote_id: str, latest: Row | None) -> tuple[PaymentSnapshot, ...]:
        params = {"subscription": remote_id, "status": "paid", "expand": ["data.payments"]}
        invoices = self.client.many(self.v1.invoices.list, params)
        found = [payment for row in invoices for payment in telling.invoice_payments(row)]
        known = {telling.id_of(latest, "id"): telling.method_of(latest)} if latest else {}
        return telling.rows_of(
            replace(payment, method=known.get(payment.remote_id, "")) for payment in found
        )

    def _mandate(self, row: Row, intent: Row | None) -> MandateSnapshot:
        mandate, number = None, telling.mandate_id(intent) if intent else ""
        if number:
            mandate = self.client.one(self.v1.mandates.retrieve, number)
        method = telling.soft(row, "default_payment_method")
        return telling.mandate_of(row, method=method, intent=intent, mandate=mandate)


class Strict:
    """An answer of a shape that we do not know is a failure of the gateway's, to be tried again."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, MalformedEvent):
            raise GatewayUnavailable from error


def as_of(observation: Observation, mandate: MandateSnapshot) -> Observation:
    """The same, with what an event says of the mandate."""
    if observation.subscription is None:
        raise RemoteNotFound
    return replace(observation, subscription=replace(observation.subscription, mandate=mandate))
