"""Payouts of gateways in the books, and on the bank's statement."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from billing.engine import ledger
from billing.errors import StatementColumnsMissing, StatementUnreadable
from billing.gateways.base import PayoutItemSnapshot, PayoutSnapshot
from billing.models import BankLine, BankStatement, Dispute, JournalEntry, Payout
from billing.selectors.ledger import trial_balance
from billing.selectors.payouts import (
    lines_open,
    unknown_items,
    unmatched_payouts,
    untied_payouts,
)
from billing.services import payouts
from billing.services.bank_statements import payouts_match, problems_csv, statement_add
from billing.services.ledger import journal_post
from billing.services.payouts import items_look_again, payouts_import
from billing.services.transfers import transfers_from_statement
from billing.tasks.payouts import payouts_order
from marketing_platform.core import clock
from marketing_platform.core.tables import TableUnreadable, xlsx_write
from marketing_platform.schedule.models import DueWork
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)
STAFF = "00000000-0000-0000-0000-000000000001"
HEADER = ("Date", "Narration", "Chq./Ref.No.", "Withdrawal Amt.", "Deposit Amt.", "Balance")


class Paying:
    """A gateway that tells what the test wants to hear."""

    def __init__(self, *snapshots):
        self.snapshots, self.asked = list(snapshots), []
        self.capabilities = type("All", (), {"has_payouts": True})

    def payouts_since(self, since):
        self.asked.append(since)
        yield from self.snapshots


@pytest.fixture
def told(monkeypatch):
    """told(snapshot, …): import what the gateway tells; answers the report."""

    def run(*snapshots, now=NOW):
        gateway = Paying(*snapshots)
        monkeypatch.setattr(payouts, "gateway_of", lambda _code: gateway)
        report = payouts_import(gateway_code="sandbox", since=now - timedelta(days=14), now=now)
        report.asked = gateway.asked
        return report

    return run


def item(kind="payment", remote_id="pay_9", paise=118, fee=10, tax=2):
    return PayoutItemSnapshot(kind, remote_id, paise, fee, tax)


def paid_out(*items, amount=None, **changes):
    items = items or (item(),)
    net = sum(one.amount_paise - one.fee_paise - one.fee_tax_paise for one in items)
    facts = {
        "remote_id": "pout_1",
        "utr": "SBXN1A2B3C",
        "state": "processed",
        "amount_paise": net if amount is None else amount,
        "fee_paise": sum(one.fee_paise for one in items),
        "fee_tax_paise": sum(one.fee_tax_paise for one in items),
        "paid_on": DAY,
        "items": items,
    }
    return PayoutSnapshot(**(facts | changes))


def books():
    return {row.account: row.amount_paise for row in trial_balance()}


def sheet(*lines):
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in (HEADER, *lines)).encode()


def line(narration="NEFT CR-SBXN1A2B3C-SANDBOX", paid_in="1.06", on="20/11/2026", ref=""):
    return (on, narration, ref, "", paid_in, "9")


def add(content, name="november.csv"):
    return statement_add(content=content, file_name=name, actor_id=STAFF, now=NOW)


def test_a_payout_is_kept_and_booked_once(told, local_tenant):
    payment = rows.payment(local_tenant)
    journal_post(
        kind="payment",
        cause="payment:9",
        narration="x",
        postings=ledger.payment_received(118),
        on=DAY,
        now=NOW,
        tenant=local_tenant,
    )
    snapshot = paid_out(item(remote_id=payment.remote_id))
    assert told(snapshot).posted == ["pout_1"]
    assert books() == {"customers": -118, "bank": 106, "gateway_fees": 10, "input_gst": 2}
    again = told(snapshot)
    assert (again.seen, again.posted, again.odd, again.untied) == (1, [], [], [])
    row = Payout.objects.get()
    assert (row.state, row.amount_paise, row.items.get().is_known) == ("processed", 106, True)
    assert JournalEntry.objects.get(kind="payout").posted_on == DAY
    assert not unknown_items().exists()


def test_what_is_unknown_is_listed_until_it_is_ours(told, local_tenant):
    told(paid_out(item(), item("refund", "rfd_9", -18, 0, 0), item("payment", "odd", 7, 0, 0)))
    assert {row.remote_id for row in unknown_items()} == {"pay_9", "rfd_9", "odd"}
    payment = rows.payment(local_tenant)
    type(payment).objects.filter(pk=payment.pk).update(remote_id="pay_9")
    assert items_look_again(gateway_code="sandbox", now=NOW) == 1
    assert {row.remote_id for row in unknown_items()} == {"rfd_9", "odd"}


def test_a_payment_of_another_amount_is_not_ours(told, local_tenant):
    payment = rows.payment(local_tenant)
    told(paid_out(item(remote_id=payment.remote_id, paise=119)))
    assert unknown_items().get().amount_paise == 119


def test_a_failed_payout_leaves_the_books_and_may_still_succeed(told):
    snapshot = paid_out()
    failed = replace(snapshot, state="failed")
    assert told(failed).posted == []
    assert books() == {}
    assert told(snapshot).posted == ["pout_1"]
    assert told(failed).reversed == ["pout_1"]
    assert told(failed).reversed == []
    assert books() == {}
    assert told(snapshot).posted == ["pout_1"]
    assert told(replace(snapshot, state="in_transit")).reversed == []
    assert books()["bank"] == 106
    days = JournalEntry.objects.order_by("id").values_list("posted_on", flat=True)
    assert list(days) == [DAY, clock.today(NOW), clock.today(NOW)]


def test_a_payout_waits_for_all_its_items(told):
    part = paid_out(item(), amount=224)
    assert told(part).untied == ["pout_1"]
    assert books() == {}
    assert [row.difference_paise for row in untied_payouts()] == [118]
    whole = replace(part, items=(*part.items, item("payment", "pay_10", 118, 0, 0)))
    assert told(whole).posted == ["pout_1"]
    assert books()["bank"] == 224
    assert untied_payouts() == []


def test_what_is_booked_is_not_rewritten(told):
    told(paid_out())
    assert told(paid_out(item(paise=500))).odd == ["pout_1"]
    assert books()["bank"] == 106
    assert Payout.objects.get().amount_paise == 106


def test_a_utr_that_comes_later_is_taken_over_and_stays(told):
    told(paid_out(utr=""))
    told(paid_out())
    told(paid_out(utr=""))
    assert Payout.objects.get().utr == "SBXN1A2B3C"


def test_an_adjustment_is_a_loss_until_it_is_a_disputes(told, local_tenant):
    kept = item("adjustment", "dsp_9", -50, 0, 0)
    told(paid_out(item(), kept))
    assert books() == {
        "bank": 56, "gateway_fees": 10, "input_gst": 2, "gateways": -118, "adjustments": 50,
    }  # fmt: skip
    Dispute.objects.create(
        tenant=local_tenant,
        payment=rows.payment(local_tenant),
        remote_id="dsp_9",
        amount_paise=50,
        state="open",
        observed_at=NOW,
        created_at=NOW,
    )
    told(paid_out(item(), kept))
    assert books() == {"bank": 56, "gateway_fees": 10, "input_gst": 2, "gateways": -68}
    told(paid_out(item(), kept, state="failed"))
    assert books() == {}
    told(paid_out(item(), kept))
    assert books() == {"bank": 56, "gateway_fees": 10, "input_gst": 2, "gateways": -68}


def test_undecided_payouts_are_asked_for_again(told):
    assert told().asked == [NOW - timedelta(days=14)]
    told(paid_out(state="failed", paid_on=date(2026, 9, 1)))
    later = NOW + timedelta(days=30)
    assert told(now=later).asked == [datetime(2026, 8, 25, tzinfo=clock.IST)]
    too_late = NOW + timedelta(days=121)
    assert told(now=too_late).asked == [too_late - timedelta(days=14)]


def test_the_sandbox_pays_out(twin, start, local_tenant):
    from billing.services import checkout_refresh

    checkout = start()
    twin.act(checkout, "pay")
    checkout_refresh(checkout=checkout, now=clock.now())
    httpx.post(f"{twin.url}/_control/payouts", json={}, trust_env=False).raise_for_status()
    payouts_import(
        gateway_code="sandbox", since=clock.now() - timedelta(minutes=5), now=clock.now()
    )
    mine = checkout.payments.get()
    found = Payout.objects.get(items__remote_id=mine.remote_id)
    assert found.items.get(remote_id=mine.remote_id).is_known
    entry = JournalEntry.objects.get(cause=f"payout:{found.pk}:1")
    assert entry.lines.get(account="bank").amount_paise == found.amount_paise


def test_each_gateway_is_asked_once_a_night(settings):
    settings.BILLING_GATEWAYS = ("sandbox", "stripe")
    for _workspace in range(2):
        payouts_order(now=NOW)
    found = DueWork.objects.filter(task="billing.import_payouts")
    assert {row.arguments["gateway_code"] for row in found} == {"sandbox", "stripe"}
    assert found.count() == 2


def test_a_statement_confirms_payouts_and_the_rest_is_listed(told):
    told(paid_out(), paid_out(remote_id="pout_2", utr="SBXN9Z9Z9Z"))
    found = add(sheet(line(), line("NEFT CR-SBXN9Z9Z9Z", "1.05"), line("RENT", "7.00")))
    assert Payout.objects.get(bank_line__statement=found).remote_id == "pout_1"
    assert [(row.payout.remote_id, row.code) for row in unmatched_payouts()] == [
        ("pout_2", "other_amount")
    ]
    assert "another amount" in unmatched_payouts()[0].sentence
    assert {row.amount_paise for row in lines_open()} == {105, 700}
    before = books()
    assert payouts_match() == 0
    assert books() == before


def test_the_statement_may_come_before_the_payout(told):
    add(sheet(line()))
    assert lines_open().count() == 1
    told(paid_out())
    assert (lines_open().count(), unmatched_payouts()) == (0, [])


def test_a_payout_taken_for_a_transfer_is_taken_back_once_it_is_known(told):
    found = add(sheet(line(ref="SBXN1A2B3C")))
    (taken,) = transfers_from_statement(statement=found, now=NOW)
    for _turn in range(2):
        told(paid_out())
    taken.refresh_from_db()
    assert (taken.state, "pout_1" in taken.remark) == ("returned", True)
    assert found.lines.get().payout.remote_id == "pout_1"
    assert unmatched_payouts() == []
    # Once in the bank, as the payout.
    assert books()["bank"] == found.lines.get().amount_paise
    assert transfers_from_statement(statement=found, now=NOW) == []


def test_a_transfer_with_a_payouts_utr_and_another_amount_is_told(told):
    found = add(sheet(line("NEFT CR", "1.05", ref="SBXN1A2B3C")))
    transfers_from_statement(statement=found, now=NOW)
    told(paid_out())
    assert [row.code for row in unmatched_payouts()] == ["taken_as_transfer"]


def test_the_same_file_and_overlapping_periods_are_counted_once():
    first = add(sheet(line(), line("CASH", "5.00"), line("CASH", "5.00")))
    assert add(sheet(line(), line("CASH", "5.00"), line("CASH", "5.00")), "copy.csv") == first
    assert (first.lines.count(), BankStatement.objects.count()) == (3, 1)
    longer = (line(), *[line("CASH", "5.00")] * 3, line("LATER", "9.00", on="21/11/2026"))
    second = add(sheet(*longer))
    assert [row.amount_paise for row in second.lines.all()] == [500, 900]


def test_a_spreadsheet_is_a_statement_too():
    content = xlsx_write([HEADER, line(paid_in="1,17,882.00"), line("OUT")], title="Sheet1")
    found = add(content, "november.xlsx")
    assert list(found.lines.values_list("amount_paise", flat=True)) == [11_788_200, 106]


def test_of_a_statement_with_a_bad_row_nothing_is_taken():
    with pytest.raises(StatementUnreadable) as caught:
        add(sheet(line(), line("=HYPERLINK(1)", on="11/20/2026"), line("B", "five")))
    assert [(one.row, one.why) for one in caught.value.problems] == [(3, "date"), (4, "amount")]
    assert caught.value.english.startswith("2 rows")
    report = problems_csv(caught.value.problems).decode("utf-8-sig").splitlines()
    assert report[0] == "Row,Problem,What stands there"
    assert report[1].startswith("3,The date cannot be read")
    assert not BankStatement.objects.exists() and not BankLine.objects.exists()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"Name,Phone\nAsha,9", StatementColumnsMissing),
        (b"", TableUnreadable),
        (b"%PDF-1.7", TableUnreadable),
    ],
)
def test_another_file_is_refused(content, error):
    with pytest.raises(error):
        add(content)
