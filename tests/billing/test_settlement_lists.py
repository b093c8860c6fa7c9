"""What staff read of payouts is read on the public side, and as often for many as for few."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import BankLine, BankStatement, Payout, PayoutItem
from billing.selectors import payouts
from billing.services import payouts as services
from marketing_platform.tenants.context import public_context, tenant_context
from tests.billing.settlement_world import noon, out, paid
from tests.billing.test_payouts import Paying, item, paid_out

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
STAFF = "00000000-0000-0000-0000-000000000001"


def statement():
    facts = {"file_name": "x", "actor_id": STAFF, "uploaded_at": NOW}
    return BankStatement.objects.get_or_create(sha256="1", defaults=facts)[0]


def line(row, utr="", paise=5, narration=""):
    facts = {"utr": utr, "amount_paise": paise, "narration": narration}
    return BankLine.objects.create(statement=statement(), row=row, on=date(2026, 11, 3), **facts)


def lists():
    return (
        [row.pk for row in payouts.lines_open()],
        [(one.payout.pk, one.code) for one in payouts.unmatched_payouts()],
        [row.pk for row in payouts.unknown_items()],
        [(one.payout.pk, one.difference_paise) for one in payouts.untied_payouts()],
        payouts.bank_state_ids("differs"),
        payouts.matches_now().pairs,
        [one.state for one in payouts.last_asked(["sandbox", "stripe"])],
    )


def test_the_lists_are_the_same_from_inside_a_workspace(local_tenant, enterprise_tenant):
    row = out("setl_1", noon(3), ("payment", "pay_x", 100, 0, 0), is_booked=False)
    Payout.objects.filter(pk=row.pk).update(amount_paise=107)
    out("setl_2", noon(3), ("payment", "pay_y", 200, 0, 0), is_booked=False)
    line(1, "UTRSETL1", 100)
    Payout.objects.filter(pk=row.pk).update(utr="UTRSETL1")
    assert services.payouts_ask(gateway_code="sandbox", now=NOW, key="a")
    with public_context():
        outside = lists()
    assert outside[6] == ["waiting", "never"]
    assert outside[1] and outside[2] and outside[3] == [(row.pk, 7)] and outside[4] == [row.pk]
    for tenant in (local_tenant, enterprise_tenant):
        with tenant_context(tenant):
            assert lists() == outside


def test_the_lists_ask_as_often_for_many(local_tenant):
    def grow(first, last):
        for number in range(first, last):
            paid(local_tenant, f"pay_{number}", 100, noon(3))
            out(f"setl_{number}", noon(3), ("payment", f"pay_{number}", 100, 1, 0))
            out(f"odd_{number}", noon(3), ("payment", f"odd_{number}", 100, 1, 0), is_booked=False)
            Payout.objects.filter(remote_id=f"odd_{number}").update(amount_paise=number)
            line(number + 1, f"UTR{number}", number + 5)

    def asked():
        with CaptureQueriesContext(connection) as found:
            lists()
        return len(found)

    grow(0, 2)
    before = asked()
    grow(2, 7)
    assert asked() == before


def test_a_line_that_went_out_is_no_payouts_unless_the_payout_is_below_zero():
    Payout.objects.create(
        gateway="stripe", remote_id="po_1", utr="ABCN1234567", state="processed",
        amount_paise=-500, paid_on=date(2026, 11, 3), created_at=NOW,
    )  # fmt: skip
    line(1, "ABCN1234567", -499)
    assert payouts.matches_now().pairs == {}
    taken = line(2, "", -500, "ACH DR ABCN1234567 STRIPE")
    assert list(payouts.matches_now().pairs.values()) == [taken.pk]


def test_what_the_gateway_put_elsewhere_leaves_the_payout_while_it_is_not_booked(monkeypatch):
    def told(snapshot):
        monkeypatch.setattr(services, "gateway_of", lambda _code: Paying(snapshot))
        return services.payouts_import(gateway_code="sandbox", since=NOW, now=NOW)

    assert told(paid_out(item(), item(remote_id="moved"), amount=106)).untied == ["pout_1"]
    assert told(paid_out(item(), amount=106)).posted == ["pout_1"]
    assert list(PayoutItem.objects.values_list("remote_id", flat=True)) == ["pay_9"]
