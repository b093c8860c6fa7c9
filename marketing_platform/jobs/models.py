"""Long work of a workspace, with progress. The row is what pages show; due work runs it."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class JobState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (JobState.QUEUED, JobState.RUNNING)


class Job(WorkspaceModel):
    """`message` and `error` are sentences to be translated, filled with their parameters."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    progress = models.FloatField(default=0)
    message = models.CharField(max_length=200, blank=True, default="")
    message_params = models.JSONField(default=dict)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error = models.CharField(max_length=300, blank=True, default="")
    error_params = models.JSONField(default=dict)
    is_cancel_asked = models.BooleanField(default=False)
    run_token = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(key=""),
                name="one_open_job_per_key",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0) & Q(progress__lte=1),
                name="progress_is_from_nothing_to_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int:
        return 100 if self.state == JobState.DONE else int(self.progress * 100)

    @property
    def done_url(self) -> str:
        """Where the result is shown: a path of this host or nothing."""
        url = (self.result or {}).get("url", "")
        return url if url.startswith("/") and not url.startswith("//") else ""
