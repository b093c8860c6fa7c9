"""What a change was previewed at is what is charged and invoiced, reckoned here by other means.

Days that are easily wrong (29th to 31st, leap February, midnight in India, the year's end), both
ways of changing, every kind of buyer, other prices, agreed prices and coupons. Nothing of billing's
arithmetic is used: fractions, rounded half up.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from billing.models import Checkout, Payment, Refund, Subscription, Supplier, TaxDocument
from billing.services import checkout_refresh, checkout_start
from billing.services.accounts import account_update, registration_add
from billing.services.changing import change_preview
from billing.services.coupons import coupon_take
from billing.services.plans import plan_version_add
from billing.services.prices import custom_price_set
from billing.services.refunds import refunds_for_staff
from tests.billing.changing_world import RETURN, begin, live
from tests.billing.fake_gateway import Fake, Remote, run_due
from tests.billing.offers_world import coupon

pytestmark = pytest.mark.django_db
IST = ZoneInfo("Asia/Kolkata")
SECOND = timedelta(seconds=1)
DAYS = (
    date(2027, 1, 29), date(2027, 1, 30), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31),
    date(2027, 4, 1), date(2027, 8, 31), date(2027, 12, 31), date(2028, 1, 29), date(2028, 1, 31),
    date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 31),
)  # fmt: skip
BUYERS = ("home", "far", "sez", "export", "export_taxed")
# What the new price is: the list's, another version's, or one that was agreed.
PRICES = ("list", "dearer", "cheaper", "agreed")
COUPONS = ("", "", "percent", "amount")
# A mandate by UPI is for at most one lakh: above it a new one, and not the present one raised.
UPI_LIMIT = 100_000_00
SEZ = {
    "gstin": "27AAPFU0939F1ZV", "legal_name": "Asha Exports", "address": "4 Nariman Point",
    "pincode": "400021",
}  # fmt: skip


def up(amount: Fraction) -> int:
    """Half up, to whole paise."""
    return int((2 * amount + 1) // 2)


@dataclass(frozen=True)
class Case:
    paid_at: datetime
    part: Fraction
    gateway: str
    first: str
    then: str
    buyer: str
    price: str
    coupon: str
    monthly_paise: int

    @property
    def is_taxed(self) -> bool:
        return self.buyer not in {"sez", "export"}

    def with_tax(self, base: int) -> int:
        return base + (up(Fraction(18 * base, 100)) if self.is_taxed else 0)

    def lowered(self, listed: int, interval: str) -> int:
        """After a coupon that lasts for ever: 12.5 %, or 33.33 a month."""
        if self.coupon == "percent":
            return listed - up(Fraction(listed, 8))
        months = 12 if interval == "year" else 1
        return listed - (3_333 * months if self.coupon == "amount" else 0)

    def heads(self, taxable: int) -> tuple[int, int, int]:
        """CGST, SGST, IGST of an invoice; we are in Karnataka."""
        if not self.is_taxed:
            return 0, 0, 0
        if self.buyer == "home":
            return up(Fraction(9 * taxable, 100)), up(Fraction(9 * taxable, 100)), 0
        return 0, 0, up(Fraction(18 * taxable, 100))


def case_of(random: Random) -> Case:
    day = random.choice(DAYS)
    midnight = datetime(day.year, day.month, day.day, tzinfo=IST).astimezone(UTC)
    seconds = random.choice([0, -1, 1, 3600 * 5 + 1800, random.randrange(86_400)])
    return Case(
        paid_at=midnight + seconds * SECOND,
        part=Fraction(random.choice([0, 1, 500, 999, random.randrange(1000)]), 1000),
        gateway=random.choice(["prorating", "mandates"]),
        first=random.choice(["month", "year"]),
        then=random.choice(["month", "year"]),
        buyer=random.choice(BUYERS),
        price=random.choice(PRICES),
        coupon=random.choice(COUPONS),
        monthly_paise=random.choice([99_900, 99_901, 100_001, 123_457, random.randrange(50_000, 900_000)]),  # noqa: E501
    )  # fmt: skip


class Told:
    """One case lived through, each step compared."""

    def __init__(self, case: Case, tenant, user):
        self.case, self.tenant, self.user = case, tenant, user

    def prepare(self) -> None:
        case, before = self.case, self.case.paid_at - timedelta(days=1)
        Supplier.objects.update(
            lut_number="AD290427000001X",
            lut_valid_until=None if case.buyer == "export_taxed" else date(2032, 3, 31),
        )
        if case.buyer.startswith("export"):
            account_update(tenant=self.tenant, now=before, country="SG")
        elif case.buyer == "sez":
            registration_add(tenant=self.tenant, now=before, is_sez=True, **SEZ)
        else:
            place = {"home": "29", "far": "07"}[case.buyer]
            account_update(tenant=self.tenant, now=before, state_code=place)
        if case.coupon:
            share = {"percent_basis_points": 1_250} if case.coupon == "percent" else {}
            amount = share or {"percent_basis_points": 0, "amount_paise": 3_333}
            coupon("EVER", duration="forever", **amount, valid_from=before)
            coupon_take(tenant=self.tenant, code="EVER", now=before)

    def subscribe(self) -> Subscription:
        case = self.case
        Fake.remote = Remote(now=case.paid_at)
        page = checkout_start(
            tenant=self.tenant,
            interval=case.first,
            user_id=self.user.pk,
            return_url=RETURN,
            now=case.paid_at,
            gateway_code=case.gateway,
        )
        Fake.remote.pay(page.remote_id)
        checkout_refresh(checkout=page, now=case.paid_at)
        return live(self.tenant)

    def reprice(self, now: datetime) -> int:
        """The list price of the wanted interval from now on."""
        case, monthly = self.case, self.case.monthly_paise
        if case.price == "list":
            monthly = 99_900
        elif case.price == "agreed":
            custom_price_set(
                tenant=self.tenant,
                monthly_paise=monthly,
                annual_paise=10 * monthly + 7,
                effective_from=now,
                actor_id=self.user.pk,
                reason="agreed",
                now=now,
            )
        else:
            monthly = {"dearer": 99_900 + monthly, "cheaper": 60_001}[case.price]
            plan_version_add(
                tier="local",
                monthly_paise=monthly,
                annual_paise=10 * monthly,
                effective_from=now,
                now=now,
            )
        extra = 7 if case.price == "agreed" else 0
        return 10 * monthly + extra if case.then == "year" else monthly

    def run(self) -> str:
        self.prepare()
        case, old = self.case, self.subscribe()
        paid = Payment.objects.get(subscription=old)
        was = case.lowered(99_900 if case.first == "month" else 999_000, case.first)
        assert (paid.base_paise, paid.amount_paise) == (was, case.with_tax(was))
        self.invoiced(paid)
        start, end = paid.period_start, paid.period_end
        now = start + int((end - start) // SECOND * case.part) * SECOND
        price = case.lowered(self.reprice(now), case.then)
        if (case.then, price) == (case.first, was):
            return "same"
        preview = change_preview(subscription=old, interval=case.then, now=now)
        assert (preview.price_paise, preview.price_with_tax_paise) == (price, case.with_tax(price))
        rest = 1 - Fraction((now - start) // SECOND, (end - start) // SECOND)
        if price <= was:
            assert (preview.way, preview.charged_paise, preview.refund_paise) == ("later", 0, 0)
            assert preview.effective_at == end
            self.later(old, preview, end, now)
        elif case.gateway == "mandates" or case.with_tax(price) > UPI_LIMIT:
            assert preview.way == "switch"
            self.switched(old, preview, was - up(was * (1 - rest)), now)
        else:
            assert preview.way == "in_place"
            self.in_place(old, preview, was, rest, now)
        return preview.way

    def in_place(self, old, preview, was: int, rest: Fraction, now: datetime) -> None:
        """The gateway's own figure, at most two paise from the exact one."""
        full = Fraction(preview.price_paise) if self.case.first != self.case.then else None
        due = full - was * rest if full is not None else (preview.price_paise - was) * rest
        exact = due * (Fraction(118, 100) if self.case.is_taxed else 1)
        assert abs(preview.charged_paise - exact) <= 2
        if preview.charged_paise == 0:
            return
        assert begin(old, self.case.then, now).state == "done"
        paid = Payment.objects.filter(subscription=old).latest("pk")
        assert paid.amount_paise == preview.charged_paise
        self.invoiced(paid)
        assert not Refund.objects.exists()

    def switched(self, old, preview, credit: int, now: datetime) -> None:
        change = begin(old, self.case.then, now)
        page = change.checkouts.get()
        assert page.amount_paise == preview.charged_paise == self.case.with_tax(preview.price_paise)
        Fake.remote.pay(page.remote_id)
        checkout_refresh(checkout=page, now=now)
        run_due(now + timedelta(minutes=2))
        new = live(self.tenant)
        paid = Payment.objects.get(subscription=new)
        assert new.pk != old.pk
        assert paid.amount_paise == preview.charged_paise
        self.invoiced(paid)
        back = sum(Refund.objects.filter(state="processed").values_list("amount_paise", flat=True))
        assert back == preview.refund_paise == self.case.with_tax(credit)
        notes = list(TaxDocument.objects.filter(kind="credit_note"))
        invoiced_on = self.case.paid_at.astimezone(IST).date()
        year = invoiced_on.year + (invoiced_on.month >= 4)
        if now.astimezone(IST).date() > date(year, 11, 30):
            # Too late for a note (s.34(2)): the money goes back all the same, and staff see it.
            assert notes == []
            assert list(refunds_for_staff()) == list(Refund.objects.all())
            return
        assert sum(note.total_paise for note in notes) == back
        for note in notes:
            assert note.taxable_paise == credit
            for found, due in zip(heads_of(note), self.case.heads(credit), strict=True):
                assert abs(found - due) <= 1

    def later(self, old, preview, end: datetime, now: datetime) -> None:
        if end - now < timedelta(minutes=10):
            return
        change = begin(old, self.case.then, now)
        page = change.checkouts.get()
        new_id = Fake.remote.pay(page.remote_id)
        checkout_refresh(checkout=page, now=now)
        run_due(now + timedelta(minutes=2))
        assert Payment.objects.count() == 1
        Fake.remote.now = end
        Fake.remote.renew()
        checkout_refresh(checkout=Checkout.objects.get(pk=page.pk), now=end)
        paid = Payment.objects.get(subscription__gateway_subscription_id=new_id)
        assert paid.amount_paise == preview.price_with_tax_paise
        self.invoiced(paid)

    def invoiced(self, paid: Payment) -> None:
        """One invoice of just that money, its tax by head, dated today in India."""
        document = TaxDocument.objects.get(settlements__payment=paid, kind="invoice")
        assert document.total_paise == paid.amount_paise
        assert heads_of(document) == self.case.heads(document.taxable_paise)
        whole = document.taxable_paise + sum(heads_of(document)) + document.rounding_paise
        assert (whole, abs(document.rounding_paise) <= 1) == (document.total_paise, True)
        assert document.taxable_paise == paid.base_paise
        assert document.issued_on == Fake.remote.now.astimezone(IST).date()


