"""People who asked to be called, and errors that people saw. Public rows of the platform's own."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


class RequestKind(models.TextChoices):
    TALK = "talk", "Talk to us"
    CALLBACK = "callback", "Call back"


class BestTime(models.TextChoices):
    ANY = "any", _("Any time")
    MORNING = "morning", _("Morning, before 12")
    AFTERNOON = "afternoon", _("Afternoon, 12 to 4")
    EVENING = "evening", _("Evening, after 4")


class HelpRequest(models.Model):
    """Somebody waits for a person. `workspace_id` and `user_id` say whose, where it is known."""

    kind = models.CharField(max_length=10, choices=RequestKind)
    name = models.CharField(max_length=120)
    company = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=16)
    words = models.CharField(max_length=500, blank=True, default="")
    best_time = models.CharField(max_length=10, choices=BestTime, default="any", db_default="any")
    page = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=10)
    workspace_id = models.UUIDField(null=True, db_index=True)
    workspace_name = models.CharField(max_length=120, blank=True, default="")
    user_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__regex=r"^\+[1-9][0-9]{7,14}$"),
                name="a_call_goes_to_an_e164_number",
            ),
            models.UniqueConstraint(
                fields=["phone", "kind"],
                condition=Q(done_at=None),
                name="one_open_request_per_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_kind_display()}"


class TopicAnswer(models.Model):
    """How many readers of a help topic found it useful, by language. Nobody is remembered."""

    slug = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    useful = models.PositiveIntegerField(default=0)
    not_useful = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("answer to a help topic")
        verbose_name_plural = _("answers to help topics")
        ordering = ["slug", "language"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "language"], name="one_count_per_topic")
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class ErrorReport(models.Model):
    """One error somebody saw: where, whose and of which kind; no content and no query string."""

    code = models.CharField(max_length=9, db_index=True)
    request_id = models.CharField(max_length=64)
    method = models.CharField(max_length=10)
    host = models.CharField(max_length=100)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=10)
    failure = models.CharField(max_length=120, blank=True, default="")
    place = models.CharField(max_length=200, blank=True, default="")
    workspace_id = models.UUIDField(null=True, db_index=True)
    user_id = models.UUIDField(null=True)
    happened_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-happened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.path}"


class SupportVisit(TenantOwned):
    """One look of ours into a workspace: by whom, why, from when to when at the latest."""

    kept_as = Kept.RECORD

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    token_hash = models.CharField(max_length=64, unique=True)
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun_at", "id"]

    def __str__(self) -> str:
        return f"{self.staff_name}, {self.begun_at:%d %b %Y %H:%M}"
