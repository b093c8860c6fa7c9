"""What was found in a shop's records, kept so that every number can be traced."""

from django.db import models

from marketing_platform.tenants.guard import WorkspaceModel


class InsightRun(WorkspaceModel):
    """One computation: `inputs_hash` names the records, `version` the formulas. `result` holds
    insights and missing as engine.own_records.as_json makes them.
    """

    on = models.DateField()
    inputs_hash = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    visits = models.PositiveIntegerField()
    reviews = models.PositiveIntegerField()
    result = models.JSONField()
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["-computed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["inputs_hash", "version"], name="one_run_per_records_and_formulas"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.inputs_hash[:8]}"
