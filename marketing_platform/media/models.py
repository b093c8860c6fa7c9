"""The files of one workspace: what owners upload and what we make for them."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class MediaFile(WorkspaceModel):
    """One stored file. `key` names a generated file, so that making it twice keeps one row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    mime_type = models.CharField(max_length=80)
    byte_size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    storage_path = models.CharField(max_length=200)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULLs do not collide
    created_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_media_file_per_key"),
            models.CheckConstraint(condition=~Q(key=""), name="a_media_key_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"
