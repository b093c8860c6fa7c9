"""Calendars, switches, and money that goes back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.benchmarks.year_side.world import DAY, GATEWAYS, HOUR, RETURN, Year

# --- the calendar

ANNIVERSARIES = {
    29: ["29-01", "29-02", "29-03", "29-04", "29-05", "29-06", "29-07"],
    30: ["30-01", "29-02", "30-03", "30-04", "30-05", "30-06", "30-07"],
    31: ["31-01", "29-02", "31-03", "30-04", "31-05", "30-06", "31-07"],
}


def anniversaries(year: Year) -> None:
    from marketing_platform.core import clock

    for day, wanted in ANNIVERSARIES.items():
        numbers: dict[int, str] = {}

        def begin(day: int = day, numbers: dict[int, str] = numbers) -> None:
            numbers[day] = year.subscribe(f"Day {day}", "local", GATEWAYS[day % 2])

        def check(
            day: int = day, wanted: list[str] = wanted, numbers: dict[int, str] = numbers
        ) -> None:
            rows = year.row(numbers[day]).payments.order_by("paid_at")
            paid = [f"{clock.today(row.paid_at):%d-%m}" for row in rows]
            year.expect(f"anniversary {day}", "the days", paid, wanted)

        year.at(datetime(2028, 1, day, 3, tzinfo=UTC), begin)
        year.at(datetime(2028, 8, 2, tzinfo=UTC), check)


def leap_day(year: Year) -> None:
    from marketing_platform.core import clock

    def begin() -> None:
        number = year.subscribe("Born In February", "enterprise", "prorating", "year", "emandate")
        ends = clock.today(year.row(number).current_period_end)
        year.expect("leap day", "a year ends", ends, date(2029, 2, 28))

    year.at(datetime(2028, 2, 29, 5, tzinfo=UTC), begin)


def financial_year(year: Year) -> None:
    """The last second of the Indian year, and the first of the next."""
    from billing.models import TaxDocument

    def begin(name: str, wanted: tuple[str, str]) -> None:
        year.subscribe(name, "local", "mandates")
        issued = TaxDocument.objects.get(tenant=year.tenants[name])
        found = (issued.financial_year, f"{issued.issued_on:%d-%m}")
        year.expect("financial year", name, found, wanted)

    midnight = datetime(2028, 3, 31, 18, 30, tzinfo=UTC)
    year.at(midnight - timedelta(seconds=1), lambda: begin("Last Second", ("2027-28", "31-03")))
    year.at(midnight, lambda: begin("First Second", ("2028-29", "01-04")))


# --- changes, money back


def switch_over(year: Year) -> None:
    """Half of April is unused when the year is bought; a year later there is nothing to do."""
    from billing.models import Refund, TaxDocument
    from billing.services import checkout_refresh
    from billing.services.changing import change_preview, change_start

    name = "switch-over"

    def begin() -> None:
        number = year.subscribe("Grows Up", "local", "mandates")
        year.at(year.now + 15 * DAY, lambda: change(number))

    def change(number: str) -> None:
        old = year.row(number)
        preview = change_preview(subscription=old, interval="year", now=year.now)
        begun = change_start(
            subscription=old,
            interval="year",
            at=preview.computed_at,
            seen_paise=preview.charged_paise,
            return_url=RETURN,
            actor_id=None,
            now=year.now,
        )
        page = begun.checkouts.get()
        states = [year.remote.subscriptions[number].state.value]
        new = year.remote.pay(page.remote_id)
        checkout_refresh(checkout=page, now=year.now)
        year.follow(new)
        year.at(year.now + HOUR, lambda: check(number, new, states))

    def check(old: str, new: str, states: list[str]) -> None:
        states.append(year.remote.subscriptions[old].state.value)
        year.expect(name, "the old one", states, ["active", "canceled"])
        year.expect(name, "the new one", year.row(new).state, "active")
        back = Refund.objects.get(tenant=year.tenants["Grows Up"])
        # Half of ₹999 is ₹499.50, with GST ₹589.41.
        year.expect(name, "money back", (back.amount_paise, back.state), (58_941, "processed"))
        note = TaxDocument.objects.get(tenant=year.tenants["Grows Up"], kind="credit_note")
        year.expect(name, "the credit note", note.taxable_paise, 49_950)

    year.at(datetime(2028, 3, 31, 18, 30, tzinfo=UTC) + timedelta(seconds=5), begin)


def refund(year: Year) -> None:
    from billing.models import TaxDocument
    from billing.services.refunds import refund_plan

    def begin() -> None:
        number = year.subscribe("Wants It Back", "enterprise", "prorating", method="emandate")
        year.at(year.now + 5 * DAY, lambda: back(number))
        year.at(year.now + 5 * DAY + HOUR, check)

    def back(number: str) -> None:
        payment = year.row(number).payments.get()
        refund_plan(
            payment=payment, amount_paise=1_475_000, reason="Agreed", actor_id=None, now=year.now
        )

    def check() -> None:
        note = TaxDocument.objects.get(tenant=year.tenants["Wants It Back"], kind="credit_note")
        found = (note.taxable_paise, note.total_paise)
        year.expect("refund", "the credit note", found, (1_250_000, 1_475_000))

    year.at(datetime(2028, 5, 10, 6, tzinfo=UTC), begin)


def tds_short_pay(year: Year) -> None:
    """₹29,500 is settled by ₹27,000 in the bank and ₹2,500 deducted on the price before GST."""
    from billing.selectors.documents import open_paise
    from billing.services.invoicing import invoice_issue
    from billing.services.settling import settle
    from marketing_platform.core import clock

    name = "TDS short pay"

    def begin() -> None:
        from django.db import transaction

        tenant = year.tenant("Pays On Paper", "enterprise")
        with transaction.atomic():
            document = invoice_issue(
                tenant=tenant,
                subscription=None,
                base_paise=2_500_000,
                cause="simulated:tds",
                now=year.now,
            )
        year.expect(name, "the invoice", document.total_paise, 2_950_000)
        for way, amount, left in (("transfer", 2_700_000, 250_000), ("tds", 250_000, 0)):
            settle(
                document=document,
                amount_paise=amount,
                by=way,
                cause=f"{way}:simulated",
                on=clock.today(year.now),
                now=year.now,
            )
            year.expect(name, f"open after {way}", open_paise(document), left)

    year.at(datetime(2028, 6, 1, 6, tzinfo=UTC), begin)


def dispute(year: Year) -> None:
    from billing.gateways.base import DisputeSnapshot
    from billing.models import Dispute
    from billing.services.disputes import dispute_record

    def begin() -> None:
        number = year.subscribe("Asks The Bank", "local", "prorating", method="card")
        payment = year.row(number).payments.get()
        for days, state in ((3, "open"), (20, "under_review"), (10, "open"), (30, "won")):
            year.at(year.now + days * DAY, lambda state=state: tell(number, payment, state))
        year.at(year.now + 31 * DAY, lambda: check(number))

    def tell(number: str, payment: Any, state: str) -> None:
        dispute_record(
            gateway="prorating",
            tenant=year.row(number).tenant,
            snapshot=DisputeSnapshot(
                remote_id="disp_1",
                payment_id=payment.remote_id,
                amount_paise=payment.amount_paise,
                state=state,
                reason="unrecognised",
                updated_at=year.now,
            ),
            now=year.now,
        )

    def check(number: str) -> None:
        found = list(Dispute.objects.values_list("remote_id", "state"))
        year.expect("dispute", "its state", found, [("disp_1", "won")])
        year.expect("dispute", "access", year.access(number), "full")

    year.at(datetime(2028, 7, 1, 6, tzinfo=UTC), begin)
