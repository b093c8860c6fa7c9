import uuid

from django.db import models
from django.db.models import Q

from local.customers.models import Customer
from marketing_platform.tenants.guard import WorkspaceModel


class Conversation(WorkspaceModel):
    """Everything written with one person: known by number, by WhatsApp's user id, or both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.CASCADE, related_name="conversations"
    )
    phone = models.CharField(max_length=20, blank=True, default="")
    user_id = models.CharField(max_length=128, blank=True, default="")
    name = models.CharField(max_length=120, blank=True, default="")
    last_inbound_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)
    # After a tap on an ad, messages are free until then.
    free_until = models.DateTimeField(null=True)
    unread = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_message_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone="") | ~Q(user_id=""), name="a_conversation_is_with_somebody"
            ),
            models.UniqueConstraint(
                fields=["phone"], condition=~Q(phone=""), name="one_conversation_per_number"
            ),
            models.UniqueConstraint(
                fields=["user_id"], condition=~Q(user_id=""), name="one_conversation_per_user_id"
            ),
        ]
        indexes = [models.Index(fields=["-last_message_at", "id"], name="conversations_by_time")]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class ChatMessage(WorkspaceModel):
    """One bubble. Inbound ones are unique by WhatsApp's id, ours by their effect."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    is_inbound = models.BooleanField()
    is_campaign = models.BooleanField(default=False)
    wamid = models.CharField(max_length=300, blank=True, default="")
    effect_id = models.UUIDField(null=True, unique=True)
    kind = models.CharField(max_length=20, default="text")
    text = models.CharField(max_length=4096, blank=True, default="")
    state = models.CharField(max_length=14, blank=True, default="")
    # What failed: a sentence to be translated.
    reason = models.CharField(max_length=300, blank=True, default="")
    happened_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["happened_at", "id"]
        indexes = [
            models.Index(fields=["conversation", "-happened_at"], name="messages_by_conversation")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["wamid"], condition=~Q(wamid=""), name="one_bubble_per_whatsapp_message"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at:%Y-%m-%d %H:%M}"


class DeliveryStatus(WorkspaceModel):
    """One word of Meta about one message, once. `callback`: what we sent along, our effect."""

    wamid = models.CharField(max_length=300)
    status = models.CharField(max_length=40)
    callback = models.CharField(max_length=200, blank=True, default="", db_index=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["wamid", "status"], name="one_row_per_message_status")
        ]

    def __str__(self) -> str:
        return f"{self.wamid} {self.status}"


class SavedAnswer(WorkspaceModel):
    """A reply the shop gives often."""

    title = models.CharField(max_length=60)
    text = models.CharField(max_length=1024)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "id"]
        constraints = [models.UniqueConstraint(fields=["title"], name="one_saved_answer_per_title")]

    def __str__(self) -> str:
        return self.title
