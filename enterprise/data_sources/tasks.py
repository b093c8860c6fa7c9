"""Long imports, and syncs with CRMs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from enterprise.data_sources.connectors import READERS
from enterprise.data_sources.errors import CrmNotConnected, SyncCancelled
from enterprise.data_sources.selectors import draft_of, rows_imported_by
from enterprise.data_sources.selectors.sync import waiting_until
from enterprise.data_sources.services import JOB, draft_import
from enterprise.data_sources.services.sync import GO_ON, SYNC_JOB, sync_run, sync_start
from marketing_platform.connections.selectors import connection_for
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.registry import Progress, job_kind
from marketing_platform.schedule.periodic import Every, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant


@job_kind(JOB, label=_("Importing a file"))
def import_run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """All rows in one transaction: a lost worker leaves the draft as it was, or all done."""
    # A worker has no host, so it says whose addresses it means.
    url = reverse("enterprise-data", urlconf="enterprise.data_sources.urls")
    stored = rows_imported_by(arguments["batch_id"])
    if stored is not None:
        return {"url": url, "rows": stored}
    draft = draft_of(arguments["batch_id"])

    def report(part: float) -> None:
        message = _("Reading the rows") if part < 0.7 else _("Storing the rows")
        progress(part, message)

    batch = draft_import(
        draft=draft,
        good_rows_only=arguments["good_rows_only"],
        may_replace=arguments["may_replace"],
        now=clock.now(),
        progress=report,
    )
    return {"url": url, "rows": batch.rows_imported}


@job_kind(SYNC_JOB, label=_("Syncing with your CRM"), cancelled=SyncCancelled.sentence)
def crm_sync(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Goes on from the stored cursor, so a second run after a lost one repeats nothing it must."""
    actor = arguments["actor_id"]
    run = sync_run(
        provider=arguments["provider"],
        is_full=arguments["is_full"],
        ticket=UUID(arguments["ticket"]),
        actor_id=UUID(actor) if actor else None,
        progress=progress,
    )
    url = reverse("enterprise-sync", urlconf="enterprise.data_sources.urls")
    return {"url": url, "run": run.pk, "state": run.state}


@periodic("enterprise.crm_sync_hourly", times=Every(timedelta(hours=1)), tiers=("enterprise",))
def crm_sync_hourly(_tenant: Tenant) -> None:
    """Orders a sync of each connected CRM, except of one that asked us to wait."""
    now = clock.now()
    connected = [provider for provider in READERS if connection_for(provider) is not None]
    waiting = waiting_until(connected, now)
    for provider in connected:
        if provider not in waiting:
            sync_start(provider=provider, actor_id=None, now=now)


@work_handler(GO_ON)
def crm_sync_on(_tenant: Tenant, *, provider: str) -> None:
    """The wait that a CRM asked for is over."""
    try:
        sync_start(provider=provider, actor_id=None, now=clock.now())
    except CrmNotConnected:
        return
