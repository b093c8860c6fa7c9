"""What was done in a workspace, by whom. Rows are only added; each carries the last one's hash."""

from django.db import models

from marketing_platform.tenants.guard import WorkspaceModel


class AuditEntry(WorkspaceModel):
    happened_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)  # human, key, system, staff
    actor_id = models.CharField(max_length=64, blank=True, default="")
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, blank=True, default="")
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    entry_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} at {self.happened_at:%Y-%m-%d %H:%M}"
