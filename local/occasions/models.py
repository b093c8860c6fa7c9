"""What one workspace's owner changed in the calendar. Lives in the workspace's schema."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class Action(models.TextChoices):
    MOVED = "moved", "Moved"
    MUTED = "muted", "Left out"
    ADDED = "added", "Added"


class OccasionOverride(WorkspaceModel):
    """One change for one occasion in one year; removing the row undoes it.

    `on` is the new day of a moved occasion or the day of an added one. An added occasion's slug
    is made from its title and day.
    """

    slug = models.CharField(max_length=80)
    year = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=5, choices=Action)
    on = models.DateField(null=True, blank=True)
    title = models.CharField(max_length=60, blank=True, default="")
    offers_allowed = models.BooleanField(default=True)
    actor_id = models.UUIDField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["year", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "year"], name="one_change_per_occasion_and_year"
            ),
            models.CheckConstraint(
                condition=Q(action__in=[action.value for action in Action]),
                name="a_change_is_moved_muted_or_added",
            ),
            models.CheckConstraint(
                condition=Q(action="muted", on__isnull=True)
                | Q(action__in=["moved", "added"], on__isnull=False),
                name="a_moved_or_added_occasion_has_a_day",
            ),
            models.CheckConstraint(
                condition=(Q(action="added") & ~Q(title="")) | (~Q(action="added") & Q(title="")),
                name="only_an_added_occasion_has_a_title",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.year} {self.action}"
