"""What was said to a customer about money that is late."""

from django.db import models

from billing.models.documents import TaxDocument
from billing.models.subscriptions import Subscription
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


class DunningStep(TenantOwned):
    """One step of one episode, done once: told by message and in the app, or access lowered."""

    kept_as = Kept.RECORD

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="dunning", null=True, blank=True
    )
    document = models.ForeignKey(
        TaxDocument, on_delete=models.PROTECT, related_name="dunning", null=True, blank=True
    )
    # The episode began at this time; a recovery ends it.
    episode_at = models.DateTimeField()
    # failed, reminder_1, reminder_2, last_call, suspended, recovered, due_soon, overdue_1, …
    step = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    sent_to = models.CharField(max_length=300, blank=True, default="")
    done_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "document", "episode_at", "step"],
                nulls_distinct=False,
                name="a_dunning_step_is_done_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.subscription_id or self.document_id}"
