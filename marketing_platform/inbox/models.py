"""Raw inbound webhooks, stored once each before anything acts on them, and whose they are."""

from django.db import models
from django.utils import timezone

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


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


class ExternalAccount(TenantOwned):
    """An account at a provider belongs to one workspace: news about it goes there.

    `parent_id` is the account above it that some news names instead (a WhatsApp business account
    above its numbers); several workspaces may share one.
    """

    # A restore leaves it as it is; a workspace that was lost claims again when it connects.
    kept_as = Kept.NOT

    provider = models.CharField(max_length=40)
    account_id = models.CharField(max_length=128)
    parent_id = models.CharField(max_length=128, blank=True, default="")
    claimed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["provider", "account_id"]
        indexes = [
            models.Index(fields=["provider", "parent_id"], name="external_accounts_by_parent")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account_id"], name="one_workspace_per_external_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.account_id}"
