"""Invented customers: seen in the lists, counted nowhere, written to never, and cleared."""

from datetime import timedelta
from uuid import UUID

import pytest

from local.customers.engine.segments import Segment
from local.customers.errors import CustomerInvented
from local.customers.models import Customer, ImportBatch, Visit
from local.customers.selectors import (
    bills_facts,
    customer_count,
    has_sample,
    rows_of,
    segment_counts,
    segment_members,
    visits_between,
)
from local.customers.services import (
    consent_record,
    customer_create,
    customer_edit,
    customers_export,
    sample_clear,
    sample_show,
    visit_record,
)
from local.usage import usage_of
from marketing_platform.tenants.context import tenant_context

PAGE = "/customers/"
SAMPLE = "/customers/sample/"


@pytest.fixture
def sample(shop, now):
    assert sample_show(now=now)


def invented() -> UUID:
    return Customer.objects.filter(batch__is_sample=True).first().pk


def test_they_fill_the_lists_that_a_shop_looks_at(sample, now) -> None:
    counts = segment_counts(now, with_sample=True)

    assert counts.customers == Customer.objects.count() == 24
    for segment in (Segment.REGULAR, Segment.DUE, Segment.SLIPPING, Segment.LOST):
        assert counts.count(segment) > 0, segment
    assert counts.count(Segment.ALL_AGREED) == 0


def test_they_are_counted_and_found_nowhere_else(sample, now) -> None:
    start = now - timedelta(days=400)
    kept = customers_export(
        file_format="csv", sees_numbers=True, say=str, now=now, actor_id=UUID(int=1)
    )

    assert Visit.objects.count() > 100
    assert visits_between(start, now) == []
    assert bills_facts() == []
    assert customer_count() == usage_of()["contacts"] == 0
    assert rows_of(after=None, limit=50, sees_numbers=True) == []
    assert all(segment_members(segment, now) == () for segment in Segment)
    assert len(kept.decode().splitlines()) == 1


def test_nobody_of_them_has_a_number_or_agreed(sample, tick, now) -> None:
    assert not Customer.objects.exclude(phone=None, bsuid=None).exists()
    one = invented()
    facts = {"name": "A", "language": "", "birthday": None, "note": ""}
    with pytest.raises(CustomerInvented):
        consent_record(customer_id=one, given=tick(), source="counter", now=now)
    with pytest.raises(CustomerInvented):
        visit_record(customer_id=one, amount_paise=100, now=now)
    with pytest.raises(CustomerInvented):
        customer_edit(
            customer_id=one, phone="9999900001", is_minor=False, guardian_name="", now=now, **facts
        )


def test_the_first_own_customer_takes_their_place(sample, now) -> None:
    customer_create(phone="9999900001", name="Ravi", now=now)

    assert [row.name for row in Customer.objects.all()] == ["Ravi"]
    assert not has_sample()
    assert not Visit.objects.exists()


def test_the_first_bill_takes_their_place(sample, now) -> None:
    visit_record(phone="9999900001", amount_paise=1200, now=now)

    assert Customer.objects.count() == Visit.objects.count() == 1


def test_beside_own_customers_none_are_invented(shop, now) -> None:
    customer_create(phone="9999900001", name="Ravi", now=now)

    assert not sample_show(now=now)
    assert Customer.objects.count() == 1


def test_twice_they_come_once_and_clearing_leaves_nothing(sample, now) -> None:
    assert not sample_show(now=now)
    assert sample_clear() == 24
    assert sample_clear() == 0
    assert not (Customer.objects.exists() or Visit.objects.exists())
    assert not ImportBatch.objects.exists()
    assert sample_show(now=now)


def test_the_page_offers_shows_and_clears_them(
    workspace_client, local_tenant, asha, in_local_workspace
) -> None:
    owner = workspace_client(local_tenant, asha)
    assert "Show invented customers" in owner.get(PAGE).content.decode()

    page = owner.post(SAMPLE, {"do": "show"}, follow=True).content.decode()
    assert "These customers are invented" in page
    assert "Download as CSV" not in page
    with tenant_context(local_tenant):
        one = invented()
    assert "An invented customer" in owner.get(f"{PAGE}{one}/").content.decode()

    page = owner.post(SAMPLE, {"do": "clear"}, follow=True).content.decode()
    assert "The invented customers are gone." in page
    assert "Show invented customers" in page
