import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from marketing_platform.audit.models import AuditEntry
from marketing_platform.audit.services import audit_record, chain_is_whole
from marketing_platform.core import clock
from marketing_platform.tenants.context import current_schema, current_tenant, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership

pytestmark = pytest.mark.django_db


def test_a_workspace_is_left_even_after_an_error(local_tenant: Tenant) -> None:
    with pytest.raises(RuntimeError), tenant_context(local_tenant):
        assert current_tenant() == local_tenant
        raise RuntimeError

    assert (current_tenant(), current_schema()) == (None, "public")


def test_the_library_s_with_tenant_is_refused(local_tenant: Tenant) -> None:
    with pytest.raises(TypeError, match="tenant_context"), local_tenant:
        pass


def test_a_row_of_one_workspace_is_not_in_another(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    with tenant_context(local_tenant):
        audit_record(action="canary", actor_kind="system", now=clock.now())
    with tenant_context(enterprise_tenant):
        assert not AuditEntry.objects.filter(action="canary").exists()


def test_a_workspace_table_is_never_read_from_public() -> None:
    statement = f"SELECT count(*) FROM {AuditEntry._meta.db_table}"
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_public_rows_are_filtered_inside_a_workspace(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    with tenant_context(local_tenant):
        tenants = set(Membership.objects.values_list("tenant_id", flat=True))

    assert tenants == {local_tenant.pk}


def test_saving_another_workspaces_public_row_raises(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    theirs = Membership.objects.filter(tenant=enterprise_tenant).get()
    theirs.role = "viewer"

    with tenant_context(local_tenant), pytest.raises(CrossTenantError):
        theirs.save()
    with tenant_context(local_tenant), pytest.raises(CrossTenantError):
        theirs.delete()
    theirs.refresh_from_db()
    assert theirs.role == "owner"


def test_threads_do_not_share_the_acting_workspace(local_tenant: Tenant) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.append(current_schema())
        connection.close()

    with tenant_context(local_tenant):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert seen == ["public"]


def test_a_changed_audit_entry_breaks_the_chain(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        entry = audit_record(action="first", actor_kind="human", now=clock.now())
        audit_record(action="second", actor_kind="human", now=clock.now())
        assert chain_is_whole()
        with connection.cursor() as cursor:
            # Without this the database itself refuses.
            cursor.execute("ALTER TABLE platform_audit_auditentry DISABLE TRIGGER ALL")
        AuditEntry.objects.filter(pk=entry.pk).update(action="forged")

        assert not chain_is_whole()
