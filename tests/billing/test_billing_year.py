"""Thirteen months with everything that may happen, as the benchmark runs them."""

import pytest

from tests.benchmarks.billing_year import simulate
from tests.benchmarks.year_side.world import MOST_SECONDS

WANTED = {
    "trial end",
    "fail, retry, recover",
    "halt",
    "AFA approved late",
    "paused by the customer",
    "anniversary 29",
    "anniversary 30",
    "anniversary 31",
    "leap day",
    "financial year",
    "switch-over",
    "refund",
    "TDS short pay",
    "dispute",
    "books",
}


@pytest.mark.slow
@pytest.mark.django_db
def test_thirteen_months_of_two_plans_at_two_gateways():
    year = simulate()
    assert year.failed == []
    assert set(year.found) >= WANTED
    assert len([name for name in year.found if name.startswith("plain")]) == 4
    assert year.seconds <= MOST_SECONDS
