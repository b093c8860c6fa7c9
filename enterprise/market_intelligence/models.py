"""What the engine answered, in the workspace's own schema."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class InsightRun(WorkspaceModel):
    """One run of the engine. The same inputs and engine version are run and kept once."""

    class Origin(models.TextChoices):
        API = "api", "API"
        WORKSPACE = "workspace", "Imported data"
        SAMPLE = "sample", "Sample data"

    run_hash = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, choices=Origin)
    result = models.JSONField()
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["run_hash", "origin"], name="one_run_per_inputs"),
            models.CheckConstraint(
                condition=Q(origin__in=["api", "workspace", "sample"]),
                name="a_run_origin_is_one_of_ours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.run_hash[:12]}"
