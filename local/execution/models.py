"""The owner's tasks, what was decided about them, and how much is left to us."""

import uuid

from django.db import models
from django.db.models import F, Q

from local.execution.engine.plan import DEFAULT_MINUTES, MINUTES
from local.execution.engine.states import State
from marketing_platform.tenants.guard import WorkspaceModel

STATES = [(each.value, each.value) for each in State]
FIRST_STEPS = ("shop", "look", "channel", "post")
DECISIONS = [(each, each) for each in ("approved", "edited", "later", "refused", "done", "undone")]


class PlanSettings(WorkspaceModel):
    """How many minutes a day the owner gives."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    minutes = models.PositiveSmallIntegerField(default=DEFAULT_MINUTES)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_plan_settings_per_workspace"),
            models.CheckConstraint(condition=Q(minutes__in=MINUTES), name="minutes_are_5_to_20"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} minutes"


class FirstHour(WorkspaceModel):
    """Which steps of the first hour are settled: {"shop": "done" | "left", …}."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    settled = models.JSONField(default=dict)
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_first_hour_of_a_shop")]

    def __str__(self) -> str:
        return f"{len(self.settled)} steps settled"


class Action(WorkspaceModel):
    """One task of one day. `texts` has title, why, effect and skip per language. `facts` is what
    its kind needs to carry it out; `content_hash` is of what would be carried out: an approval
    holds for that and nothing else. `effect_low_paise` is None where no rupee value is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    on = models.DateField()
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    family = models.CharField(max_length=40)
    type_key = models.CharField(max_length=80)
    place = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    is_by_hand = models.BooleanField(default=False)
    grade = models.CharField(max_length=1, blank=True, default="")
    low_paise = models.BigIntegerField(null=True)
    high_paise = models.BigIntegerField(null=True)
    cost_paise = models.BigIntegerField(default=0)
    texts = models.JSONField()
    facts = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True, default="")
    approved_hash = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=20, choices=STATES, default=State.PROPOSED.value)
    result = models.JSONField(default=dict)
    proof = models.CharField(max_length=300, blank=True, default="")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["on", "place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["on", "key"], name="one_action_per_day_and_key"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]),
                name="an_action_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["scheduled", "running"])
                | Q(approved_hash=F("content_hash")),
                name="what_runs_was_approved_as_it_is",
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="actions_that_may_expire")]

    def __str__(self) -> str:
        return f"{self.on} {self.kind} {self.state}"


class Decision(WorkspaceModel):
    """What a person said about an action. Only added; `draft` and `final` are kept for edits."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="decisions")
    said = models.CharField(max_length=10, choices=DECISIONS)
    reason = models.CharField(max_length=40, blank=True, default="")
    content_hash = models.CharField(max_length=64, blank=True, default="")
    draft = models.TextField(blank=True, default="")
    final = models.TextField(blank=True, default="")
    seconds = models.PositiveIntegerField(default=0)
    actor_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at", "-id"]

    def __str__(self) -> str:
        return f"{self.said} {self.action_id}"


class Autonomy(WorkspaceModel):
    """How much of a kind of task on a channel is left to us: 0 suggest only, 1 approve each.

    Raised by nobody but the owner, and not above 1 yet.
    """

    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=40, blank=True, default="")
    level = models.PositiveSmallIntegerField(default=1)
    actor_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "channel"], name="one_level_per_kind_channel"),
            models.CheckConstraint(condition=Q(level__lte=1), name="no_level_above_one_yet"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.level}"
