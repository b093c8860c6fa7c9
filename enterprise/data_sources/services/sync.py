"""Reading a connected CRM into contacts, deals and leads: ordered by a job, stored page by page."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from enterprise.data_sources.connectors import READERS, Reader, Stream
from enterprise.data_sources.errors import (
    CrmAnswerOdd,
    CrmNotConnected,
    CrmUnknown,
    SyncCancelled,
    SyncTaken,
)
from enterprise.data_sources.models import DataSource, SyncRun
from enterprise.data_sources.services.sync_rows import (
    page_store,
    position_of,
    run_begin,
    run_end,
    run_wait,
    source_for,
)
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient, client_for
from marketing_platform.connections.models import Connection
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.connections.selectors import connection_for
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.errors import JobCancelled
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.registry import Progress
from marketing_platform.jobs.services import job_start
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant

SYNC_JOB, GO_ON = "enterprise.crm_sync", "enterprise.crm_sync_on"
# Longer waits do not hold a worker: the run ends and another goes on when they are over.
LONGEST_WAIT_SECONDS, STEP_SECONDS = 20.0, 1.0
WAIT_UNSAID = timedelta(minutes=5)
TRIES = 3
PASSING = frozenset({"unreachable", "server", "timeout", "rate_limited"})
sleep = time.sleep


def sync_start(
    *, provider: str, is_full: bool = False, actor_id: uuid.UUID | None, now: datetime
) -> Job:
    """Order a sync; while one of this CRM waits or runs, that one is answered.

    `is_full` reads everything again. Raises CrmUnknown, CrmNotConnected.
    """
    _connected(provider)
    arguments = {
        "provider": provider,
        "is_full": is_full,
        "ticket": str(uuid.uuid4()),
        "actor_id": str(actor_id) if actor_id else None,
    }
    return job_start(kind=SYNC_JOB, arguments=arguments, actor_id=actor_id, now=now, key=provider)


def sync_run(
    *,
    provider: str,
    is_full: bool,
    ticket: uuid.UUID,
    actor_id: uuid.UUID | None,
    progress: Progress,
) -> SyncRun:
    """Read what changed, store it page by page with its cursor, and log it.

    Ends `done`, or `waiting` when the provider asks for a long wait. Whatever else goes wrong is
    logged and raised: CrmNotConnected, ProviderFailure, CrmAnswerOdd, SyncTaken. What was stored
    before holds, and the next run goes on from there.
    """
    connection, reader = _connected(provider), READERS[provider]
    client = client_for(connection)
    source, failure = _source(reader, client, progress)
    run = run_begin(
        source=source, is_full=is_full, ticket=ticket, actor_id=actor_id, now=clock.now()
    )
    try:
        if failure is not None:
            raise failure
        for place, stream in enumerate(reader.streams):
            told = _teller(progress, run, place, len(reader.streams))
            _stream_read(run, stream, client, told)
    except ProviderFailure as problem:
        if problem.kind != "rate_limited":
            run_end(run, error=problem, now=clock.now())
            raise
        _go_on_later(run, problem)
    except JobCancelled:
        run_end(run, error=SyncCancelled(), now=clock.now())
        raise
    except PlatformError as problem:
        run_end(run, error=problem, now=clock.now())
        raise
    except Exception:
        run_end(run, error=CrmAnswerOdd(), now=clock.now())
        raise
    else:
        run_end(run, now=clock.now())
    return run


def _connected(provider: str) -> Connection:
    if provider not in READERS:
        raise CrmUnknown
    connection = connection_for(provider)
    if connection is None:
        raise CrmNotConnected(provider=PROVIDERS[provider].label)
    return connection


def _source(
    reader: Reader, client: ProviderClient, progress: Progress
) -> tuple[DataSource, ProviderFailure | CrmAnswerOdd | None]:
    """The source of this account. When the CRM does not say which, the last one takes the log."""
    for tries in range(1, TRIES + 2):
        try:
            return source_for(reader.provider, reader.account_of(client), clock.now()), None
        except (ProviderFailure, CrmAnswerOdd) as problem:
            failure, seconds = problem, _pause(problem, tries)
        if seconds is None:
            break
        _wait(seconds, lambda: progress(0.0, _("Asking which account this is")))
    last = SyncRun.objects.filter(source__kind=reader.provider).order_by("-id").first()
    if last is None:
        raise failure
    return last.source, failure


def _stream_read(
    run: SyncRun, stream: Stream, client: ProviderClient, told: Callable[[], None]
) -> None:
    """To its end; after a passing failure again from the last stored page."""
    tries, failed_at = 0, None
    while True:
        position = position_of(run.source, stream.table)
        try:
            for page in stream.pages(client, position, clock.now()):
                _still_ours(client)
                page_store(run, stream.table, page, now=clock.now())
                told()
            return
        except (ProviderFailure, CrmAnswerOdd) as failure:
            # Only standing still counts: a long reading may stumble many times on its way.
            reached = position_of(run.source, stream.table)
            tries = tries + 1 if reached == failed_at else 1
            failed_at = reached
            seconds = _pause(failure, tries)
            if seconds is None:
                raise
            _wait(seconds, told)


def _pause(failure: PlatformError, tries: int) -> float | None:
    """Seconds until another try; None to give up."""
    if tries > TRIES:
        return None
    if isinstance(failure, CrmAnswerOdd):
        return 2.0**tries
    if not isinstance(failure, ProviderFailure) or failure.kind not in PASSING:
        return None
    if failure.kind != "rate_limited":
        return failure.retry_after or 2.0**tries
    seconds = failure.retry_after
    return seconds if seconds is not None and seconds <= LONGEST_WAIT_SECONDS else None


def _wait(seconds: float, told: Callable[[], None]) -> None:
    """In steps, so that the page shows life and "Cancel" works."""
    while seconds > 0:
        sleep(min(seconds, STEP_SECONDS))
        seconds -= STEP_SECONDS
        told()


def _still_ours(client: ProviderClient) -> None:
    """Somebody may disconnect the account, or connect another, while it is being read."""
    ours = client.connection
    row = connection_for(ours.provider)
    if row is None or (row.pk, row.account_id) != (ours.pk, ours.account_id):
        raise CrmNotConnected(provider=PROVIDERS[ours.provider].label)


def _go_on_later(run: SyncRun, failure: ProviderFailure) -> None:
    now = clock.now()
    wait = timedelta(seconds=failure.retry_after) if failure.retry_after else WAIT_UNSAID
    if not run_wait(run, error=failure, goes_on_at=now + wait, now=now):
        raise SyncTaken
    work_schedule(
        task=GO_ON,
        tenant=current_tenant(),
        arguments={"provider": run.source.kind},
        due_at=now + wait,
        key=f"{GO_ON}:{run.pk}",
        queue="enterprise",
    )


def _teller(progress: Progress, run: SyncRun, place: int, streams: int) -> Callable[[], None]:
    """How many there will be nobody says beforehand, so the bar nears its part's end slowly."""

    def told() -> None:
        part = 1 - 1 / (1 + run.pages / 10)
        rows = run.rows_new + run.rows_changed + run.rows_unchanged
        params: dict[str, Any] = {"rows": rows}
        progress((place + part) / streams, _("Records read so far: %(rows)s"), **params)

    return told
