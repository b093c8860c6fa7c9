"""Buying on paper from the quote to the certificate, with staff at their own pages."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from billing.models import (
    BillingAccount,
    IncomingTransfer,
    Plan,
    PlanVersion,
    Quote,
    StaffTerms,
    TaxDocument,
)
from billing.selectors.documents import open_paise
from billing.selectors.ledger import balance_of, trial_balance
from billing.services.accounts import account_update, workspace_details
from billing.services.invoicing import invoice_issue
from billing.services.quotes import quote_accept, quote_make
from billing.services.tds import certificate_upload, certificates_open
from marketing_platform.core import clock
from marketing_platform.users.models import User
from tests.billing.test_admin import signed_in
from tests.billing.test_paper import (
    PDF,
    buyer,  # noqa: F401 - a fixture
)

pytestmark = pytest.mark.django_db
SECTION = "393(1) 1027"


@pytest.fixture
def staff(db: Any) -> Any:
    boss = User.objects.create_superuser(email="staff@example.in", password="a-long-password-3")
    return signed_in(boss)


def act(staff: Any, name: str, action: str, row: Any, **form: Any) -> str:
    data = {"action": action, "_selected_action": str(row.pk), "act_id": str(uuid.uuid4())}
    answer = staff.post(
        f"/billing/{name}/", {**data, "reason": "as agreed by e-mail", **form}, follow=True
    )
    return answer.content.decode()


def ordered(tenant: Any, **facts: Any) -> Quote:
    now = clock.now()
    account_update(tenant=tenant, now=now, **facts)
    workspace_details(tenant=tenant, cost_centre="CC 4", now=now)
    quote = quote_make(tenant=tenant, interval="month", now=now)
    return quote_accept(tenant=tenant, quote_id=quote.pk, po_number="PO-7", now=now)


def arrived(staff: Any, rupees: str, utr: str, **form: Any) -> str:
    facts = {"utr": utr, "amount": rupees, "received_on": f"{clock.today(clock.now())}"}
    return act(staff, "billingaccount", "arrived", BillingAccount.objects.get(), **facts, **form)


@pytest.mark.parametrize(("rupees", "rate"), [("27000", 1000), ("29000", 200)])
def test_order_invoice_and_a_transfer_less_its_tax(
    staff: Any,
    buyer: Any,  # noqa: F811
    rupees: str,
    rate: int,
) -> None:
    quote = ordered(buyer, tds_section=SECTION, tds_basis_points=rate)
    assert (
        "Days an invoice may stay open"
        in staff.post(
            "/billing/quote/", {"action": "confirm", "_selected_action": str(quote.pk)}
        ).content.decode()
    )
    assert not TaxDocument.objects.exists()
    said = act(staff, "quote", "confirm", quote, net_days="30")
    invoice = TaxDocument.objects.get()
    assert invoice.number in said
    assert invoice.due_on == clock.today(clock.now()) + timedelta(days=30)
    assert (invoice.po_number, invoice.cost_centre) == ("PO-7", "CC 4")
    assert StaffTerms.objects.get(tenant=buyer).actor_id is not None
    act(staff, "quote", "confirm", quote, net_days="30")
    assert TaxDocument.objects.count() == 1

    for _twice in range(2):
        arrived(staff, rupees, "HDFCN52026112200001")
    transfer = IncomingTransfer.objects.get()
    assert (transfer.state, transfer.amount_paise) == ("matched", int(rupees) * 100)
    assert (open_paise(invoice), balance_of(buyer)) == (0, 0)
    assert sum(row.amount_paise for row in trial_balance()) == 0
    later = clock.now() + timedelta(days=130)
    (wanted,) = certificates_open(tenant=buyer, now=later)
    assert wanted.booked_paise == 2_950_000 - int(rupees) * 100
    given = certificate_upload(
        tenant=buyer,
        certificate_id=wanted.pk,
        certificate_number="ABCDE",
        certified_paise=wanted.booked_paise,
        file_name="q.pdf",
        content=PDF,
        now=later,
    )
    assert given.state == "matched"
    assert "another amount" in arrived(staff, "1", "HDFCN52026112200001")
    assert IncomingTransfer.objects.get().amount_paise == int(rupees) * 100


def test_one_transfer_for_two_invoices(staff: Any, buyer: Any) -> None:  # noqa: F811
    quote = ordered(buyer, tds_section=SECTION, tds_basis_points=1000)
    act(staff, "quote", "confirm", quote, net_days="45")
    second = invoice_issue(
        tenant=buyer, subscription=None, base_paise=2_500_000, cause="test:2", now=clock.now()
    )
    arrived(staff, "54000", "HDFCN52026112200002")
    assert [open_paise(row) for row in TaxDocument.objects.all()] == [0, 0]
    assert second.settlements.count() == 2
    assert balance_of(buyer) == 0


def test_a_transfer_is_of_the_payer_that_staff_chose(staff: Any, buyer: Any) -> None:  # noqa: F811
    act(staff, "quote", "confirm", ordered(buyer), net_days="30")
    said = arrived(staff, "12345", "HDFCN52026112200003")
    transfer = IncomingTransfer.objects.get()
    assert (transfer.state, transfer.account) == ("queued", BillingAccount.objects.get())
    assert transfer.remark in said
    assert "UTR has 6 to 40" in arrived(staff, "12345", "x")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"effective_from_0": "2020-01-01"}, "A price cannot begin in the past."),
        ({"monthly": "0.99"}, "A price is at least"),
        ({"sac": "12"}, "six digits"),
        ({"quotas": '{"castles": 3}'}, "castles"),
        ({"quotas": "[1]"}, "Limits by name"),
    ],
)
def test_a_wrong_price_is_sent_back_with_its_field(
    staff: Any, wrong: dict[str, str], words: str
) -> None:
    plan = Plan.objects.get(tier="local")
    good = {
        "monthly": "1299",
        "annual": "12990",
        "effective_from_0": f"{clock.today(clock.now()) + timedelta(days=9)}",
        "effective_from_1": "00:00:00",
        "quotas": "{}",
        "sac": "998314",
    }
    path = f"/billing/plan/{plan.pk}/change/"

    def sent(form: dict[str, str]) -> Any:
        rows = {f"versions-0-{name}": text for name, text in form.items()}
        counts = {"versions-TOTAL_FORMS": "1", "versions-INITIAL_FORMS": "0"}
        return staff.post(path, {**counts, "versions-0-plan": str(plan.pk), **rows})

    assert words in sent({**good, **wrong}).content.decode()
    assert PlanVersion.objects.filter(plan=plan).count() == 1
    assert sent(good).status_code == 302
    assert list(plan.versions.values_list("number", flat=True)) == [2, 1]
