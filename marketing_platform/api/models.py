"""API keys and remembered answers; both are public rows of one workspace."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned

SCOPES = ("read", "write")


class ApiKey(TenantOwned):
    """A key as stored: its prefix in clear, its secret as a hash. Shown once when made."""

    kept_as = Kept.ACCESS

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=24, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    is_test = models.BooleanField(default=False)
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class RememberedAnswer(TenantOwned):
    """The answer to a POST with an Idempotency-Key, kept for a day."""

    kept_as = Kept.OWN

    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "actor", "key"], name="one_answer_per_idempotency_key"
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__gte=200),
                name="an_answer_has_a_status",
            ),
        ]

    def __str__(self) -> str:
        return self.key
