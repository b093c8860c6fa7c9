"""The ledger of what leaves the process. A row is written before the call, and decides it."""

import uuid

from django.db import models
from django.db.models import F, Q

from marketing_platform.effects.states import ENDED, OPEN, State
from marketing_platform.tenants.guard import WorkspaceModel


class Effect(WorkspaceModel):
    """One act outside that cannot be taken back, such as one post on one page.

    `step` numbers the pieces of due work it had; `lease_token` fences the worker that holds it, by
    the database's clock; `attempt_id` names the one call of an arming.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    dedupe_key = models.CharField(max_length=64, unique=True)
    # Not a key to the connection: what was sent is remembered longer than the connection.
    connection_id = models.UUIDField(db_index=True)
    provider = models.CharField(max_length=40)
    account_id = models.CharField(max_length=200)
    subject = models.CharField(max_length=200, blank=True, default="")
    payload = models.JSONField(default=dict)
    prepared = models.JSONField(null=True)
    state = models.CharField(max_length=20, choices=State, default=State.PLANNED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # When it is looked at next; the sweeper asks for those that were not.
    next_at = models.DateTimeField()
    step = models.PositiveIntegerField(default=0)
    prepare_attempts = models.PositiveSmallIntegerField(default=0)
    commit_attempts = models.PositiveSmallIntegerField(default=0)
    verify_attempts = models.PositiveSmallIntegerField(default=0)
    attempt_id = models.UUIDField(null=True)
    lease_token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    armed_at = models.DateTimeField(null=True)
    late_minutes = models.PositiveIntegerField(default=0)
    remote_id = models.CharField(max_length=300, blank=True, default="")
    answer = models.JSONField(default=dict)
    failure_kind = models.CharField(max_length=40, blank=True, default="")
    failure_sentence = models.CharField(max_length=400, blank=True, default="")
    failure_params = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("due_at")), name="an_effect_expires_after_it_is_due"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=list(ENDED)) & Q(ended_at__isnull=False))
                | (Q(state__in=list(OPEN)) & Q(ended_at=None)),
                name="an_effect_has_an_end_when_it_is_over",
            ),
            models.CheckConstraint(
                condition=~Q(state="armed")
                | Q(attempt_id__isnull=False, armed_at__isnull=False, leased_until__isnull=False),
                name="an_armed_effect_names_its_attempt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(ended_at=None), name="open_effects_by_next_look"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def attempts(self) -> int:
        """How often it was armed."""
        return self.commit_attempts

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def needs_person(self) -> bool:
        return self.state == State.NEEDS_CHECK


class EffectEvent(WorkspaceModel):
    """One line of an effect's history; rows are only added."""

    effect = models.ForeignKey(Effect, on_delete=models.CASCADE, related_name="events")
    happened_at = models.DateTimeField()
    from_state = models.CharField(max_length=20, blank=True, default="")
    to_state = models.CharField(max_length=20)
    # A sentence to be translated, filled with its parameters.
    sentence = models.CharField(max_length=400, blank=True, default="")
    params = models.JSONField(default=dict)
    attempt_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class EmergencyStop(WorkspaceModel):
    """The one row of the workspace's emergency stop. Arming holds it shared, stopping alone."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_on = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)
    actor_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_emergency_stop_per_workspace")
        ]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"


class ChannelHealth(WorkspaceModel):
    """How often in a row an account failed; after five it is paused until somebody says go on."""

    connection_id = models.UUIDField(primary_key=True)
    failures = models.PositiveSmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True, default="")
    reason_params = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.failures}"
