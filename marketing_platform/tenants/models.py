"""Workspaces, their hosts, and what is kept about them."""

import uuid
from typing import NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy
from django_tenants.models import DomainMixin, TenantMixin
from django_tenants.postgresql_backend.base import _check_schema_name

from marketing_platform.core.text import mark as _
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.owned import TenantOwned, TenantOwnedManager, TenantOwnedQuerySet

__all__ = [
    "Domain",
    "MigrationOutcome",
    "PreparedSchema",
    "SchemaSnapshot",
    "State",
    "SubjectAct",
    "SubjectRequest",
    "Tenant",
    "TenantEvent",
    "TenantOwned",
    "TenantOwnedManager",
    "TenantOwnedQuerySet",
    "Tier",
    "WorkspaceMigration",
]


class Tier(models.TextChoices):
    """Fixed, whatever is deployed: one database outlives many deployments."""

    PUBLIC = "public", _("Public")
    LOCAL = "local", _("Local")
    ENTERPRISE = "enterprise", _("Enterprise")


class State(models.TextChoices):
    PENDING = "pending", _("Pending")
    PREPARING = "preparing", _("Preparing")
    ACTIVE = "active", _("Active")
    BLOCKED = "blocked", _("Blocked")
    CLOSING = "closing", _("Closing")
    ERASED = "erased", _("Erased")
    FAILED = "failed", _("Failed")


class Tenant(TenantMixin):
    """One workspace. `slug` is its host name, `schema_name` is made by us and never shown."""

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schema_name = models.CharField(max_length=63, unique=True, validators=[_check_schema_name])
    tier = models.CharField(max_length=10, choices=Tier)
    slug = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    state_changed_at = models.DateTimeField()
    schema_version = models.CharField(max_length=64, blank=True, default="")
    failure = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    # When a closing workspace is erased; reactivating it before then clears this.
    erase_after = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("client")
        verbose_name_plural = gettext_lazy("clients")
        permissions = [
            ("visit_tenant", "Can look into a workspace, read only"),
            ("send_sign_in_link", "Can send an owner a link to sign in"),
            ("export_lists", "Can take lists out of the staff admin as files"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tier="public", schema_name="public")
                | Q(schema_name__regex=r"^t_[0-9a-z]{26}$"),
                name="a_schema_name_is_made_by_us",
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$"),
                name="a_slug_is_a_host_label",
            ),
            models.CheckConstraint(
                condition=Q(tier__in=[t.value for t in Tier]), name="a_tier_is_one_of_ours"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in State]), name="a_state_is_one_of_ours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.slug})"

    def __enter__(self) -> NoReturn:
        raise TypeError("Use tenant_context(tenant): `with tenant:` shares its stack by threads.")


class Domain(DomainMixin):
    """A host name of a workspace, without port."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(is_primary=True), name="one_primary_host_per_tenant"
            )
        ]

    def __str__(self) -> str:
        return self.domain


class TenantEvent(models.Model):
    """What happened to a workspace as such, by whom and why. Rows are only ever added."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=40)
    reason = models.TextField(blank=True, default="")
    actor_id = models.UUIDField(null=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.happened_at:%Y-%m-%d %H:%M}"


class SchemaSnapshot(models.Model):
    """What makes an empty workspace of a tier, as statements captured from its migrations."""

    tier = models.CharField(max_length=10, choices=Tier, primary_key=True)
    # code_version() of the migrations that it was captured from; refused when it is another.
    version = models.CharField(max_length=64)
    statements = models.TextField()
    # catalog fingerprint that a complete workspace of this version has
    fingerprint = models.CharField(max_length=64)
    built_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.tier} {self.version[:8]}"


class PreparedSchema(models.Model):
    """An empty schema made ahead, for the next workspace of its tier to take by name."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    tier = models.CharField(max_length=10, choices=Tier)
    version = models.CharField(max_length=64)
    # False while it is being made: what a kill left behind is dropped by the next refill.
    is_ready = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["tier", "version", "created_at"],
                condition=Q(is_ready=True),
                name="prepared_schemas_to_take",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tier} {self.schema_name}"


class MigrationOutcome(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class WorkspaceMigration(models.Model):
    """The ledger of bringing one workspace to one version of the code's migrations."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="migrations")
    from_version = models.CharField(max_length=64, blank=True, default="")
    to_version = models.CharField(max_length=64)
    outcome = models.CharField(max_length=10, choices=MigrationOutcome)
    attempts = models.PositiveSmallIntegerField(default=1)
    is_canary = models.BooleanField(default=False)
    error = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "to_version"], name="one_ledger_row_per_tenant_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} to {self.to_version[:8]}: {self.outcome}"


class SubjectAct(models.TextChoices):
    ERASED = "erased", "Erased"
    OPTED_OUT = "opted_out", "Opted out"


class SubjectRequest(TenantOwned):
    """A person was erased, or said no more messages: kept in public, outside every backup.

    A restored workspace has those dated after its backup applied again. `subject` is what the
    kind's handler needs to find the person again, and no more (an id or a keyed digest).
    """

    kept_as = Kept.OWN

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=128)
    act = models.CharField(max_length=10, choices=SubjectAct)
    happened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "happened_at"], name="subject_requests_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.act} at {self.happened_at:%Y-%m-%d %H:%M}"
