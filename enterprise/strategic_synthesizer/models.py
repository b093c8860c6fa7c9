"""Briefs as they were made, in the workspace's own schema."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class BriefState(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"


class BriefVersion(WorkspaceModel):
    """One brief. `content` is engine.contracts.Brief; the same content is kept once a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dated_on = models.DateField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=BriefState, default=BriefState.DRAFT)
    is_scheduled = models.BooleanField(default=False)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    approved_by_id = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["content_hash"], name="one_brief_per_content"),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at__isnull=True)
                | Q(state="approved", approved_at__isnull=False),
                name="an_approved_brief_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dated_on} {self.content_hash[:12]}"
