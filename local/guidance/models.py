"""Runs of guides: begun, ticked step by step, finished with proof. In the workspace's schema."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.guard import WorkspaceModel

EVIDENCE = ["photo", "url", "number", "tick"]


class GuideRun(WorkspaceModel):
    """One time through a guide. `subject` says what it is about, when a task asked for it.

    Steps are named by key, so that ticks survive when the words change; `version` is that of the
    words at the start.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, blank=True, default="")
    version = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    starter_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    finisher_id = models.UUIDField(null=True)
    evidence_kind = models.CharField(
        max_length=10, blank=True, default="", choices=[(each, each) for each in EVIDENCE]
    )
    photo = models.ForeignKey(MediaFile, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=500, blank=True, default="")
    number = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "subject"],
                condition=Q(finished_at__isnull=True),
                name="one_open_run_per_guide_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, evidence_kind="")
                | Q(finished_at__isnull=False, evidence_kind="tick")
                | Q(finished_at__isnull=False, evidence_kind="photo", photo__isnull=False)
                | Q(finished_at__isnull=False, evidence_kind="number", number__isnull=False)
                | (Q(finished_at__isnull=False, evidence_kind="url") & ~Q(url="")),
                name="a_finished_run_has_its_proof",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class GuideStepDone(WorkspaceModel):
    """A tick on a step; taking it back removes the row."""

    run = models.ForeignKey(GuideRun, on_delete=models.CASCADE, related_name="ticks")
    step = models.CharField(max_length=60)
    done_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["done_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "step"], name="one_tick_per_step_of_a_run")
        ]

    def __str__(self) -> str:
        return self.step
