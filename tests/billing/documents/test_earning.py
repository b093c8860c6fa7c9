"""Deferred revenue month by month."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import Sum

from billing.engine import ledger
from billing.models import JournalEntry, JournalLine, RevenueSlice, TaxDocument
from billing.services import earning
from billing.services.earning import revenue_earn
from billing.services.invoicing import credit_note_issue
from billing.tasks.earning import earn_revenue
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork

START = datetime(2026, 11, 15, 6, 30, tzinfo=UTC)


def balance(account: str) -> int:
    return (
        JournalLine.objects.filter(account=account).aggregate(sum=Sum("amount_paise"))["sum"] or 0
    )


@pytest.fixture
def year(issue: Callable[..., TaxDocument]) -> TaxDocument:
    return issue(
        base_paise=999_000,
        now=START,
        period_start=date(2026, 11, 15),
        period_end=date(2027, 11, 15),
    )


def test_a_month_is_earned_when_it_is_over_and_once(year: TaxDocument) -> None:
    last_moment = datetime(2026, 11, 30, 18, 29, 59, tzinfo=UTC)
    assert revenue_earn(now=last_moment) == 0
    over = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
    assert revenue_earn(now=over) == 1
    assert revenue_earn(now=over) == 0
    # 16 of 365 days: 999,000 x 16 / 365 = 43,791.78.
    assert balance(ledger.REVENUE) == -43_792
    assert balance(ledger.DEFERRED_REVENUE) == 43_792 - 999_000
    entry = JournalEntry.objects.get(kind="revenue")
    assert entry.posted_on == date(2026, 11, 30)
    assert RevenueSlice.objects.get(month="2026-11").earned_at == over


def test_after_the_year_all_is_earned_to_the_paisa(
    year: TaxDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earning, "BATCH", 5)
    assert revenue_earn(now=datetime(2027, 12, 1, tzinfo=UTC)) == 13
    assert balance(ledger.DEFERRED_REVENUE) == 0
    assert balance(ledger.REVENUE) == -999_000


def test_a_credit_note_is_taken_from_what_is_not_earned(year: TaxDocument) -> None:
    january = datetime(2027, 1, 31, 19, 0, tzinfo=UTC)
    revenue_earn(now=january)
    earned = balance(ledger.REVENUE)
    left = 999_000 + earned
    note = credit_note_issue(
        document=year, taxable_paise=left, reason="cancelled", cause="n:1", now=january
    )
    assert sum(note.slices.values_list("amount_paise", flat=True)) == -left
    assert balance(ledger.DEFERRED_REVENUE) == 0
    revenue_earn(now=datetime(2027, 12, 1, tzinfo=UTC))
    assert (balance(ledger.REVENUE), balance(ledger.DEFERRED_REVENUE)) == (earned, 0)


def test_a_credit_beyond_that_lowers_the_month_of_the_note(year: TaxDocument) -> None:
    revenue_earn(now=datetime(2027, 12, 1, tzinfo=UTC))
    december = datetime(2027, 11, 29, 6, 30, tzinfo=UTC)
    credit_note_issue(
        document=year, taxable_paise=100_000, reason="goodwill", cause="n:1", now=december
    )
    revenue_earn(now=datetime(2027, 12, 1, tzinfo=UTC))
    assert balance(ledger.REVENUE) == -899_000
    assert balance(ledger.DEFERRED_REVENUE) == 0


def test_entries_of_a_workspace_carry_it(year: TaxDocument, local_tenant: Any) -> None:
    revenue_earn(now=datetime(2026, 12, 1, tzinfo=UTC))
    assert set(JournalLine.objects.values_list("tenant", flat=True)) == {local_tenant.pk}


@pytest.mark.usefixtures("us")
def test_the_first_month_is_planned_and_each_run_plans_the_next(
    issue: Callable[..., TaxDocument],
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def planned() -> list[tuple[str, datetime]]:
        rows = DueWork.objects.filter(task="billing.earn_revenue").order_by("due_at")
        return list(rows.values_list("key", "due_at"))

    with django_capture_on_commit_callbacks(execute=True):
        for cause in ("test:1", "test:2"):
            issue(cause=cause, now=START, period_start=date(2026, 11, 15),
                  period_end=date(2026, 12, 15))  # fmt: skip
    november = ("billing-earn:2026-11", datetime(2026, 11, 30, 21, 0, tzinfo=UTC))
    assert planned() == [november]
    monkeypatch.setattr(clock, "now", lambda: november[1])
    earn_revenue(None)
    december = ("billing-earn:2026-12", datetime(2026, 12, 31, 21, 0, tzinfo=UTC))
    assert planned() == [november, december]
    assert RevenueSlice.objects.exclude(earned_at=None).count() == 2
    revenue_earn(now=december[1])
    assert planned() == [november, december]
    assert not RevenueSlice.objects.filter(earned_at=None).exists()
