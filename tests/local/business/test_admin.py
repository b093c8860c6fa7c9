import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from local.business.models import LocalBusiness
from local.business.services import business_create
from marketing_platform.core import clock
from marketing_platform.tenants.services import tenant_reserve

pytestmark = pytest.mark.django_db


def listed(django_assert_max_num_queries, asha, count):
    model_admin = admin.site._registry[LocalBusiness]
    request = RequestFactory().get("/local_business/localbusiness/")
    request.user = get_user_model()(is_staff=True, is_superuser=True, is_active=True)
    with django_assert_max_num_queries(8):
        changes = model_admin.get_changelist_instance(request)
        rows = [
            (row.name, model_admin.city_name(row), model_admin.workspace(row))
            for row in changes.result_list
        ]
    assert len(rows) == count
    return rows


def test_the_list_costs_the_same_for_one_and_for_many(
    django_assert_max_num_queries, asha, local_tenant
):
    listed(django_assert_max_num_queries, asha, 1)
    for number in range(10):
        tenant = tenant_reserve(
            tier="local", name=f"Shop {number}", language="en", actor_id=asha.pk, now=clock.now()
        )
        business_create(
            tenant=tenant,
            name=f"Shop {number}",
            category="salon",
            city="indore",
            languages=["hi"],
            now=clock.now(),
        )
    rows = listed(django_assert_max_num_queries, asha, 11)
    assert rows[0][:2] == ("Asha Sweets", "Pune")


def test_staff_may_not_add_or_delete_here():
    model_admin = admin.site._registry[LocalBusiness]
    request = RequestFactory().get("/")
    assert not model_admin.has_add_permission(request)
    assert not model_admin.has_delete_permission(request)
