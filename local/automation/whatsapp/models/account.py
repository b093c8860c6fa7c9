from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel


class WhatsAppSettings(WorkspaceModel):
    """What holds for all campaigns of the shop: one row.

    `messaging_limit` is what Meta said last; null means that it has not said anything.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    monthly_cap_paise = models.PositiveIntegerField(default=50_000)
    messaging_limit = models.IntegerField(null=True)
    marketing_stopped_at = models.DateTimeField(null=True)
    stop_sentence = models.CharField(max_length=300, blank=True, default="")
    actor_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_whatsapp_settings_per_workspace"),
        ]

    def __str__(self) -> str:
        return "WhatsApp"


class MessageRate(WorkspaceModel):
    """What a delivered message costs from a day on, as the owner entered it: it takes the place of
    the table that comes with the product. `amount` in 1/10,000 of a rupee, before tax.
    """

    category = models.CharField(max_length=20)
    valid_from = models.DateField()
    amount = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["category", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "valid_from"], name="one_rate_per_category_and_day"
            ),
            models.CheckConstraint(
                condition=Q(category__in=["marketing", "utility"]),
                name="a_rate_is_of_a_category_we_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.valid_from}"
