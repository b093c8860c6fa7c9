"""Where data comes from, one row each, and the room that the plan has for sources and people."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from enterprise.data_sources.models import Contact, DataSource, Lead
from enterprise.data_sources.selectors.usage import people_stored, sources_own
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.quotas import quota_check, quota_lock

# A lead is a person too: both count as contacts.
PEOPLE = (Contact, Lead)
AT_ONCE = 5_000


def source_made(*, kind: str, name: str, now: datetime) -> DataSource:
    """The source of this kind and name. Raises QuotaReached when the plan has no room for a new
    one; then nothing of it is read or stored."""
    known = DataSource.objects.filter(kind=kind, name=name, is_sample=False)
    found = known.first()
    if found is not None:
        return found
    tenant = current_tenant()
    with transaction.atomic():
        quota_lock(tenant.schema_name, "data_sources")
        if not known.exists():
            quota_check(tenant, "data_sources", used=lambda: sources_own().count())
        made, _created = DataSource.objects.get_or_create(
            kind=kind, name=name, is_sample=False, defaults={"created_at": now}
        )
    return made


def people_check(*, source: DataSource, model: type, ids: Iterable[str]) -> None:
    """Before the first row of a lot is written, in its transaction. Raises QuotaReached with the
    figures; what is known already needs no room."""
    if model not in PEOPLE or source.is_sample:
        return
    tenant, wanted = current_tenant(), list(ids)
    quota_lock(tenant.schema_name, "contacts")
    known = sum(
        model.objects.filter(source=source, external_id__in=wanted[at : at + AT_ONCE]).count()
        for at in range(0, len(wanted), AT_ONCE)
    )
    quota_check(
        tenant,
        "contacts",
        used=lambda: sum(rows.count() for rows in people_stored()),
        more=len(wanted) - known,
    )
