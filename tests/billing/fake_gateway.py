"""Two payment gateways in memory, with a clock that tests turn.

`prorating` changes prices in place, as Stripe does; `mandates` cannot, as Razorpay: a new price is
a new subscription with a mandate of its own. Periods and prorations are reckoned here on their own
(dateutil, fractions), so that they check billing's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import count
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from billing.engine.lifecycle import State
from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound
from billing.gateways.base import (
    Capabilities,
    Charge,
    CheckoutRequest,
    CheckoutSnapshot,
    MandateSnapshot,
    Observation,
    PaymentRequest,
    PaymentSnapshot,
    RefundSnapshot,
    StartedCheckout,
    SubscriptionSnapshot,
)

IST = ZoneInfo("Asia/Kolkata")
STEP = {"month": relativedelta(months=1), "year": relativedelta(years=1)}
ENDED = {State.CANCELED, State.EXPIRED, State.ENDED}


@dataclass
class RemoteSubscription:
    remote_id: str
    page_id: str
    charge: Charge
    anchor: datetime
    mandate: str = "confirmed"
    method: str = "upi"
    limit_paise: int | None = None
    state: State = State.INCOMPLETE
    periods: int = 0
    is_ending: bool = False
    paused_by: str = ""
    past_due_since: datetime | None = None
    next_attempt_at: datetime | None = None
    updated_at: datetime | None = None
    payments: list[PaymentSnapshot] = field(default_factory=list)

    def bound(self, number: int) -> datetime:
        start = self.anchor.astimezone(IST)
        return (start + number * STEP[self.charge.interval]).astimezone(UTC)

    @property
    def period(self) -> tuple[datetime, datetime] | tuple[None, None]:
        if not self.periods:
            return None, None
        return self.bound(self.periods - 1), self.bound(self.periods)


@dataclass
class Remote:
    """All that the gateways remember; `calls` is what they were asked, in order."""

    now: datetime
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, RemoteSubscription] = field(default_factory=dict)
    refunds: dict[str, RefundSnapshot] = field(default_factory=dict)
    done: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    # Calls by name that fail: "before" nothing happened, "after" only the answer is lost.
    faults: dict[str, str] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: count(1))

    # --- what the customer and time do

    def pay(self, page_id: str, *, method: str = "upi", limit_paise: int | None = None) -> str:
        """On the page: a mandate, and the first charge unless it is for later."""
        page = self.pages[page_id]
        page["state"] = "paid"
        request = page["request"]
        starts_at = request.starts_at or self.now
        row = RemoteSubscription(
            remote_id=f"sub_{next(self.numbers)}",
            page_id=page_id,
            charge=request.charge,
            anchor=starts_at,
            method=method,
            limit_paise=limit_paise,
            updated_at=self.now,
        )
        page["subscription"] = row.remote_id
        self.subscriptions[row.remote_id] = row
        if starts_at <= self.now:
            self.charge(row)
        return row.remote_id

    def charge(self, row: RemoteSubscription, amount: int | None = None) -> PaymentSnapshot:
        row.periods += 1
        row.state, row.past_due_since, row.next_attempt_at = State.ACTIVE, None, None
        row.updated_at = self.now
        return self._payment(row, amount or row.charge.amount_paise)

    def _payment(self, row: RemoteSubscription, amount: int) -> PaymentSnapshot:
        start, end = row.period
        payment = PaymentSnapshot(
            remote_id=f"pay_{next(self.numbers)}",
            amount_paise=amount,
            currency="INR",
            paid_at=self.now,
            method=row.method,
            period_start=start,
            period_end=end,
        )
        row.payments.append(payment)
        return payment

    def fail(self, row: RemoteSubscription, *, again_at: datetime | None = None) -> None:
        row.past_due_since = row.past_due_since or self.now
        row.state, row.next_attempt_at, row.updated_at = State.PAST_DUE, again_at, self.now

    def put(self, row: RemoteSubscription, state: State, **changes: Any) -> None:
        row.state, row.updated_at = state, self.now
        for name, value in changes.items():
            setattr(row, name, value)

    def is_due(self, row: RemoteSubscription) -> bool:
        if row.state in ENDED or row.state == State.PAUSED:
            return False
        return (row.period[1] or row.anchor) <= self.now

    def renew(self) -> None:
        """Charge, or end, whatever is due at this moment."""
        for row in list(self.subscriptions.values()):
            while self.is_due(row) and row.state in {State.ACTIVE, State.INCOMPLETE}:
                if row.is_ending:
                    self.put(row, State.CANCELED)
                else:
                    self.charge(row)

    def ask(self, name: str, remote_id: str) -> None:
        self.calls.append((name, remote_id))
        if name in self.refuses:
            raise GatewayRefused
        if self.faults.get(name) == "before":
            del self.faults[name]
            raise GatewayUnavailable

    def answer(self, name: str) -> None:
        if self.faults.get(name) == "after":
            del self.faults[name]
            raise GatewayUnavailable


class Fake:
    """One process, one memory: `Fake.remote` is set by the test."""

    code: ClassVar[str] = ""
    capabilities: ClassVar[Capabilities]
    remote: ClassVar[Remote]

    def start_checkout(self, request: CheckoutRequest) -> StartedCheckout:
        self.remote.ask("start_checkout", request.reference)
        page_id = f"page_{request.reference}"
        self.remote.pages.setdefault(page_id, {"request": request, "state": "open"})
        self.remote.answer("start_checkout")
        return StartedCheckout(page_id, f"https://pay.example/{page_id}")

    def find_checkout(self, reference: str) -> StartedCheckout | None:
        page_id = f"page_{reference}"
        if page_id not in self.remote.pages:
            return None
        return StartedCheckout(page_id, f"https://pay.example/{page_id}")

    def start_payment(self, request: PaymentRequest) -> StartedCheckout:
        raise NotImplementedError

    def ensure_plan(self, charge: Charge, *, key: str) -> str:
        return f"plan_{key}"

    def fetch_checkout(self, remote_id: str) -> Observation:
        page = self.remote.pages.get(remote_id)
        if page is None:
            raise RemoteNotFound
        request = page["request"]
        snapshot = CheckoutSnapshot(remote_id, request.reference, page["state"], request.charge)
        if "subscription" not in page:
            return Observation(snapshot, None, (), is_authoritative=True)
        row = self.remote.subscriptions[page["subscription"]]
        if not row.payments:
            snapshot = replace(snapshot, state="open")
        return Observation(
            snapshot,
            self._snapshot(row),
            tuple(row.payments),
            is_authoritative=True,
            refunds=tuple(
                one
                for one in self.remote.refunds.values()
                if one.payment_id in {paid.remote_id for paid in row.payments}
            ),
        )

    def fetch_subscription(self, remote_id: str) -> Observation:
        return replace(self.fetch_checkout(self._row(remote_id).page_id), checkout=None)

    def _row(self, remote_id: str) -> RemoteSubscription:
        if remote_id not in self.remote.subscriptions:
            raise RemoteNotFound
        return self.remote.subscriptions[remote_id]

    def _snapshot(self, row: RemoteSubscription) -> SubscriptionSnapshot:
        start, end = row.period
        return SubscriptionSnapshot(
            remote_id=row.remote_id,
            state=row.state,
            charge=row.charge,
            paid_count=len(row.payments),
            current_period_start=start,
            current_period_end=end,
            past_due_since=row.past_due_since,
            updated_at=(row.updated_at or self.remote.now).replace(microsecond=0),
            cancel_at_period_end=row.is_ending,
            mandate=MandateSnapshot(row.mandate, row.method, row.limit_paise),
            paused_by=row.paused_by,
            next_attempt_at=row.next_attempt_at,
        )

    def _prorated(self, row: RemoteSubscription, charge: Charge, at: datetime) -> int:
        start, end = row.period
        rest = Fraction(int((end - at).total_seconds()), int((end - start).total_seconds()))
        unused = _rounded(row.charge.amount_paise * rest)
        if charge.interval == row.charge.interval:
            return _rounded(charge.amount_paise * rest) - unused
        return charge.amount_paise - unused

    def preview_change(self, remote_id: str, charge: Charge, *, at: datetime) -> int:
        return self._prorated(self._row(remote_id), charge, at)

    def change_plan(self, remote_id: str, charge: Charge, *, at: datetime, key: str) -> Observation:
        self.remote.ask("change_plan", remote_id)
        row = self._row(remote_id)
        if self.capabilities.change_plan != "in_place":
            raise GatewayRefused
        if key not in self.remote.done:
            self.remote.done[key] = due = self._prorated(row, charge, at)
            if charge.interval != row.charge.interval:
                row.anchor, row.periods = at, 1
            row.charge, row.updated_at = charge, self.remote.now
            self.remote._payment(row, due)
        self.remote.answer("change_plan")
        return self.fetch_subscription(remote_id)

    def cancel(self, remote_id: str, *, at_period_end: bool, key: str) -> Observation:
        self.remote.ask("cancel_at_end" if at_period_end else "cancel", remote_id)
        row = self._row(remote_id)
        if at_period_end:
            row.is_ending = True
        elif row.state not in ENDED:
            self.remote.put(row, State.CANCELED)
        row.updated_at = self.remote.now
        self.remote.answer("cancel_at_end" if at_period_end else "cancel")
        return self.fetch_subscription(remote_id)

    def keep(self, remote_id: str, *, key: str) -> Observation:
        self.remote.ask("keep", remote_id)
        self._row(remote_id).is_ending = False
        return self.fetch_subscription(remote_id)

    def pause(self, remote_id: str, *, key: str) -> Observation:
        self.remote.ask("pause", remote_id)
        self.remote.put(self._row(remote_id), State.PAUSED, paused_by="us")
        self.remote.answer("pause")
        return self.fetch_subscription(remote_id)

    def resume(self, remote_id: str, *, key: str) -> Observation:
        self.remote.ask("resume", remote_id)
        row = self._row(remote_id)
        if row.paused_by == "customer":
            raise GatewayRefused
        self.remote.put(row, State.ACTIVE, paused_by="")
        return self.fetch_subscription(remote_id)

    def refund(
        self, payment_id: str, amount_paise: int, *, reason: str, key: str
    ) -> RefundSnapshot:
        self.remote.ask("refund", payment_id)
        made = RefundSnapshot(f"rfnd_{key}", payment_id, amount_paise, "processed", key)
        return self.remote.refunds.setdefault(key, made)

    def fetch_refunds(self, payment_id: str) -> tuple[RefundSnapshot, ...]:
        return tuple(one for one in self.remote.refunds.values() if one.payment_id == payment_id)

    def changed_since(self, since: datetime) -> Iterator[str]:
        yield from self.remote.subscriptions


class Prorating(Fake):
    code = "prorating"
    capabilities = Capabilities(
        retries_failed_payments=True,
        sends_checkout_results=True,
        change_plan="in_place",
        can_pause=True,
        can_resume=True,
    )


class Mandates(Fake):
    code = "mandates"
    capabilities = Capabilities(
        retries_failed_payments=True,
        sends_checkout_results=False,
        change_plan="switch",
        can_pause=True,
        can_resume=True,
        is_checkout_idempotent=False,
        methods=("upi", "card", "emandate"),
        limits_paise={"upi": 10_000_000},
    )


def _rounded(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def gateways() -> dict[str, Any]:
    """Rows of the registry's table for these two."""
    from billing.gateways.registry import GatewayRow

    return {
        made.code: GatewayRow(label=made.code, path=f"{__name__}.{made.__name__}", options={})
        for made in (Prorating, Mandates)
    }


def run_due(now: datetime) -> int:
    """What the queue would do with billing's work that is due, each once; how many ran."""
    from billing.services.asking import ask_finish
    from billing.services.changing import change_follow
    from billing.services.refunds import refund_run
    from billing.services.subscriptions import remote_close
    from billing.services.trials import trial_end
    from marketing_platform.schedule.models import DueWork

    calls: dict[str, Any] = {
        "billing.follow_change": change_follow,
        "billing.finish_ask": ask_finish,
        "billing.run_refund": refund_run,
        "billing.close_remote": lambda now, **values: remote_close(**values),
        "billing.end_trial": trial_end,
    }
    due = DueWork.objects.filter(task__in=calls, done_at=None, due_at__lte=now)
    ran = 0
    while row := due.order_by("due_at", "pk").first():
        calls[row.task](**row.arguments, now=now)
        DueWork.objects.filter(pk=row.pk).update(done_at=now)
        ran += 1
    return ran
