import uuid

from marketing_platform.jobs.errors import JobMissing
from marketing_platform.jobs.models import OPEN, Job, JobState
from marketing_platform.jobs.registry import KINDS, NOTHING_CHANGED
from marketing_platform.jobs.reported import report_of


def job_of(job_id: uuid.UUID) -> Job:
    """The job with its last reported progress. Raises JobMissing."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise JobMissing
    return _with_report(job)


def open_job(kind: str, key: str = "") -> Job | None:
    """The newest job of this kind (and key, when given) that waits or runs."""
    wanted = Job.objects.filter(kind=kind, state__in=OPEN)
    job = (wanted.filter(key=key) if key else wanted).first()
    return _with_report(job) if job else None


def label_of(job: Job) -> str:
    """What the job does, as a sentence to be translated."""
    kind = KINDS.get(job.kind)
    return kind.label if kind else job.kind


def cancelled_of(job: Job) -> str:
    """What became of its work when somebody cancelled it, as a sentence to be translated."""
    kind = KINDS.get(job.kind)
    return kind.cancelled if kind else NOTHING_CHANGED


def _with_report(job: Job) -> Job:
    said = report_of(job.pk) if job.state == JobState.RUNNING else None
    if said and said["done"] >= job.progress:
        job.progress, job.message = said["done"], said["message"]
        job.message_params = said["params"]
    return job
