"""The rows of a sync: its source, its log, and each page stored with its cursor or not at all."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from enterprise.data_sources.connectors import Page
from enterprise.data_sources.errors import CrmSyncLost, SyncTaken
from enterprise.data_sources.models import DataSource, SyncCursor, SyncRun
from enterprise.data_sources.services.records import records_merged, records_store
from enterprise.data_sources.services.sample import sample_clear
from enterprise.data_sources.services.sources import source_made
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.core.errors import PlatformError

# Longer than any wait or call between two pages.
SILENCE = timedelta(minutes=10)
LOG_KEPT = timedelta(days=90)


def source_for(provider: str, account: str, now: datetime) -> DataSource:
    """One source per account of a CRM: another account's records never mix with these. Raises
    QuotaReached."""
    name = f"{PROVIDERS[provider].label} {account}"[:80]
    return source_made(kind=provider, name=name, now=now)


def run_begin(
    *,
    source: DataSource,
    is_full: bool,
    ticket: uuid.UUID,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> SyncRun:
    """A full run forgets the cursors, once. Raises SyncTaken while another one is alive."""
    with transaction.atomic():
        DataSource.objects.select_for_update().get(pk=source.pk)
        runs = SyncRun.objects.filter(source=source)
        for other in runs.filter(state=SyncRun.State.RUNNING):
            if other.ticket != ticket and other.seen_at > now - SILENCE:
                raise SyncTaken
            run_end(other, error=CrmSyncLost(), now=now)
        if is_full and not runs.filter(ticket=ticket).exists():
            SyncCursor.objects.filter(source=source).delete()
        runs.filter(started_at__lt=now - LOG_KEPT).delete()
        return SyncRun.objects.create(
            source=source,
            token=uuid.uuid4(),
            ticket=ticket,
            is_full=is_full,
            actor_id=actor_id,
            started_at=now,
            seen_at=now,
        )


def position_of(source: DataSource, table: str) -> dict[str, Any]:
    found = SyncCursor.objects.filter(source=source, table=table)
    return found.values_list("position", flat=True).first() or {}


def page_store(run: SyncRun, table: str, page: Page, *, now: datetime) -> None:
    """Rows, cursor and log in one transaction. Raises SyncTaken when another run took over."""
    with transaction.atomic():
        DataSource.objects.select_for_update().get(pk=run.source_id)
        if not _mine(run).select_for_update().exists():
            raise SyncTaken
        if page.entries and not run.pages:
            sample_clear(now=now)
        done = records_store(source=run.source, entries=page.entries, batch=None, now=now)
        merged = records_merged(source=run.source, table=table, ids=page.merged, now=now)
        if page.position:
            SyncCursor.objects.update_or_create(
                source=run.source,
                table=table,
                defaults={"position": page.position, "moved_at": now},
            )
        _mine(run).update(
            seen_at=now,
            pages=F("pages") + 1,
            rows_new=F("rows_new") + done.new,
            rows_changed=F("rows_changed") + done.changed + merged,
            rows_unchanged=F("rows_unchanged") + done.unchanged,
            rows_unreadable=F("rows_unreadable") + page.unreadable,
            amounts_left_out=F("amounts_left_out") + page.amounts_left_out,
        )
    run.refresh_from_db()


def run_end(run: SyncRun, *, error: PlatformError | None = None, now: datetime) -> bool:
    """False when it was over already, or another run took its place."""
    state = SyncRun.State.FAILED if error else SyncRun.State.DONE
    return _close(run, state, error, now)


def run_wait(run: SyncRun, *, error: PlatformError, goes_on_at: datetime, now: datetime) -> bool:
    return _close(run, SyncRun.State.WAITING, error, now, goes_on_at=goes_on_at)


def _close(
    run: SyncRun, state: str, error: PlatformError | None, now: datetime, **more: Any
) -> bool:
    said: dict[str, Any] = {}
    if error is not None:
        said = {"error": str(error.sentence)[:400], "error_params": error.params}
        said["error_code"] = str(error.code)[:60]
    changed = _mine(run).update(state=state, ended_at=now, seen_at=now, **said, **more)
    run.refresh_from_db()
    return bool(changed)


def _mine(run: SyncRun) -> Any:
    return SyncRun.objects.filter(pk=run.pk, token=run.token, state=SyncRun.State.RUNNING)
