"""Access that staff grant because terms were accepted outside: an invoice, a purchase order."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.models import StaffTerms
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.schedule.provisioning import workspace_prepare
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant


@public_context()
def staff_terms_accept(
    *, tenant: Tenant, actor_id: UUID, reason: str, until: datetime, now: datetime
) -> StaffTerms:
    """Full access until a date, with who and why on record; prepares a pending workspace.

    Raises InvalidInput for an empty reason or a date that has passed.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Write down what was agreed."), field="reason")
    if until <= now:
        raise InvalidInput(_("The end must lie in the future."), field="until")
    with transaction.atomic():
        terms = StaffTerms.objects.create(
            tenant=tenant, actor_id=actor_id, reason=reason, until=until, accepted_at=now
        )
        tenant_event(tenant, "staff_terms_accepted", reason=reason, actor_id=actor_id, now=now)
        workspace_prepare(tenant=tenant, reason="staff terms", now=now)
    return terms
