"""Thirteen months of billing: two plans at two gateways, and what can happen to them.

From 15 December 2027 to the end of January 2029 (a leap day and two ends of a financial year lie in
between), on real rows with the real services; the gateways are in memory and their clock is turned.
Every scenario is dated and checks its own end; at the last day the books are checked.
"""

import time
from unittest.mock import patch

from tests.benchmarks import provisioning
from tests.benchmarks.year_side.plain import (
    approved_late,
    every_plan_at_every_gateway,
    fail_retry_recover,
    halt,
    paused_in_the_upi_app,
    trial_end,
)
from tests.benchmarks.year_side.turns import (
    anniversaries,
    dispute,
    financial_year,
    leap_day,
    refund,
    switch_over,
    tds_short_pay,
)
from tests.benchmarks.year_side.world import (
    BEGINS,
    GATEWAYS,
    Year,
    books_check,
    prepare,
)


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows by scenario and figures, in a database of its own."""
    with provisioning._own_database():
        year = simulate()
        figures = year.figures()
    return [{"scenario": name, "found": one} for name, one in sorted(year.found.items())], figures


def main() -> None:
    rows, figures = run()
    for row in rows:
        print(f"{row['scenario']:<28}{row['found']}")
    for name, value in figures.items():
        print(f"{name}: {value}")


def simulate() -> Year:
    """All scenarios side by side on the present database."""
    from django.test import override_settings

    from billing.gateways import registry
    from tests.billing import fake_gateway
    from tests.billing.fake_gateway import Fake, Remote

    began, busy = time.perf_counter(), time.process_time()
    rows = {**registry.GATEWAYS, **fake_gateway.gateways()}
    with (
        patch.object(registry, "GATEWAYS", rows),
        patch.object(Fake, "remote", Remote(now=BEGINS), create=True),
        override_settings(BILLING_GATEWAYS=list(GATEWAYS)),
    ):
        year = Year(remote=Fake.remote, user=prepare())
        for scenario in SCENARIOS:
            scenario(year)
        year.go()
        books_check(year)
    year.seconds = time.perf_counter() - began
    year.cpu_seconds = time.process_time() - busy
    return year


SCENARIOS = (
    every_plan_at_every_gateway,
    trial_end,
    fail_retry_recover,
    halt,
    approved_late,
    paused_in_the_upi_app,
    anniversaries,
    leap_day,
    financial_year,
    switch_over,
    refund,
    tds_short_pay,
    dispute,
)


if __name__ == "__main__":
    main()
