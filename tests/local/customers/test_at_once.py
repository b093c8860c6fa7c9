"""Two at the same moment, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction

from local.customers.models import Customer, Visit
from local.customers.services import customers, visit_record
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db(transaction=True)


def twice(tenant, act):
    """`act` in two threads that begin together; the exceptions they raised."""
    together = Barrier(2)

    def run():
        try:
            with tenant_context(tenant):
                together.wait(timeout=10)
                act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(run) for _each in range(2)]
    return [answer.result() for answer in answers if answer.result() is not None]


def test_one_number_twice_at_once_is_one_customer_with_two_bills(local_tenant):
    def act():
        visit_record(phone="9999900001", amount_paise=100, now=clock.now())

    assert twice(local_tenant, act) == []
    with tenant_context(local_tenant):
        assert (Customer.objects.count(), Visit.objects.count()) == (1, 2)


def test_without_the_lock_one_of_the_two_fails(local_tenant, monkeypatch):
    """The control: only the database's own rule is left, and somebody's bill is lost."""
    together = Barrier(2)
    monkeypatch.setattr(customers, "customers_lock", lambda: None)
    monkeypatch.setattr(customers, "room_check", lambda: together.wait(timeout=10))

    def act():
        with transaction.atomic():
            visit_record(phone="9999900001", amount_paise=100, now=clock.now())

    assert [type(error).__name__ for error in twice(local_tenant, act)] == ["IntegrityError"]
