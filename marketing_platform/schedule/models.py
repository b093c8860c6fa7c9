"""The one table of work that is due, for all workspaces; what was refused, and what is planned."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


class DueWork(TenantOwned):
    """Work to be done once its time has come. A row is queued in the transaction that wants it."""

    kept_as = Kept.WORK

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


class DeadLetter(models.Model):
    """A task's message that was refused: its body never ran. Staff may have it sent again.

    Of no workspace: the message may name none, or one that never was.
    """

    task = models.CharField(max_length=200)
    task_id = models.CharField(max_length=200)
    # [positional, by name]
    arguments = models.JSONField(default=list)
    # Where it lay; it is sent there again.
    queue = models.CharField(max_length=200, blank=True, default="")
    # What the header said, whatever that was.
    tenant_id = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField()
    received_at = models.DateTimeField()
    requeued_at = models.DateTimeField(null=True)
    requeued_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task_id"],
                condition=Q(requeued_at=None),
                name="one_open_letter_per_message",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.reason}"


class PeriodicPlan(models.Model):
    """How far the workspaces' rows of a periodic job's present period have been written."""

    job = models.CharField(max_length=80, primary_key=True)
    period = models.CharField(max_length=40, blank=True, default="")
    # Workspaces up to this one have their row.
    after = models.UUIDField(null=True)
    is_complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.job} {self.period}"
