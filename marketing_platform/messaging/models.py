"""What we sent to our own users. The text of codes is kept only where the inbox page exists."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class OutgoingMessage(models.Model):
    to_phone = models.CharField(max_length=16, blank=True, default="", db_index=True)
    to_email = models.EmailField(blank=True, default="", db_index=True)
    kind = models.CharField(max_length=30)
    language = models.CharField(max_length=10, default="en")
    subject = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(blank=True, default="")
    sender = models.CharField(max_length=40)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_phone="") | ~Q(to_email=""), name="a_message_has_a_recipient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_phone or self.to_email}"
