"""Accounts at providers that this workspace may act for. Secrets are sealed; see sealing.py."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class ConnectionState(models.TextChoices):
    CONNECTED = "connected", "Connected"
    NEEDS_SIGN_IN = "needs_sign_in", "Needs sign-in"
    PAUSED = "paused", "Paused"
    DISCONNECTED = "disconnected", "Disconnected"


class Connection(WorkspaceModel):
    """One account at one provider. `details` holds its public ids, never a secret.

    `sealed` is bytea, which an export shows as a length only, while a backup keeps it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=40)
    account_id = models.CharField(max_length=200)
    account_name = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=20, choices=ConnectionState)
    details = models.JSONField(default=dict)
    scopes = models.JSONField(default=list)
    sealed = models.BinaryField(null=True)
    sealed_with = models.CharField(max_length=40, blank=True, default="")
    token_expires_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField()
    connected_by = models.UUIDField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure_sentence = models.CharField(max_length=400, blank=True, default="")
    failure_params = models.JSONField(default=dict)

    class Meta:
        ordering = ["provider", "-connected_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account_id"], name="one_connection_per_account"
            ),
            models.UniqueConstraint(
                fields=["provider"],
                condition=~Q(state="disconnected"),
                name="one_live_connection_per_provider",
            ),
            models.CheckConstraint(
                condition=Q(state="disconnected", sealed=None)
                | (~Q(state="disconnected") & Q(sealed__isnull=False)),
                name="a_disconnected_account_has_no_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.account_id}"

    @property
    def is_connected(self) -> bool:
        return self.state == ConnectionState.CONNECTED


class AccountChoice(WorkspaceModel):
    """A sign-in that showed several pages or places: which one is asked on the next page."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=40)
    # [{"id", "name", "detail"}], as shown.
    accounts = models.JSONField(default=list)
    sealed = models.BinaryField()
    sealed_with = models.CharField(max_length=40)
    actor_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.provider}: {len(self.accounts)}"
