"""One workspace's whole life at a gateway's twin: its clock, its webhooks, its workers, its books.

The twin's clock is ours too, begun on 1 April 2027 in India. `advance` lets time pass there, brings
every webhook to the door as it was signed and runs the work that is due. `books_check` is what must
hold after every step, whatever happened.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from billing.models import (
    Checkout,
    JournalLine,
    Payment,
    PlanChange,
    Refund,
    Subscription,
    TaxDocument,
)
from billing.selectors import entitlements_of
from billing.selectors.ledger import balance_of, trial_balance
from billing.services import checkout_start, webhook_receive
from billing.services.changing import change_preview, change_start
from billing.services.invoicing import invoice_issue
from billing.services.pay_links import invoice_pay_start
from billing.services.plans import plan_version_add
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run

BEGAN = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
BACK = "http://asha-sweets.localhost/billing/return/"
# Letters to the customer are tested on their own.
LETTERS = ("billing.send_receipt", "billing.tell_dunning", "billing.tell_invoice")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Signed = tuple[bytes, dict[str, str]]


class Life:
    """What a customer, a gateway and time do. Subclasses know one gateway's twin."""

    code = ""

    def __init__(self, running: Any, tenant: Any, user: Any):
        self.running, self.tenant, self.user = running, tenant, user
        self.told = 0
        self.is_deaf = False
        # Every event thrice, in an order of its own.
        self.shuffled: Random | None = None

    # --- of the gateway, by its twin

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    @property
    def offset(self) -> int:
        raise NotImplementedError

    def pass_time(self, seconds: int) -> None:
        raise NotImplementedError

    def press(self, page: Checkout, method: str = "upi") -> None:
        """Pay on the hosted page."""
        raise NotImplementedError

    def signed_events(self) -> list[Signed]:
        """Every event that the twin has made, oldest first, as it arrives now."""
        raise NotImplementedError

    def debits(self, remote_id: str, outcome: str) -> None:
        """What becomes of this subscription's debits from now on: succeed or fail."""
        raise NotImplementedError

    def money(self) -> Counter[str]:
        """What the twin took for us, by the payment's id."""
        raise NotImplementedError

    def given_back(self) -> Counter[str]:
        """What it gave back, by the payment's id."""
        raise NotImplementedError

    def status(self, remote_id: str) -> str:
        return str(self.running.thing(remote_id)["status"])

    # --- of time

    def advance(self, span: timedelta) -> None:
        self.pass_time(int(span.total_seconds()))
        self.settle()

    def advance_to(self, moment: datetime, more: timedelta = MINUTE) -> None:
        self.advance(max(moment + more - self.now(), timedelta(seconds=1)))

    def settle(self) -> None:
        """Webhooks arrive and workers work until nothing is left."""
        for _turn in range(10):
            if not self.hear() + self.work():
                return
        raise AssertionError("work never ends")

    def hear(self) -> int:
        events = self.signed_events()
        fresh, self.told = events[self.told :], len(events)
        if self.is_deaf:
            return 0
        if self.shuffled is not None:
            fresh = fresh * 3
            self.shuffled.shuffle(fresh)
        for raw, headers in fresh:
            webhook_receive(gateway_code=self.code, raw=raw, headers=headers, now=clock.now())
        return len(fresh)

    def work(self) -> int:
        """By our clock; the rows are claimed by the database's."""
        rows = DueWork.objects.filter(
            task__startswith="billing.", done_at=None, dead_at=None, due_at__lte=clock.now()
        ).exclude(task__in=LETTERS)
        return self.work_on(list(rows.order_by("due_at", "pk").values_list("pk", flat=True)))

    def work_on(self, numbers: list[int]) -> int:
        DueWork.objects.filter(pk__in=numbers).update(due_at=datetime.now(UTC))
        return sum(work_run(number) for number in numbers)

    # --- of the customer

    def open(self, interval: str = "month", **more: Any) -> Checkout:
        return checkout_start(
            tenant=self.tenant,
            interval=interval,
            user_id=self.user.pk,
            return_url=BACK,
            now=clock.now(),
            gateway_code=self.code,
            **more,
        )

    def subscribe(self, interval: str = "month", method: str = "upi") -> Subscription:
        self.press(self.open(interval), method)
        self.settle()
        return self.live()

    def live(self) -> Subscription:
        rows = Subscription.objects.select_related("tenant", "plan_version__plan")
        states = ["incomplete", "active", "paused", "past_due", "trialing", "suspended"]
        return rows.get(tenant=self.tenant, state__in=states)

    def change(self, interval: str) -> tuple[Any, PlanChange]:
        """Begin what is previewed now; both are answered."""
        row, now = self.live(), clock.now()
        preview = change_preview(subscription=row, interval=interval, now=now)
        change = change_start(
            subscription=row,
            interval=interval,
            at=preview.computed_at,
            seen_paise=preview.charged_paise,
            return_url=BACK,
            actor_id=self.user.pk,
            now=now,
        )
        return preview, change

    def invoice_paid_by_link(self, tenant: Any) -> TaxDocument:
        """An invoice of another workspace, and its link opened and paid."""
        with transaction.atomic():
            invoice = invoice_issue(
                tenant=tenant,
                subscription=None,
                base_paise=2_500_000,
                cause="renewal:of-this-life",
                now=clock.now(),
            )
        page = invoice_pay_start(
            tenant=tenant,
            document_id=invoice.pk,
            user_id=self.user.pk,
            return_url=BACK,
            now=clock.now(),
            gateway_code=self.code,
        )
        self.press(page)
        self.settle()
        return invoice

    def dearer(self, monthly_paise: int) -> None:
        """A new version of the price, in force from now."""
        now = clock.now().replace(microsecond=0)
        plan_version_add(
            tier="local",
            monthly_paise=monthly_paise,
            annual_paise=10 * monthly_paise,
            effective_from=now,
            now=now,
        )

    @property
    def access(self) -> str:
        return entitlements_of(self.tenant, now=clock.now()).access

    # --- what must hold

    def books_check(self) -> None:
        payments = Payment.objects.all()
        assert Counter({row.remote_id: row.amount_paise for row in payments}) == self.money()
        self._documents_check(payments)
        self._refunds_check()
        assert sum(row.amount_paise for row in trial_balance()) == 0
        entries = JournalLine.objects.values_list("entry_id", "amount_paise")
        sums: Counter[int] = Counter()
        for entry, paise in entries:
            sums[entry] += paise
        assert not any(sums.values())
        assert balance_of(self.tenant) == 0
        assert not InboundEvent.objects.filter(state__in=["failed", "stored"]).exists(), list(
            InboundEvent.objects.filter(state__in=["failed", "stored"]).values_list(
                "kind", "outcome"
            )
        )
        assert not DueWork.objects.filter(task__startswith="billing.").exclude(dead_at=None)

    def _documents_check(self, payments: Any) -> None:
        """One invoice a payment that is kept, numbered without a gap, of just that amount."""
        for kind in ("invoice", "credit_note"):
            places: dict[str, list[int]] = {}
            rows = TaxDocument.objects.filter(kind=kind).order_by("pk")
            for year, number in rows.values_list("financial_year", "number"):
                places.setdefault(year, []).append(int(number.rsplit("/", 1)[1]))
            for found in places.values():
                assert found == list(range(1, len(found) + 1))
        for payment in payments.filter(needs_refund=False):
            settled = payment.settlements.order_by("pk").first()
            assert settled is not None and settled.amount_paise == payment.amount_paise
        kept = payments.filter(needs_refund=False).values_list("amount_paise", flat=True)
        invoices = TaxDocument.objects.filter(kind="invoice")
        assert sorted(invoices.values_list("total_paise", flat=True)) == sorted(kept)

    def _refunds_check(self) -> None:
        """What went back there is what our rows say, each on a credit note where one is due."""
        ours: Counter[str] = Counter()
        for refund in Refund.objects.filter(state="processed").select_related("payment"):
            ours[refund.payment.remote_id] += refund.amount_paise
        assert ours == self.given_back()
        due = Refund.objects.filter(state="processed", payment__needs_refund=False)
        notes = TaxDocument.objects.filter(kind="credit_note")
        assert sorted(notes.values_list("total_paise", flat=True)) == sorted(
            due.values_list("amount_paise", flat=True)
        )
