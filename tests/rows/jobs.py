"""Jobs in the tests that walk over everything."""

from datetime import UTC, datetime
from typing import Any

from tests.isolation.kinds import Kind, Row

JOB = Row(Kind.ROW, {"job_id": "@uuid_row"})
WORKSPACE = {
    "api/jobs/<uuid:job_id>": JOB,
    "api/jobs/<uuid:job_id>/cancel": JOB,
    "jobs/<uuid:job_id>/": JOB,
    "jobs/<uuid:job_id>/status/": JOB,
    "jobs/<uuid:job_id>/cancel/": JOB,
}
OVERRIDES = {"platform_jobs.Job": lambda key, letter: {"key": f"canary-{letter}-{key}"}}


def fill_workspace(name: str, _picture: Any) -> None:
    from marketing_platform.jobs.models import Job

    Job.objects.create(
        kind="test.job",
        state="done",
        arguments={"by": name},
        result={"url": "/"},
        created_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    )
