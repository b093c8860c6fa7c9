"""Raw inbound webhooks, stored once each before anything acts on them."""

from django.db import models
from django.utils import timezone


class InboundState(models.TextChoices):
    STORED = "stored", "Stored"
    APPLIED = "applied", "Applied"
    IGNORED = "ignored", "Ignored"
    FAILED = "failed", "Failed"


class InboundEvent(models.Model):
    """One verified delivery. Its outcome is written on the row."""

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=120)
    body_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=80, blank=True, default="")
    payload = models.JSONField()
    tenant_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=InboundState, default=InboundState.STORED)
    outcome = models.TextField(blank=True, default="")
    received_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="one_row_per_provider_event"
            ),
            models.UniqueConstraint(
                fields=["provider", "body_hash"], name="one_row_per_provider_body"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.event_id}"
