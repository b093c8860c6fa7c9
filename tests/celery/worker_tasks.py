"""Tasks that note where they ran. Imported by the tests and, by --include, by their workers."""

import json
import logging
import os
import time
from typing import Any

from celery import Task, chord
from django.conf import settings
from django.db import connection
from redis import Redis

from marketing_platform.celery import app
from marketing_platform.tenants.context import current_tenant, public_context

logger = logging.getLogger(__name__)
NOTES = "tests:notes"
# A message that nobody finished comes back after it.
VISIBILITY_SECONDS = 8
if "TEST_QUEUE" in os.environ:  # in a worker
    app.conf.task_default_queue = os.environ["TEST_QUEUE"]
    if os.environ["TEST_QUEUE"] == "tested":
        # Its database is made anew between tests; a pool would take seconds to see that.
        connection.settings_dict["OPTIONS"] = {}
    # A chord counts its parts there.
    app.conf.result_backend = settings.REDIS_URL
    app.conf.broker_transport_options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_mutex_expire": 3,
    }


def note(label: str) -> None:
    """What PostgreSQL and we believe to be the acting workspace."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        [schema] = cursor.fetchone()
    tenant = current_tenant()
    seen = {"label": label, "schema": schema, "tenant": str(tenant.pk) if tenant else None}
    Redis.from_url(settings.REDIS_URL).rpush(NOTES, json.dumps(seen))


@app.task(name="test.note")
def note_here(label: str, *_results: Any) -> str:
    note(label)
    logger.info("noted %s", label)
    return label


@app.task(name="test.note_next", ignore_result=False)
def note_next(_before: Any, label: str) -> str:
    note(label)
    return label


@app.task(name="test.note_kept", ignore_result=False)
def note_kept(label: str) -> str:
    note(label)
    return label


@app.task(name="test.note_when_read_only", works_when_read_only=True)
def note_when_read_only(label: str) -> None:
    note(label)


@app.task(name="test.note_public", public=True)
def note_public(label: str) -> None:
    note(label)


@app.task(name="test.unguarded", base=Task)
def unguarded(label: str) -> None:
    """With the library's own class: the control."""
    note(label)


@app.task(name="test.fail")
def fail(label: str) -> None:
    note(label)
    raise RuntimeError(label)


@app.task(name="test.note_failure")
def note_failure(_request: Any, _error: Any, _traceback: Any) -> None:
    note("errback")


@app.task(name="test.note_failed_id")
def note_failed_id(_task_id: str) -> None:
    note("errback by message")


@app.task(name="test.retry_once", bind=True)
def retry_once(self: Task, label: str) -> None:
    note(f"{label} {self.request.retries}")
    if not self.request.retries:
        raise self.retry(countdown=0)


@app.task(name="test.leave_it_public", bind=True)
def leave_it_public(self: Task, label: str) -> None:
    """A careless body, and one that fails."""
    note(label)
    with public_context():
        note_here.delay(f"{label}, next")
        raise RuntimeError


@app.task(name="test.chord")
def start_chord(parts: int) -> None:
    header = [note_kept.s(f"part {number}") for number in range(parts)]
    chord(header)(note_next.s("body"))


@app.task(name="test.slow")
def slow(label: str, seconds: float) -> None:
    note(f"{label} begins")
    time.sleep(seconds)
    note(f"{label} ends")
