"""The database refuses to change or remove what the audit log holds."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketing_platform.audit.models import AuditEntry
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE platform_audit_auditentry SET action = 'forged'",
        "DELETE FROM platform_audit_auditentry",
        "TRUNCATE platform_audit_auditentry",
    ],
)
def test_a_written_entry_stays(in_local_workspace: Tenant, statement: str) -> None:
    audit_record(action="signed_in", actor_kind="human", now=clock.now())
    with (
        pytest.raises(IntegrityError, match="only added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEntry.objects.get().action == "signed_in"


def test_enterprise_workspaces_are_guarded_too(in_enterprise_workspace: Tenant) -> None:
    audit_record(action="signed_in", actor_kind="human", now=clock.now())
    with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
        AuditEntry.objects.all().delete()
