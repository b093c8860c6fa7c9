"""What staff see of money: from the invoices and the steps themselves."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from billing.admin.figures import HEIGHT, WIDTH, bars_of
from billing.models import DunningStep, TaxDocument
from billing.staff_selectors import dunning_funnel, failed_events_of, recurring_months
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from tests.billing.test_admin import signed_in
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
PAGE = "/billing/subscription/figures/"


@pytest.fixture
def staff(db):
    from marketing_platform.users.models import User

    return signed_in(
        User.objects.create_superuser(email="staff@example.in", password="a-long-password-3")
    )


def invoice(tenant, number, start, end, paise, **changes):
    facts = rows._document(tenant) | {
        "number": number,
        "cause": f"test:{number}",
        "issued_on": date.fromisoformat(start),
        "lines": [{"period_start": start, "period_end": end, "taxable_paise": paise}],
        "taxable_paise": paise,
        "cgst_paise": 0,
        "sgst_paise": 0,
        "igst_paise": 0,
        "total_paise": paise,
    }
    return TaxDocument.objects.create(tenant=tenant, **(facts | changes))


def test_recurring_revenue_is_what_invoices_pay_for(local_tenant, enterprise_tenant):
    invoice(local_tenant, "A1", "2026-09-10", "2026-10-10", 99_900)
    invoice(local_tenant, "A2", "2026-11-10", "2026-12-10", 99_900)
    invoice(enterprise_tenant, "B1", "2026-10-05", "2027-10-05", 25_000_000)
    months = {month.month: month for month in recurring_months(now=NOW, count=3)}
    assert (months["2026-09"].recurring_paise, months["2026-09"].customers) == (99_900, 1)
    assert (months["2026-10"].recurring_paise, months["2026-10"].lost) == (2_083_333, 1)
    assert months["2026-10"].churn_basis_points == 10_000
    assert (months["2026-11"].recurring_paise, months["2026-11"].new) == (2_183_233, 1)
    assert months["2026-11"].average_paise == 1_091_616


def test_a_credit_note_takes_its_part_out(local_tenant):
    first = invoice(local_tenant, "A1", "2026-11-01", "2026-12-01", 99_900)
    for number, paise in (("C1", 40_000), ("C2", 9_900)):
        invoice(
            local_tenant, number, "2026-11-05", "2026-12-01", paise,
            kind="credit_note", original=first,
        )  # fmt: skip
    (month,) = recurring_months(now=NOW, count=1)
    assert month.recurring_paise == 50_000
    invoice(
        local_tenant, "C3", "2026-11-06", "2026-12-01", 50_000,
        kind="credit_note", original=first,
    )  # fmt: skip
    (month,) = recurring_months(now=NOW, count=1)
    assert (month.recurring_paise, month.customers) == (0, 0)


def test_the_funnel_counts_episodes_by_how_far_they_came(local_tenant, enterprise_tenant):
    told = {
        local_tenant: ("failed", "reminder_1", "recovered"),
        enterprise_tenant: ("failed", "last_call", "suspended"),
    }
    for tenant, steps in told.items():
        for step in steps:
            DunningStep.objects.create(
                tenant=tenant,
                subscription=rows.subscription(tenant),
                episode_at=NOW - timedelta(days=9),
                step=step,
                language="en",
                done_at=NOW,
            )
    counts = {row.step: (row.count, row.share) for row in dunning_funnel(now=NOW)}
    assert counts["failed"] == (2, 10_000)
    assert counts["suspended"] == (1, 5_000)
    assert counts["recovered"] == (1, 5_000)
    assert counts["reminder_2"] == (0, 0)
    assert all(row.count == 0 for row in dunning_funnel(now=NOW + timedelta(days=90)))


def test_bars_stay_in_their_picture_and_nothing_known_is_no_bar():
    bars = bars_of([("a", 100, "x"), ("b", None, "–"), ("c", 50, "y"), ("d", 0, "z")])
    assert [bar.height for bar in bars] == [112.0, 0.0, 56.0, 0.0]
    assert all(bar.x + bar.width <= WIDTH and 0 <= bar.y <= HEIGHT for bar in bars)
    assert bars_of([]) == ()


def test_the_page_draws_every_figure_without_a_script_of_its_own(staff, local_tenant):
    invoice(local_tenant, "A1", "2026-11-01", "2099-12-01", 99_900)
    page = staff.get(PAGE).content.decode()
    for title in ("Monthly recurring revenue", "Churn", "Average revenue", "Dunning", "Failed"):
        assert title in page
    chart = page[page.index("<svg viewBox") : page.rindex("</svg>")]
    assert "<script" not in chart
    assert "style=" not in chart
    assert chart.count("<rect") == 3 * 12 + 6


@pytest.mark.parametrize("table", ["months", "funnel", "webhooks"])
def test_each_table_is_there_as_csv(staff, local_tenant, table):
    response = staff.get(f"{PAGE}{table}.csv")
    assert response["Content-Type"].startswith("text/csv")
    assert response.content.decode("utf-8-sig").splitlines()[0].count(",") >= 2
    assert staff.get(f"{PAGE}nothing.csv").status_code == 404


def failed_event(text="x", **changes):
    facts = {
        "provider": settings.BILLING_GATEWAYS[0],
        "event_id": "evt_9",
        "body_hash": "9" * 64,
        "kind": "junk",
        "payload": {"id": text},
        "state": "failed",
        "outcome": "=HYPERLINK(1)",
        "received_at": clock.now(),
    }
    return InboundEvent.objects.create(**(facts | changes))


def test_a_failed_webhook_is_listed_applied_again_and_no_formula_in_the_file(staff, local_tenant):
    event = failed_event()
    assert "evt_9" in staff.get(PAGE).content.decode()
    table = staff.get(f"{PAGE}webhooks.csv").content.decode()
    assert ",'=HYPERLINK(1)" in table
    assert "+05:30," in table
    form = {"act_id": str(uuid.uuid4()), "reason": "the gateway was down"}
    response = staff.post(f"{PAGE}events/{event.pk}/again/", form)
    assert response.status_code == 302
    event.refresh_from_db()
    assert event.outcome != "=HYPERLINK(1)"
    assert event.settled_at is not None


def test_failed_events_are_found_by_the_gateways_number_alone(local_tenant):
    subscription = rows.subscription(local_tenant)
    subscription.gateway, subscription.gateway_subscription_id = "sandbox", "sub_12"
    subscription.save()
    mine = failed_event("sub_12")
    failed_event("sub_123", event_id="evt_10", body_hash="8" * 64)
    assert failed_events_of(subscription) == [mine]
    subscription.gateway_subscription_id = ""
    assert failed_events_of(subscription) == []


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}months.csv"])
def test_an_owner_does_not_see_the_figures(meera, path):
    assert signed_in(meera).get(path).status_code == 302
