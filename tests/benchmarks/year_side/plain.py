"""What goes as planned, and what does not come."""

from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.year_side.world import BEGINS, DAY, GATEWAYS, HOUR, PLANS, Year

# --- the run of the mill


def every_plan_at_every_gateway(year: Year) -> None:
    """Thirteen months of each, paid on the day every month."""
    numbers = {}

    def begin() -> None:
        for tier in PLANS:
            for gateway in GATEWAYS:
                method = "upi" if tier == "local" else "emandate"
                numbers[tier, gateway] = year.subscribe(
                    f"Plain {tier} {gateway}", tier, gateway, method=method
                )

    def check() -> None:
        for (tier, gateway), number in numbers.items():
            row = year.row(number)
            name = f"plain {tier} {gateway}"
            year.expect(name, "the state", row.state, "active")
            year.expect(name, "payments", row.payments.count(), 14)
            year.expect(name, "invoices", row.documents.filter(kind="invoice").count(), 14)

    year.at(BEGINS + HOUR, begin)
    year.at(datetime(2029, 1, 20, tzinfo=UTC), check)


def trial_end(year: Year) -> None:
    from billing.selectors import entitlements_of
    from billing.services import trial_start

    tenant = None

    def begin() -> None:
        nonlocal tenant
        tenant = year.tenant("Only Trying", "local")
        trial_start(tenant=tenant, now=year.now)

    def check() -> None:
        year.expect(
            "trial end", "access", entitlements_of(tenant, now=year.now).access, "read_only"
        )
        row = tenant_rows(tenant).get()
        year.expect("trial end", "the state", row.state, "expired")

    def last_day() -> None:
        year.expect("trial end", "last day", entitlements_of(tenant, now=year.now).access, "full")

    year.at(BEGINS, begin)
    year.at(BEGINS + 13 * DAY, last_day)
    year.at(BEGINS + 14 * DAY + HOUR, check)


def tenant_rows(tenant: Any) -> Any:
    from billing.models import Subscription

    return Subscription.objects.filter(tenant=tenant)


# --- when money does not come


def fail_retry_recover(year: Year) -> None:
    """The third renewal fails twice and is paid on the third day."""
    name = "fail, retry, recover"

    def begin() -> None:
        number = year.subscribe("Short Of Money", "local", "mandates")
        remote = year.remote.subscriptions[number]

        def fail() -> None:
            year.remote.fail(remote, again_at=year.now + DAY)
            first = year.now
            year.at(first + DAY, again)
            year.at(first + 2 * DAY, recover)

        def again() -> None:
            year.remote.fail(remote, again_at=year.now + DAY)
            year.tell(number)
            year.expect(name, "the state", year.row(number).state, "past_due")
            year.expect(name, "access", year.access(number), "full")

        def recover() -> None:
            year.remote.charge(remote)
            year.follow(number)
            year.tell(number)
            row = year.row(number)
            year.expect(name, "the state", (row.state, row.past_due_since), ("active", None))
            year.expect(name, "payments", row.payments.count(), 4)

        year.instead[number, 3] = fail

    year.at(BEGINS + 2 * HOUR, begin)


def halt(year: Year) -> None:
    """Every retry fails: read-only after the grace, and paying brings it back."""
    name = "halt"

    def begin() -> None:
        number = year.subscribe("Never Mind", "local", "prorating")
        remote = year.remote.subscriptions[number]

        def fail() -> None:
            year.remote.fail(remote)
            year.at(year.now + 3 * DAY, halted)
            year.at(year.now + 20 * DAY, pays)

        def halted() -> None:
            year.expect(name, "access in the grace", year.access(number), "full")
            from billing.engine.lifecycle import State

            year.remote.put(remote, State.SUSPENDED)
            year.tell(number)
            year.expect(name, "the state", year.row(number).state, "suspended")
            year.expect(name, "access", year.access(number), "read_only")

        def pays() -> None:
            year.remote.charge(remote)
            year.follow(number)
            year.tell(number)
            year.expect(name, "the state", year.row(number).state, "active")
            year.expect(name, "access", year.access(number), "full")

        year.instead[number, 2] = fail

    year.at(BEGINS + 3 * HOUR, begin)


def approved_late(year: Year) -> None:
    """₹29,500 by card waits for the customer, who approves four days later."""
    name = "AFA approved late"

    def begin() -> None:
        number = year.subscribe("Veda By Card", "enterprise", "mandates", method="card")
        remote = year.remote.subscriptions[number]

        def waits() -> None:
            year.remote.fail(remote)
            remote.mandate = "needs_afa"
            year.at(year.now + 2 * DAY, still)
            year.at(year.now + 4 * DAY, approves)

        def still() -> None:
            row = year.row(number)
            year.expect(name, "waiting", (row.state, row.mandate), ("past_due", "needs_afa"))
            year.expect(name, "access", year.access(number), "full")

        def approves() -> None:
            remote.mandate = "confirmed"
            year.remote.charge(remote)
            year.follow(number)
            year.tell(number)
            row = year.row(number)
            year.expect(name, "after", (row.state, row.mandate), ("active", "confirmed"))

        year.instead[number, 4] = waits

    year.at(BEGINS + 4 * HOUR, begin)


def paused_in_the_upi_app(year: Year) -> None:
    from billing.engine.lifecycle import State
    from billing.errors import ChangeNotPossible
    from billing.services.changing import resume_ask

    name = "paused by the customer"

    def begin() -> None:
        number = year.subscribe("Gone Home", "local", "mandates")
        remote = year.remote.subscriptions[number]

        def pause() -> None:
            year.remote.put(remote, State.PAUSED, paused_by="customer")
            year.tell(number)
            year.expect(name, "access", year.access(number), "read_only")
            try:
                resume_ask(subscription=year.row(number), now=year.now)
                refused = False
            except ChangeNotPossible:
                refused = True
            year.expect(name, "our resuming is refused", refused, True)

        def resume() -> None:
            year.remote.put(remote, State.ACTIVE, paused_by="")
            year.tell(number)
            year.expect(name, "access", year.access(number), "full")

        year.at(year.now + 40 * DAY, pause)
        year.at(year.now + 45 * DAY, resume)

    year.at(BEGINS + 5 * HOUR, begin)