def heads_of(document: TaxDocument) -> tuple[int, int, int]:
    return document.cgst_paise, document.sgst_paise, document.igst_paise


def live_through(cases, tenant, user) -> dict[str, int]:
    """Each case on its own, taken back after; how many went each way."""
    ways: dict[str, int] = {}
    for number, case in enumerate(cases):
        try:
            with transaction.atomic():
                way = Told(case, tenant, user).run()
                transaction.set_rollback(True)
        except Exception as error:
            error.add_note(f"case {number}: {case}")
            raise
        ways[way] = ways.get(way, 0) + 1
    return ways


@pytest.mark.slow
@pytest.mark.parametrize("buyer", BUYERS)
def test_after_thirty_november_money_goes_back_without_a_note(
    buyer, remote, local_tenant, asha
) -> None:
    paid_at = datetime(2027, 3, 31, 18, 29, 59, tzinfo=UTC)
    case = Case(paid_at, Fraction(9, 10), "mandates", "year", "year", buyer, "dearer", "", 99_900)
    assert live_through([case], local_tenant, asha) == {"switch": 1}


def test_a_change_costs_what_was_shown(remote, local_tenant, asha) -> None:
    """On a 31st a second before midnight in India, a third of the way to 29 February."""
    leap = datetime(2028, 1, 31, 18, 29, 59, tzinfo=UTC)
    case = Case(leap, Fraction(1, 3), "mandates", "month", "year", "home", "dearer", "", 123_457)
    assert live_through([case], local_tenant, asha) == {"switch": 1}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_five_hundred_changes_cost_what_was_shown(seed, remote, local_tenant, asha) -> None:
    random = Random(seed)
    ways = live_through([case_of(random) for _ in range(50)], local_tenant, asha)
    assert {"switch", "in_place", "later"} <= set(ways)


