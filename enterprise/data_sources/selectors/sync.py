"""Connected CRMs, how fresh their records are, and what the last syncs did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from enterprise.data_sources.connectors import READERS
from enterprise.data_sources.errors import CrmUnknown
from enterprise.data_sources.models import Contact, DataSource, Deal, Lead, SyncRun
from marketing_platform.connections.models import Connection
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.connections.selectors import connection_live
from marketing_platform.jobs.models import OPEN, Job, JobState

SYNC_KIND = "enterprise.crm_sync"


@dataclass(frozen=True)
class CrmState:
    """One CRM as its card shows it. ``fresh_at``: when a sync last reached the end.

    ``as_of``: how old the records are, whether a sync brought them or not.
    """

    provider: str
    label: str
    connection: Connection | None
    source: DataSource | None
    run: SyncRun | None
    fresh_at: datetime | None
    as_of: datetime | None
    contacts: int
    deals: int
    leads: int
    job: Job | None

    @property
    def is_connected(self) -> bool:
        return self.connection is not None and self.connection.is_connected


def crms() -> tuple[CrmState, ...]:
    return tuple(crm_of(provider) for provider in READERS)


def crm_of(provider: str) -> CrmState:
    """Raises CrmUnknown."""
    if provider not in READERS:
        raise CrmUnknown
    run = sync_runs(provider).first()
    source = run.source if run else _held(provider)
    done = SyncRun.objects.filter(source=source, state=SyncRun.State.DONE)
    fresh_at = done.aggregate(at=Max("ended_at"))["at"] if source else None
    return CrmState(
        provider=provider,
        label=PROVIDERS[provider].label,
        connection=connection_live(provider),
        source=source,
        run=run,
        fresh_at=fresh_at,
        as_of=fresh_at or _stored_at(source),
        contacts=_count(Contact, source),
        deals=_count(Deal, source),
        leads=_count(Lead, source),
        job=Job.objects.filter(kind=SYNC_KIND, key=provider, state__in=OPEN).first(),
    )


def failed_job_of(provider: str) -> Job | None:
    """The last order, when it failed before there was a source to log it at."""
    last = Job.objects.filter(kind=SYNC_KIND, key=provider).first()
    return last if last is not None and last.state == JobState.FAILED else None


def sync_runs(provider: str = "") -> QuerySet[SyncRun]:
    """Newest first; of one CRM when it is named. Raises CrmUnknown."""
    runs = SyncRun.objects.select_related("source").order_by("-id")
    if not provider:
        return runs
    if provider not in READERS:
        raise CrmUnknown
    return runs.filter(source__kind=provider)


def waiting_until(providers: Iterable[str], now: datetime) -> dict[str, datetime]:
    """CRMs that asked us to wait, and until when."""
    found = {}
    for provider in providers:
        run = sync_runs(provider).first()
        if run is not None and run.goes_on_at is not None and run.goes_on_at > now:
            found[provider] = run.goes_on_at
    return found


def _held(provider: str) -> DataSource | None:
    """A source that no sync of ours brought and that holds records all the same, as the demo's."""
    found = DataSource.objects.filter(kind=provider, cleared_at=None).order_by("-id")
    return next((source for source in found if _stored_at(source)), None)


def _stored_at(source: DataSource | None) -> datetime | None:
    if source is None:
        return None
    moments = [
        model.objects.filter(source=source, removed_at=None).aggregate(at=Max("stored_at"))["at"]
        for model in (Contact, Deal, Lead)
    ]
    return max(filter(None, moments), default=None)


def _count(model: type, source: DataSource | None) -> int:
    if source is None:
        return 0
    return model.objects.filter(source=source, removed_at=None).count()
