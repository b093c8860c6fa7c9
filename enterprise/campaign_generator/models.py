"""Campaign documents and their versions, in the workspace's own schema."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class CampaignState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    EXPORTED = "exported", "Exported"
    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"


class Campaign(WorkspaceModel):
    """The newest version of one document. `content` is engine.contracts.Document.

    An approval is bound to `content_hash`: any change of the content empties it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    number = models.PositiveIntegerField(default=1)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    approved_hash = models.CharField(max_length=64, blank=True, default="")
    approved_by_id = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review"], approved_hash="")
                | Q(
                    ~Q(state__in=["draft", "in_review"]),
                    approved_hash=models.F("content_hash"),
                    approved_at__isnull=False,
                ),
                name="an_approved_campaign_is_what_was_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignVersion(WorkspaceModel):
    """A version as it was, who made it and when."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"], name="a_campaign_numbers_its_versions"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.number}"
