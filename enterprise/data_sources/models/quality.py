"""What people decided about imperfect data; the rows themselves stay as they came."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class QualityFix(WorkspaceModel):
    """One fix of the quality report. Deleting it takes it back.

    A merge says which channel `names` are read as `into`; a fix that leaves rows out is pointed at
    by those rows' `left_out_by`.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", "Merge names"
        LEAVE_OUT = "leave_out", "Leave rows out"

    kind = models.CharField(max_length=10, choices=Kind)
    issue = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    title_params = models.JSONField(default=dict)
    names = models.JSONField(default=list)
    into = models.CharField(max_length=60, blank=True, default="")
    rows = models.PositiveIntegerField(default=0)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["issue"], name="one_fix_per_issue"),
            models.CheckConstraint(
                condition=Q(kind="merge") & ~Q(into="") | Q(kind="leave_out", into=""),
                name="only_a_merge_has_a_name_to_read",
            ),
        ]

    def __str__(self) -> str:
        return self.issue


class RememberedMapping(WorkspaceModel):
    """How a file with this very set of headers was read when it was last imported."""

    header_hash = models.CharField(max_length=64)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["header_hash"], name="one_mapping_per_set_of_headers"),
        ]

    def __str__(self) -> str:
        return self.header_hash[:12]
