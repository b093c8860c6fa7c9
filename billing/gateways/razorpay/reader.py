"""The present state of a subscription or a link: a few GETs, one Observation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing.errors import GatewayUnavailable, MalformedEvent
from billing.gateways.base import Charge, Observation, PaymentSnapshot
from billing.gateways.razorpay import telling
from billing.gateways.razorpay.calls import Client
from billing.gateways.reading import identifier, moment

Row = Mapping[str, Any]
LINK = "plink_"


class Strict:
    """An answer of a shape that we do not know is a failure of the gateway's, to be tried again."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, MalformedEvent):
            raise GatewayUnavailable from error


class Reader:
    """Everything that is only looked at. Raises GatewayUnavailable or RemoteNotFound."""

    def __init__(self, client: Client):
        self.client = client
        self._charges: dict[str, Charge] = {}

    def checkout(self, remote_id: str) -> Observation:
        if remote_id.startswith(LINK):
            return self._link(remote_id)
        return self._subscription(remote_id)[0]

    def subscription(self, remote_id: str) -> Observation:
        return self._subscription(remote_id)[-1]

    def row(self, remote_id: str) -> Row:
        return self.client.get(f"subscriptions/{remote_id}")

    def charge(self, subscription: Row) -> Charge:
        """Plans never change, so each is read once."""
        plan_id = identifier(subscription, "plan_id")
        if plan_id not in self._charges:
            self._charges[plan_id] = telling.charge_of(self.client.get(f"plans/{plan_id}"))
        return self._charges[plan_id]

    def _subscription(self, remote_id: str) -> tuple[Observation, ...]:
        answer = self.client.dated(f"subscriptions/{remote_id}")
        with Strict():
            row = answer.row
            invoices = list(self.client.many("invoices", subscription_id=identifier(row, "id")))
            return telling.observations(
                row,
                self.charge(row),
                at=answer.at,
                payments=_payments(invoices, str(row.get("payment_method") or "")),
                past_due_since=_open_since(invoices),
                is_authoritative=True,
            )

    def _link(self, remote_id: str) -> Observation:
        row = self.client.get(f"payment_links/{remote_id}")
        with Strict():
            found = (self._link_payment(one) for one in row.get("payments") or [])
            payments = tuple(one for one in found if one)
            return Observation(telling.link(row), None, payments, is_authoritative=True)

    def _link_payment(self, row: Row) -> PaymentSnapshot | None:
        """A link names its payments in short; the payment itself tells the rest."""
        number = identifier(row, "payment_id")
        return telling.event_payment(self.client.get(f"payments/{number}"))


def _payments(invoices: list[Row], method: str) -> tuple[PaymentSnapshot, ...]:
    found = [telling.invoice_payment(row, method) for row in invoices]
    rows = [one for one in found if one]
    return tuple(sorted(rows, key=lambda one: (one.paid_at, one.period_end or one.paid_at)))


def _open_since(invoices: list[Row]) -> datetime | None:
    """When the oldest charge was asked for that has not been paid since the last one that was."""
    paid = [moment(row, "issued_at") for row in invoices if row.get("status") == "paid"]
    last = max(paid, default=None)
    unpaid = [moment(row, "issued_at") for row in invoices if row.get("status") == "issued"]
    return min((at for at in unpaid if last is None or at > last), default=None)
