from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from local.automation.whatsapp.engine.lint import CATEGORIES
from marketing_platform.tenants.guard import WorkspaceModel


class TemplateState(models.TextChoices):
    """Ours first, then every status that Meta knows."""

    DRAFT = "draft", _("Draft")
    SENDING = "sending", _("Going to WhatsApp")
    PENDING = "pending", _("WhatsApp is checking it")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    PAUSED = "paused", _("Paused by WhatsApp")
    DISABLED = "disabled", _("Switched off by WhatsApp")
    IN_APPEAL = "in_appeal", _("Being checked again")
    REINSTATED = "reinstated", _("Allowed again")
    FLAGGED = "flagged", _("Warned: people complain")
    LIMIT_EXCEEDED = "limit_exceeded", _("Too many templates")
    ARCHIVED = "archived", _("Archived")
    UNARCHIVED = "unarchived", _("Back from the archive")
    LOCKED = "locked", _("Locked")
    PENDING_DELETION = "pending_deletion", _("Being deleted")
    DELETED = "deleted", _("Deleted at WhatsApp")


USABLE = ("approved", "reinstated", "unarchived", "flagged")
EDITABLE = ("draft", "rejected")


class MessageTemplate(WorkspaceModel):
    """A message that may be sent first. By hand it can be sent as it is; by WhatsApp's own way only
    once it is approved. `buttons` as in engine.lint.Draft.
    """

    name = models.CharField(max_length=512)
    title = models.CharField(max_length=80)
    language = models.CharField(max_length=8)
    category = models.CharField(max_length=20, choices=[(each, each) for each in CATEGORIES])
    body = models.CharField(max_length=1024)
    header = models.CharField(max_length=60, blank=True, default="")
    footer = models.CharField(max_length=60, blank=True, default="")
    buttons = models.JSONField(default=list, blank=True)
    examples = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=20, choices=TemplateState, default=TemplateState.DRAFT)
    # In WhatsApp's words, or the provider's refusal: shown as it came.
    rejection = models.CharField(max_length=500, blank=True, default="")
    # WhatsApp moved it from utility to marketing, which costs more.
    moved_from = models.CharField(max_length=20, blank=True, default="")
    remote_id = models.CharField(max_length=100, blank=True, default="")
    submissions = models.PositiveSmallIntegerField(default=0)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    state_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language"], name="one_template_per_name_and_language"
            ),
            models.CheckConstraint(
                condition=Q(state__in=TemplateState.values), name="a_template_has_a_known_state"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_usable(self) -> bool:
        return self.state in USABLE

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE
