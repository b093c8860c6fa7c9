"""A shop's own insights through its page, its API and its nightly run."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.automation.google_business.models import Review
from local.business.selectors import business_of, facts_of
from local.customers.models import Customer, Visit
from local.intelligence.front_door import BusinessInsightsRequest, LocalIntelligenceEngine
from local.intelligence.models import InsightRun
from local.intelligence.tasks import insights_find
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
NOW = clock.now()


def shop_fill(customers: int = 12) -> list[Customer]:
    """Twelve people who come every three weeks, three of them due; 16 reviews."""
    people = [
        Customer.objects.create(phone=f"+9198000010{number:02d}", created_at=NOW)
        for number in range(customers)
    ]
    for number, person in enumerate(people):
        last = 21 if number < 3 else 2
        for back in range(5):
            Visit.objects.create(
                customer=person,
                amount_paise=40_000,
                happened_at=NOW - timedelta(days=last + 21 * back),
                source="counter",
                created_at=NOW,
            )
    for number in range(16):
        late = number < 4
        Review.objects.create(
            source="pasted",
            reviewer=f"Guest {number}",
            stars=2 if late else 5,
            text="They were late" if late else "Sweets are fresh",
            created_at=NOW - timedelta(days=number),
            updated_at=NOW,
            seen_at=NOW,
        )
    return people


def ask(tenant: Tenant, *, now: datetime = NOW, is_fresh: bool = False) -> Any:
    return LocalIntelligenceEngine().get_business_insights(
        BusinessInsightsRequest(
            business=facts_of(business_of(tenant)),
            today=clock.today(now),
            now=now,
            is_fresh=is_fresh,
        )
    )


@pytest.fixture
def shop(local_tenant: Tenant) -> Iterator[Tenant]:
    with tenant_context(local_tenant):
        yield local_tenant


def test_who_is_due_is_named(shop: Tenant) -> None:
    people = shop_fill()
    answer = ask(shop)

    found = {row["key"]: row for row in answer.insights}
    assert found["due"]["value"] == 3
    assert set(answer.customers_of("due")) == {each.pk for each in people[:3]}
    assert found["reviews"]["value"] == 4
    assert {row["key"] for row in answer.missing} >= {"busy_hours", "segments"}
    assert answer.visits == 60


def test_an_empty_shop_is_told_what_is_needed_and_shown_no_number(shop: Tenant) -> None:
    answer = ask(shop)

    assert [row["key"] for row in answer.insights if row["key"] != "hours_risk"] == []
    assert {row["key"] for row in answer.missing} >= {
        *("busy_hours", "segments", "due", "slipping", "reviews", "rating")
    }


def test_a_child_s_visits_name_nobody(shop: Tenant) -> None:
    people = shop_fill()
    Customer.objects.filter(pk=people[0].pk).update(is_minor=True)

    assert people[0].pk not in ask(shop).customers_of("due")


def test_the_day_s_run_is_kept_until_asked_for_a_fresh_one(shop: Tenant) -> None:
    before = ask(shop)
    shop_fill()

    assert ask(shop).run_hash == before.run_hash
    fresh = ask(shop, is_fresh=True)
    assert fresh.run_hash != before.run_hash
    assert ask(shop).run_hash == fresh.run_hash


def test_the_same_records_are_the_same_run(shop: Tenant) -> None:
    shop_fill()
    ask(shop, is_fresh=True)
    ask(shop, is_fresh=True)

    assert InsightRun.objects.count() == 1


def test_the_nightly_run_leaves_today_s_insights(shop: Tenant) -> None:
    shop_fill()
    insights_find(shop)

    assert InsightRun.objects.get().visits == 60


def test_the_page_shows_them_in_both_languages(shop: Tenant, asha: User, session_for: Any) -> None:
    shop_fill()
    browser = session_for(asha, shop)

    english = browser.get("/insights/").content.decode()
    assert "3 customers are due for a visit" in english
    assert "They were late" in english
    assert "This needs 60 customers with their visits. So far: 12." in english
    browser.post("/language/", {"language": "hi"})
    hindi = browser.get("/insights/").content.decode()
    assert "3 ग्राहकों के आने का समय हो गया है" in hindi


def test_looking_again_takes_new_bills_in(shop: Tenant, asha: User, session_for: Any) -> None:
    browser = session_for(asha, shop)
    assert "are due for a visit" not in browser.get("/insights/").content.decode()
    with tenant_context(shop):
        shop_fill()

    answer = browser.post("/insights/again/", follow=True)

    assert "3 customers are due for a visit" in answer.content.decode()


def test_the_api_answers_the_same(shop: Tenant, asha: User, session_for: Any) -> None:
    shop_fill()
    body = session_for(asha, shop).get("/api/local/insights").json()

    due = next(row for row in body["insights"] if row["key"] == "due")
    assert due["title"] == "3 customers are due for a visit"
    assert due["action"] == {"kind": "remind", "label": "Remind those who agreed"}
    assert "customers" not in due
    assert body["visits"] == 60
