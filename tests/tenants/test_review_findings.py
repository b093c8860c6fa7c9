"""Ways round the guard and the locks that a review found."""

from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from psycopg.pq import TransactionStatus

from marketing_platform.api.models import ApiKey
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.tenants.acting import ACTING, Acting
from marketing_platform.tenants.backend.base import DatabaseWrapper
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.migrations_runner import named_lock
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db


def key_of(tenant: Any, number: int) -> ApiKey:
    return ApiKey.objects.create(
        tenant=tenant,
        name=f"key {number}",
        prefix=f"live_{number}",
        secret_hash="x" * 64,
        scopes=["read"],
        created_at=clock.now(),
    )


@pytest.fixture
def keys(local_tenant: Any, enterprise_tenant: Any) -> tuple[ApiKey, ApiKey]:
    return key_of(local_tenant, 1), key_of(enterprise_tenant, 2)


def test_another_s_row_is_not_deleted_by_its_key(keys: Any, local_tenant: Any) -> None:
    with tenant_context(local_tenant), pytest.raises(CrossTenantError):
        ApiKey(pk=keys[1].pk, tenant=local_tenant).delete()

    assert ApiKey.objects.filter(pk=keys[1].pk).exists()


def test_own_rows_are_deleted_by_their_key(keys: Any, local_tenant: Any) -> None:
    with tenant_context(local_tenant):
        ApiKey(pk=keys[0].pk, tenant=local_tenant).delete()

    assert not ApiKey.objects.filter(pk=keys[0].pk).exists()


def test_an_upsert_takes_nobody_s_row_however_it_is_written(keys: Any, local_tenant: Any) -> None:
    mine = ApiKey(pk=keys[1].pk, tenant=local_tenant, name="taken", created_at=clock.now())
    with tenant_context(local_tenant), pytest.raises(CrossTenantError):
        ApiKey.objects.bulk_create([mine], None, False, True, ["name", "tenant"], ["id"])

    assert ApiKey.objects.get(pk=keys[1].pk).name == "key 2"


def test_no_query_leads_from_a_person_to_their_places(local_tenant: Any) -> None:
    with tenant_context(local_tenant), pytest.raises(FieldError):
        list(User.objects.values_list("memberships__role"))


def test_a_raw_delete_asks_too(local_tenant: Any, enterprise_tenant: Any) -> None:
    with tenant_context(local_tenant):
        rows = AuditEntry.objects.all()
    with tenant_context(enterprise_tenant), pytest.raises(CrossTenantError):
        rows._raw_delete("default")


class TestLocks:
    """Through a real pool: what is given back may go to anybody."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def pooled(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        options = {"pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
        wrapper = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, alias="locks")
        monkeypatch.setattr("marketing_platform.tenants.migrations_runner.connection", wrapper)
        yield wrapper
        wrapper.close()
        wrapper.close_pool()

    @staticmethod
    def held() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND datname = current_database()"
            )
            return cursor.fetchone()[0]

    def test_a_lock_is_released_when_the_workspace_went_away_meanwhile(self, pooled: Any) -> None:
        token = None
        with named_lock("one"):
            assert self.held() == 1
            token = ACTING.set(Acting("t_0", None, ("t_0", "public")))
        ACTING.reset(token)

        assert self.held() == 0

    def test_a_connection_given_back_with_its_lock_is_closed(self, pooled: Any) -> None:
        with named_lock("two"):
            pooled.close()
            for _ in range(200):
                if not self.held():
                    break
                pooled.ensure_connection()
                pooled.close()

            assert self.held() == 0

    def test_a_released_connection_is_used_again(self, pooled: Any) -> None:
        with named_lock("three"):
            server = pooled.connection.info.backend_pid
        pooled.close()
        pooled.ensure_connection()

        assert pooled.connection.info.backend_pid == server
        assert pooled.connection.info.transaction_status == TransactionStatus.IDLE
