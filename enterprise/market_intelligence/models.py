"""What the engine answered, and what people do with it, in the workspace's own schema."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel

ANALYSES = ("series", "pipeline", "segments", "forecast", "feed")


class InsightRun(WorkspaceModel):
    """One run of an analysis. The same inputs and engine version are run and kept once.

    `rows_hash` and `rows_used` say which rows went in, `as_of` when they were read. A run of the
    feed lists the runs of the other analyses that it is made of.
    """

    class Origin(models.TextChoices):
        API = "api", "API"
        WORKSPACE = "workspace", "Imported data"
        SAMPLE = "sample", "Sample data"

    run_hash = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, choices=Origin)
    result = models.JSONField()
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    analysed = models.CharField(max_length=10, default="series", db_default="series")
    engine_version = models.CharField(max_length=20, blank=True, default="", db_default="")
    rows_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    rows_used = models.PositiveIntegerField(default=0, db_default=0)
    parameters = models.JSONField(default=dict, db_default={})
    as_of = models.DateField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["run_hash", "origin"], name="one_run_per_inputs"),
            models.CheckConstraint(
                condition=Q(origin__in=["api", "workspace", "sample"]),
                name="a_run_origin_is_one_of_ours",
            ),
            models.CheckConstraint(
                condition=Q(analysed__in=ANALYSES), name="a_run_is_of_an_analysis_of_ours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.run_hash[:12]}"


class FindingCare(WorkspaceModel):
    """Who looks after a finding, and until when nobody wants to see it. `finding_key` stays the
    same from run to run."""

    finding_key = models.CharField(max_length=300, unique=True)
    assignee_id = models.UUIDField(null=True)
    snoozed_until = models.DateField(null=True)
    changed_by_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(finding_key=""), name="a_care_is_of_a_finding"),
        ]

    def __str__(self) -> str:
        return self.finding_key


class FindingComment(WorkspaceModel):
    finding_key = models.CharField(max_length=300, db_index=True)
    text = models.CharField(max_length=1000)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_comment_says_something"),
        ]

    def __str__(self) -> str:
        return self.text[:40]


FIRST_STEPS = ("company", "data", "question", "finding")


class FirstHour(WorkspaceModel):
    """Which steps of the first hour are settled, and what the company wants to know first."""

    class Question(models.TextChoices):
        DEMAND = "demand", "What moves demand"
        BUDGET = "budget", "Where the next rupee works"
        BOARD = "board", "What to tell the board"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    settled = models.JSONField(default=dict)
    question = models.CharField(max_length=10, choices=Question, blank=True, default="")
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_first_hour_of_a_company"),
            models.CheckConstraint(
                condition=Q(question__in=["", "demand", "budget", "board"]),
                name="a_question_is_one_of_ours",
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.settled)} steps settled"
