"""What the people of a workspace should know: rows behind the bell."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class Notification(WorkspaceModel):
    """`title` and `text` are sentences to be translated, filled with `params`. Without an actor
    it is for everybody who works here.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, blank=True, default="")
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=400, blank=True, default="")
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True, default="")
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="one_notification_per_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.title}"


class NotificationReader(WorkspaceModel):
    """How far one person has read, and which kinds they do not want to hear of."""

    actor_id = models.UUIDField(primary_key=True)
    seen_id = models.BigIntegerField(default=0)
    muted_kinds = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.actor_id} up to {self.seen_id}"
