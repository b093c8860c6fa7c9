"""A refund that came back, in the months that staff compare."""

from datetime import date

import pytest

from billing.engine import ledger
from billing.models import Refund
from billing.selectors.gateway_month import gateway_months
from tests.billing.settlement_world import TODAY, a_month, entry, noon, paid, refunded

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", [(30, 11), (3, 12)])
def test_a_refund_that_came_back_is_no_fault(local_tenant, day):
    a_month(local_tenant)
    at = noon(*day)
    row = refunded(paid(local_tenant, "pay_9", 500, noon(29)), "rfnd_9", 500, noon(29))
    Refund.objects.filter(pk=row.pk).update(state="failed", settled_at=at)
    back = ledger.reversed_of(ledger.refund_paid(500))
    entry("refund", f"refund:{row.pk}:failed", back, at, local_tenant)
    # Nothing of it is a stranger to every gateway.
    firsts = (date(2026, 11, 1), date(2026, 12, 1))
    found = [gateway_months(first, today=TODAY) for first in firsts]
    assert [[month.gateway for month in months] for months in found] == [["razorpay"]] * 2
    months = [months[0] for months in found]
    assert [month.faults for month in months] == [0, 0]
    told = [("taken_back", "refunds", f"refund:{row.pk}", paise) for paise in (-500, 500)]
    codes = [
        [(one.code, one.line, one.key, one.paise) for one in month.differences] for month in months
    ]
    assert codes == ([[], []] if day[1] == 11 else [[told[0]], [told[1]]])
