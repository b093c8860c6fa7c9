"""Access that staff granted."""

from django.db import models
from django.db.models import F, Q

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


class StaffTerms(TenantOwned):
    """Terms that staff accepted for a workspace (an invoice, a purchase order). Only added."""

    kept_as = Kept.RECORD

    actor_id = models.UUIDField()
    reason = models.TextField()
    until = models.DateTimeField()
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["-accepted_at", "-id"]
        verbose_name_plural = "staff terms"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="staff_terms_have_a_reason"),
            models.CheckConstraint(
                condition=Q(until__gt=F("accepted_at")), name="staff_terms_end_after_they_begin"
            ),
        ]

    def __str__(self) -> str:
        return f"Terms until {self.until:%Y-%m-%d}"
