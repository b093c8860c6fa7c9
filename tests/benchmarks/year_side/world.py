"""The present moment of thirteen months, what is to happen in them, and the books at the end."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

MOST_SECONDS = 60
BEGINS = datetime(2027, 12, 15, 4, 30, tzinfo=UTC)
ENDS = datetime(2029, 1, 31, 18, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RETURN = "http://shop.localhost/billing/return/"
PLANS, GATEWAYS = ("local", "enterprise"), ("prorating", "mandates")


@dataclass
class Year:
    """The present moment, what is to happen, and what was found."""

    remote: Any
    user: Any
    now: datetime = BEGINS
    found: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    plan: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    tenants: dict[str, Any] = field(default_factory=dict)
    # A renewal that is not simply charged: remote id and its number to what happens instead.
    instead: dict[tuple[str, int], Callable[[], None]] = field(default_factory=dict)

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self.plan, (moment, next(self.numbers), action))

    def expect(self, scenario: str, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.failed.append(f"{scenario}: {what} is {found!r}, not {wanted!r}")
        self.found[scenario] = "failed" if found != wanted else self.found.get(scenario, "right")

    def go(self) -> None:
        from tests.billing.fake_gateway import run_due

        while self.plan and self.plan[0][0] <= ENDS:
            self.now, _number, action = heapq.heappop(self.plan)
            self.remote.now = self.now
            run_due(self.now)
            action()
            run_due(self.now)

    # --- customers

    def tenant(self, name: str, tier: str) -> Any:
        from marketing_platform.tenants.services import tenant_reserve

        self.tenants[name] = tenant_reserve(
            tier=tier, name=name, language="en", actor_id=self.user.pk, now=self.now
        )
        return self.tenants[name]

    def subscribe(
        self, name: str, tier: str, gateway: str, interval: str = "month", method: str = "upi"
    ) -> str:
        """A workspace that pays for the first time now; the gateway's id of its subscription."""
        from billing.services import checkout_refresh, checkout_start

        page = checkout_start(
            tenant=self.tenant(name, tier),
            interval=interval,
            user_id=self.user.pk,
            return_url=RETURN,
            now=self.now,
            gateway_code=gateway,
        )
        number = self.remote.pay(page.remote_id, method=method)
        checkout_refresh(checkout=page, now=self.now)
        self.follow(number)
        return number

    def follow(self, number: str) -> None:
        """Renew it at the end of each period from now on."""
        row = self.remote.subscriptions[number]
        end = row.period[1]
        if end is not None and end <= ENDS:
            self.at(end, lambda: self.renew(number, end))

    def renew(self, number: str, end: datetime) -> None:
        row = self.remote.subscriptions[number]
        if row.period[1] != end or row.state.value in {"canceled", "paused"}:
            return
        happens = self.instead.pop((number, row.periods), None)
        if happens is not None:
            happens()
        else:
            self.remote.charge(row)
            self.follow(number)
        self.tell(number)

    def tell(self, number: str) -> None:
        """The gateway's word reaches us."""
        from billing.services import subscription_refresh

        subscription_refresh(subscription_id=self.row(number).pk, now=self.now)

    def row(self, number: str) -> Any:
        from billing.models import Subscription

        return Subscription.objects.select_related("tenant").get(gateway_subscription_id=number)

    def access(self, number: str, moment: datetime | None = None) -> str:
        from billing.selectors import entitlements_of

        return entitlements_of(self.row(number).tenant, now=moment or self.now).access

    def figures(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 2),
            "cpu_seconds": round(self.cpu_seconds, 2),
            "scenarios": len(self.found),
            "failed": self.failed,
            **_books(),
            "is_within_target": not self.failed and self.seconds <= MOST_SECONDS,
        }


def prepare() -> Any:
    from billing.services.suppliers import supplier_save
    from marketing_platform.users.models import User

    supplier_save(
        legal_name="Ujala Platform Private Limited",
        address="12 Residency Road",
        city="Bengaluru",
        pincode="560025",
        gstin="29AAACU0001A1Z9",
        email="billing@ujala.example",
    )
    return User.objects.create(phone="+919800000077", full_name="Thirteen Months")


# --- the books


def _books() -> dict[str, int]:
    from billing.models import Payment, Refund, TaxDocument

    kinds = list(TaxDocument.objects.values_list("kind", flat=True))
    return {
        "payments": Payment.objects.count(),
        "invoices": kinds.count("invoice"),
        "credit_notes": kinds.count("credit_note"),
        "refunds": Refund.objects.count(),
    }


def books_check(year: Year) -> None:
    """Every payment has its invoice to the paisa, numbers have no gap, every entry sums to zero."""
    from django.db.models import Sum

    from billing.models import JournalLine, Payment, SeriesCounter, TaxDocument

    paid = Payment.objects.filter(needs_refund=False).aggregate(sum=Sum("amount_paise"))["sum"]
    invoiced = TaxDocument.objects.filter(kind="invoice").exclude(cause="simulated:tds")
    total = invoiced.aggregate(sum=Sum("total_paise"))["sum"]
    year.expect("books", "payments less invoices", paid - total, 0)
    for counter in SeriesCounter.objects.all():
        rows = TaxDocument.objects.filter(
            supplier_id=counter.supplier_id,
            financial_year=counter.financial_year,
            kind="invoice" if counter.series == _invoices() else "credit_note",
        )
        year.expect("books", f"numbers of {counter}", rows.count(), counter.last)
    lines = JournalLine.objects.aggregate(sum=Sum("amount_paise"))["sum"]
    year.expect("books", "the sum of the ledger", lines or 0, 0)


def _invoices() -> str:
    from billing.engine.numbering import INVOICES

    return INVOICES
