import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from local.automation.whatsapp.models.templates import MessageTemplate
from local.customers.models import Customer
from marketing_platform.tenants.guard import WorkspaceModel


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Waits for approval")
    APPROVED = "approved", _("Planned")
    SENDING = "sending", _("Going out")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class RecipientState(models.TextChoices):
    HELD_OUT = "held_out", _("Held back to measure")
    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Going out")
    HELD = "held", _("WhatsApp holds it back for a check")
    ACCEPTED = "accepted", _("WhatsApp took it")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Left out")
    UNKNOWN = "unknown", _("Not known")
    SELF_REPORTED = "self_reported", _("Sent by you")


class Campaign(WorkspaceModel):
    """One message to one audience. An approval names the hash of what was approved, so that any
    change voids it. `way`: by WhatsApp's own interface or by hand.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    template = models.ForeignKey(
        MessageTemplate, on_delete=models.PROTECT, related_name="campaigns"
    )
    segment = models.CharField(max_length=40)
    # Of the template's variables that are the same for all.
    values = models.JSONField(default=dict)
    way = models.CharField(max_length=8, choices=[("api", "api"), ("hand", "hand")])
    state = models.CharField(max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    cap_paise = models.PositiveIntegerField()
    cap_people = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    approved_hash = models.CharField(max_length=64, blank=True, default="")
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    # Of the person that proposed: counts, costs in paise, sentences are made when shown.
    forecast = models.JSONField(default=dict)
    # Why it is paused or stopped: a sentence to be translated.
    reason = models.CharField(max_length=300, blank=True, default="")
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "stopped"])
                | Q(approved_hash=F("content_hash")),
                name="a_campaign_goes_out_as_it_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("starts_at")), name="a_campaign_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(cap_people__gt=0), name="a_campaign_has_room_for_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_editable(self) -> bool:
        return self.state in (CampaignState.DRAFT, CampaignState.PROPOSED)


class CampaignRecipient(WorkspaceModel):
    """One person of one campaign. `turn` counts sendings that provably never began, so that the
    next has a key of its own. `expected_cost` and `cost` (null: WhatsApp has not said) are in
    1/10,000 of a rupee with tax.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="recipients")
    # Null once the customer was erased; the counts stay.
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.SET_NULL, related_name="campaign_messages"
    )
    state = models.CharField(max_length=14, choices=RecipientState, default=RecipientState.PLANNED)
    turn = models.PositiveSmallIntegerField(default=0)
    not_now_count = models.PositiveSmallIntegerField(default=0)
    effect_id = models.UUIDField(null=True, db_index=True)
    wamid = models.CharField(max_length=300, blank=True, default="", db_index=True)
    # When the call was begun (or ticked by hand): what the pace of a person counts.
    sent_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    opted_out_at = models.DateTimeField(null=True)
    error_code = models.IntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    category = models.CharField(max_length=40, blank=True, default="")
    expected_cost = models.PositiveIntegerField(default=0)
    cost = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "customer"], name="one_message_per_campaign_and_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "sent_at"], name="recipients_by_customer_time"),
            models.Index(fields=["campaign", "state"], name="recipients_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.state}"
