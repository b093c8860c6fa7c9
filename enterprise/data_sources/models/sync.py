"""How far the syncs with a CRM have come, and what each did."""

from django.db import models
from django.db.models import Q

from enterprise.data_sources.models.imports import DataSource
from marketing_platform.tenants.guard import WorkspaceModel


class SyncCursor(WorkspaceModel):
    """Up to where one table of a source is stored. Written with the rows it speaks of."""

    source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="cursors")
    table = models.CharField(max_length=10)
    position = models.JSONField(default=dict)
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "table"], name="one_cursor_per_source_and_table"
            ),
            models.CheckConstraint(
                condition=Q(table__in=["contact", "deal", "lead"]),
                name="a_cursor_is_of_a_known_table",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.moved_at:%Y-%m-%d %H:%M}"


class SyncRun(WorkspaceModel):
    """One run: its figures grow with each stored page. `token` fences a run that was given up.

    `waiting`: the provider asked us to wait until `goes_on_at`; a new run goes on from there.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        WAITING = "waiting", "Waiting"
        FAILED = "failed", "Failed"

    source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    # Of the order that began it: a worker that takes a lost one's place has the same.
    ticket = models.UUIDField()
    token = models.UUIDField()
    is_full = models.BooleanField(default=False)
    actor_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    goes_on_at = models.DateTimeField(null=True)
    pages = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_unreadable = models.PositiveIntegerField(default=0)
    amounts_left_out = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error = models.CharField(max_length=400, blank=True, default="")
    error_params = models.JSONField(default=dict)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state="running"), name="one_running_sync_per_source"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None)
                | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="a_sync_that_is_over_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", goes_on_at__isnull=False)
                | (~Q(state="waiting") & Q(goes_on_at=None)),
                name="only_a_waiting_sync_goes_on_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.started_at:%Y-%m-%d %H:%M}"
