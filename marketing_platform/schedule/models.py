"""The one table of work that is due, for all workspaces."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.models import TenantOwned


class DueWork(TenantOwned):
    """Work to be done once its time has come. A row is queued in the transaction that wants it."""

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", null=True
    )
    task = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=160, unique=True)
    queue = models.CharField(max_length=20, default="default")
    due_at = models.DateTimeField()
    # When the dispatcher last told a worker.
    nudged_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(done_at=None, dead_at=None),
                name="open_work_by_due_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} ({self.key})"
