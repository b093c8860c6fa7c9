"""Fits and allocations as they were answered, in the workspace's own schema."""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class OptimizationRun(WorkspaceModel):
    """One finished fit. The same inputs, settings and engine version are fitted and kept once.

    ``result`` is engine.contracts.FitResult, ``draws`` its thinned posterior for the optimiser.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run_hash = models.CharField(max_length=64, unique=True)
    outcome_name = models.CharField(max_length=120)
    is_sample = models.BooleanField(default=False)
    result = models.JSONField()
    draws = models.JSONField()
    job_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.outcome_name} {self.run_hash[:12]}"


class AllocationRun(WorkspaceModel):
    """One answer of the optimiser. With a name it is a scenario that stays to be compared."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(OptimizationRun, on_delete=models.CASCADE, related_name="allocations")
    run_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80, blank=True, default="")
    request = models.JSONField()
    result = models.JSONField()
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["run_hash"], name="one_allocation_per_request"),
            models.UniqueConstraint(
                fields=["name"], condition=~Q(name=""), name="one_scenario_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.run_hash[:12]


class Promotion(WorkspaceModel):
    """Days on which an offer, a launch or a strike moved the outcome; the fit sets them aside."""

    name = models.CharField(max_length=80)
    first_on = models.DateField()
    last_on = models.DateField()
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["first_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")),
                name="a_promotion_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["name", "first_on"], name="one_promotion_per_name_and_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_on}"
