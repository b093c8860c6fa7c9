"""The search path follows the acting workspace, statement by statement."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import (
    DataError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from django_tenants.postgresql_backend.base import DatabaseWrapper as StockWrapper
from django_tenants.postgresql_backend.base import FakeTenant

from marketing_platform.tenants.backend.base import CursorWrapper, DatabaseWrapper
from marketing_platform.tenants.backend.errors import SchemaMissing
from marketing_platform.tenants.context import (
    bound,
    current_schema,
    each_in,
    public_context,
    tenant_context,
)

pytestmark = pytest.mark.django_db


def served() -> str:
    """The schema in which PostgreSQL would look first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def commit_in_vain() -> None:
    """An error is swallowed, and the transaction that it broke is committed."""
    with transaction.atomic():
        served()
        with suppress(DataError), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")


@contextmanager
def counted_sets() -> Iterator[Callable[[], int]]:
    before = connection.search_path_sets
    yield lambda: connection.search_path_sets - before


class TestFollowing:
    def test_enter_and_leave(self, local_tenant: Any, enterprise_tenant: Any) -> None:
        seen = [served()]
        with tenant_context(local_tenant):
            seen.append(served())
            with tenant_context(enterprise_tenant):
                seen.append(served())
            seen.append(served())
            with public_context():
                seen.append(served())
        seen.append(served())

        a, b = local_tenant.schema_name, enterprise_tenant.schema_name
        assert seen == ["public", a, b, a, "public", "public"]

    def test_an_exception_restores_the_former_workspace(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        with tenant_context(local_tenant):
            with pytest.raises(ZeroDivisionError), tenant_context(enterprise_tenant):
                served()
                _ = 1 / 0

            assert (current_schema(), served()) == (local_tenant.schema_name,) * 2

    def test_a_cursor_opened_before_a_switch_acts_for_whoever_acts_now(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        with tenant_context(local_tenant), connection.cursor() as held:
            with tenant_context(enterprise_tenant):
                served()
            held.execute("SELECT current_schema()")

            assert held.fetchone()[0] == local_tenant.schema_name

    def test_control_a_path_set_at_the_cursor_alone_would_be_another_ones(
        self, local_tenant: Any, enterprise_tenant: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def cursor(self: DatabaseWrapper, name: str | None = None) -> Any:
            self.search_path_apply()
            return original(self, name)

        original = DatabaseWrapper._cursor
        monkeypatch.setattr(DatabaseWrapper, "_cursor", cursor)
        monkeypatch.delattr(CursorWrapper.__mro__[1], "_execute")
        with tenant_context(local_tenant), connection.cursor() as held:
            with tenant_context(enterprise_tenant):
                served()
            held.execute("SELECT current_schema()")

            assert held.fetchone()[0] == enterprise_tenant.schema_name

    def test_copying_and_streaming_are_placed_too(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        copying = "COPY (SELECT current_schema()) TO STDOUT"
        with connection.cursor() as held:
            with tenant_context(local_tenant), held.copy(copying) as rows:
                copied = b"".join(rows).decode().strip()
            with tenant_context(enterprise_tenant):
                streamed = [name for (name,) in held.stream("SELECT current_schema()")]

        assert copied == local_tenant.schema_name
        assert streamed == [enterprise_tenant.schema_name]

    def test_many_statements_for_one_workspace_set_the_path_once(self, local_tenant: Any) -> None:
        served()
        with counted_sets() as sets, tenant_context(local_tenant):
            for _ in range(20):
                served()

            assert sets() == 1

    def test_coming_and_going_without_a_statement_sets_nothing(self, local_tenant: Any) -> None:
        served()
        with counted_sets() as sets:
            with tenant_context(local_tenant):
                pass
            served()

            assert sets() == 0


class TestAfterErrors:
    def test_a_savepoint_rolled_back_after_a_switch_inside(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        with tenant_context(local_tenant), transaction.atomic():
            served()
            with (
                pytest.raises(ZeroDivisionError),
                transaction.atomic(),
                tenant_context(enterprise_tenant),
            ):
                served()
                _ = 1 / 0

            assert served() == local_tenant.schema_name

    def test_a_savepoint_rolled_back_keeps_the_workspace_entered_inside(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        """The library's defect before 4.0.1: it named one workspace and read the other."""
        with tenant_context(local_tenant), transaction.atomic():
            served()
            point = transaction.savepoint()
            with tenant_context(enterprise_tenant):
                served()
                transaction.savepoint_rollback(point)

                assert served() == enterprise_tenant.schema_name

    def test_an_error_in_a_savepoint_and_leaving_the_workspace_at_once(
        self, local_tenant: Any
    ) -> None:
        """The way out of the context comes before the rollback to the savepoint."""
        with transaction.atomic():
            served()
            with (
                pytest.raises(DataError),
                transaction.atomic(),
                tenant_context(local_tenant),
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT 1/0")

            assert served() == "public"

    @pytest.mark.django_db(transaction=True)
    def test_a_commit_that_was_a_rollback_in_truth(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        """An error swallowed inside: PostgreSQL answers COMMIT with a rollback, without a word."""
        with tenant_context(local_tenant):
            served()
        with tenant_context(enterprise_tenant):
            commit_in_vain()

            assert served() == enterprise_tenant.schema_name

    @pytest.mark.django_db(transaction=True)
    def test_control_without_forgetting_the_other_workspace_would_be_read(
        self, local_tenant: Any, enterprise_tenant: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(DatabaseWrapper, "_search_path_forget", lambda self: None)
        with tenant_context(local_tenant):
            served()
        with tenant_context(enterprise_tenant):
            commit_in_vain()

            assert served() == local_tenant.schema_name

    @pytest.mark.django_db(transaction=True)
    def test_a_rolled_back_transaction(self, local_tenant: Any, enterprise_tenant: Any) -> None:
        with tenant_context(local_tenant):
            served()
        with tenant_context(enterprise_tenant):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                served()
                _ = 1 / 0

            assert served() == enterprise_tenant.schema_name

    @pytest.mark.django_db(transaction=True)
    def test_a_connection_lost_and_opened_again(self, local_tenant: Any) -> None:
        with tenant_context(local_tenant):
            served()
            connection.close()

            assert served() == local_tenant.schema_name


class TestFailingClosed:
    def test_a_schema_that_does_not_exist(self) -> None:
        ghost = FakeTenant("t_00000000000000000000000000")
        with tenant_context(ghost), pytest.raises(SchemaMissing):
            served()

    def test_it_fails_each_time_and_leaves_the_transaction_whole(self, local_tenant: Any) -> None:
        ghost = FakeTenant("t_00000000000000000000000000")
        with tenant_context(ghost):
            for _ in range(2):
                with pytest.raises(SchemaMissing):
                    served()
        with tenant_context(local_tenant):
            assert served() == local_tenant.schema_name

    def test_control_the_stock_backend_reads_public_instead(self) -> None:
        stock = StockWrapper(dict(connection.settings_dict), alias="default")
        try:
            stock.set_schema("t_00000000000000000000000000")
            with stock.cursor() as cursor:
                cursor.execute("SELECT current_schema(), count(*) FROM users_user")
                assert cursor.fetchone()[0] == "public"
        finally:
            stock.close()

    def test_a_missing_table_is_an_error(self, local_tenant: Any) -> None:
        from marketing_platform.audit.models import AuditEntry

        with tenant_context(local_tenant):
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {AuditEntry._meta.db_table}")
            with pytest.raises(ProgrammingError), transaction.atomic():
                list(AuditEntry.objects.values_list("pk"))

    def test_a_workspace_table_does_not_exist_on_the_public_side(self, db: None) -> None:
        from marketing_platform.audit.models import AuditEntry

        with connection.cursor() as cursor, pytest.raises(ProgrammingError):
            cursor.execute(f"SELECT 1 FROM {AuditEntry._meta.db_table}")

    @pytest.mark.parametrize("name", ["", 'a"b', "a;b", "a\nb", "pg_catalog", "x" * 64])
    def test_a_name_that_is_no_schema_name_is_refused(self, name: str) -> None:
        with pytest.raises(Exception, match="Invalid string used for the schema name"):
            connection.set_tenant(FakeTenant(name))


class TestThreads:
    @pytest.mark.django_db(transaction=True)
    def test_many_threads_and_two_workspaces(
        self, local_tenant: Any, enterprise_tenant: Any
    ) -> None:
        def work(number: int) -> int:
            tenants = (local_tenant, enterprise_tenant)
            wrong = 0
            try:
                for turn in range(60):
                    tenant = tenants[(turn + number) % 2]
                    with tenant_context(tenant):
                        wrong += served() != tenant.schema_name
                        wrong += connection.schema_name != tenant.schema_name
                return wrong
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(work, range(8))) == 0

    @pytest.mark.django_db(transaction=True)
    def test_a_new_thread_acts_for_nobody(self, local_tenant: Any) -> None:
        seen = []

        def look() -> None:
            try:
                seen.append((current_schema(), served()))
            finally:
                connections.close_all()

        with tenant_context(local_tenant):
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()

        assert seen == [("public", "public")]


class TestCallbacksAndGenerators:
    def test_on_commit_runs_for_the_workspace_that_asked(
        self, local_tenant: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        seen = []
        with django_capture_on_commit_callbacks(execute=True), tenant_context(local_tenant):
            transaction.on_commit(lambda: seen.append((current_schema(), served())))

        assert seen == [(local_tenant.schema_name,) * 2]

    def test_a_bound_function_acts_for_where_it_was_bound(self, local_tenant: Any) -> None:
        with tenant_context(local_tenant):
            later = bound(current_schema)

        assert (later(), current_schema()) == (local_tenant.schema_name, "public")

    def test_the_parts_of_an_iterator_are_made_inside_and_read_outside(
        self, local_tenant: Any
    ) -> None:
        inside = (current_schema() for _ in range(3))
        seen = [(part, current_schema()) for part in each_in(local_tenant, inside)]

        assert seen == [(local_tenant.schema_name, "public")] * 3