@pytest.mark.slow
@pytest.mark.parametrize("gateway", ["mandates", "prorating"])
def test_a_coupon_that_ends_is_given_back_once_on_either_side_of_a_change(
    gateway, remote, local_tenant, asha
) -> None:
    """Half off for three months: of ₹999 ₹499.50 comes back, and of the year two months' half."""
    paid_at = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
    coupon("HALF", percent_basis_points=5_000, duration="repeating", months=3, valid_from=paid_at)
    coupon_take(tenant=local_tenant, code="HALF", now=paid_at)
    case = Case(paid_at, Fraction(1, 3), gateway, "month", "year", "far", "list", "", 99_900)
    account_update(tenant=local_tenant, now=paid_at, state_code="07")
    old = Told(case, local_tenant, asha).subscribe()
    now = paid_at + timedelta(days=10)
    run_due(paid_at + timedelta(minutes=2))
    assert list(Refund.objects.values_list("amount_paise", "state")) == [(58_941, "processed")]
    preview = change_preview(subscription=old, interval="year", now=now)
    # Two thirds of the ₹499.50 that it really cost; a gateway does not know of it, hence a switch.
    assert (preview.way, preview.charged_paise, preview.refund_paise) == (
        "switch",
        1_178_820,
        up(Fraction(33_300 * 118, 100)),
    )
    change = begin(old, "year", now)
    page = change.checkouts.get()
    Fake.remote.pay(page.remote_id)
    checkout_refresh(checkout=page, now=now)
    run_due(now + timedelta(minutes=2))
    back = sorted(Refund.objects.values_list("amount_paise", flat=True))
    of_year = up(Fraction(999_000, 12) * 2 / 2)
    assert back == sorted([58_941, 39_294, up(Fraction(of_year * 118, 100))])
    notes = TaxDocument.objects.filter(kind="credit_note")
    assert sorted(note.total_paise for note in notes) == back
    first, second = TaxDocument.objects.filter(kind="invoice").order_by("pk")
    assert (first.total_paise, second.total_paise) == (117_882, 1_178_820)
