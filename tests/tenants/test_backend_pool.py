"""A real psycopg pool, as in production; the tests' own connection has none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from marketing_platform.tenants.backend.base import DatabaseWrapper
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    options = {"pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    settings_dict = {**connection.settings_dict, "OPTIONS": options, "CONN_HEALTH_CHECKS": True}
    wrapper = DatabaseWrapper(settings_dict, alias="isolation_pool")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def read(wrapper: DatabaseWrapper) -> tuple[str, int]:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT current_schema(), pg_backend_pid()")
        return cursor.fetchone()


def test_one_connection_shared_by_two_threads_serves_each_its_own(
    pooled: DatabaseWrapper, local_tenant: Any, enterprise_tenant: Any
) -> None:
    def work(tenant: Any) -> list[str]:
        mine = DatabaseWrapper(pooled.settings_dict, alias=pooled.alias)
        seen = []
        for _ in range(100):
            with tenant_context(tenant):
                seen.append(read(mine)[0])
            mine.close()
        return seen

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(work, (local_tenant, enterprise_tenant))

    assert set(one) == {local_tenant.schema_name}
    assert set(other) == {enterprise_tenant.schema_name}


def test_a_connection_given_back_in_a_transaction_forgets_its_path(
    pooled: DatabaseWrapper, local_tenant: Any, enterprise_tenant: Any
) -> None:
    with tenant_context(local_tenant):
        read(pooled)
    with tenant_context(enterprise_tenant):
        pooled.set_autocommit(False)
        read(pooled)
        pooled.close()  # the pool rolls back, and with it the path

        assert read(pooled)[0] == enterprise_tenant.schema_name


def test_the_same_workspace_again_sets_nothing(pooled: DatabaseWrapper, local_tenant: Any) -> None:
    with tenant_context(local_tenant):
        for _ in range(10):
            read(pooled)
            pooled.close()

    assert pooled.search_path_sets == 1


def test_a_connection_that_served_many_workspaces_is_replaced(
    pooled: DatabaseWrapper, local_tenant: Any, enterprise_tenant: Any, settings: Any
) -> None:
    settings.SCHEMAS_PER_CONNECTION = 2
    servers = []
    for tenant in (local_tenant, local_tenant, enterprise_tenant, local_tenant):
        with tenant_context(tenant):
            servers.append(read(pooled)[1])
        pooled.close()

    assert servers[0] == servers[1] == servers[2] != servers[3]


def test_work_that_goes_from_workspace_to_workspace_replaces_it_in_between(
    pooled: DatabaseWrapper, local_tenant: Any, enterprise_tenant: Any, settings: Any
) -> None:
    settings.SCHEMAS_PER_CONNECTION = 2
    servers = []
    for tenant in (local_tenant, enterprise_tenant, local_tenant):
        with tenant_context(tenant):
            servers.append(read(pooled)[1])
        pooled.close_if_worn()

    assert servers[0] == servers[1] != servers[2]
