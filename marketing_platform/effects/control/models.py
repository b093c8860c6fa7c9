"""The staff's stop for everybody. The latest row decides; rows are only added."""

from django.db import models


class GlobalStop(models.Model):
    is_on = models.BooleanField()
    reason = models.CharField(max_length=500)
    actor_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return "Stopped" if self.is_on else "Running"
