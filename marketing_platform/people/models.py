"""Invitations: who was asked into which workspace, as what, and what became of it."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned
from marketing_platform.users.permissions import Role

# An owner is made by handing the business over, never by a link.
INVITED_AS = tuple(role for role in Role if role is not Role.OWNER)


class Invitation(TenantOwned):
    """A link to one number or address. The link's secret is kept as its sha256 alone."""

    kept_as = Kept.ACCESS

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.CharField(max_length=16, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    role = models.CharField(max_length=10, choices=[(r.value, r.value) for r in INVITED_AS])
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by_id = models.UUIDField()
    invited_by_name = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by_id = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(phone="") & ~Q(email="")) | (~Q(phone="") & Q(email="")),
                name="an_invitation_goes_to_a_number_or_an_email",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in INVITED_AS]),
                name="nobody_is_invited_as_owner",
            ),
            models.UniqueConstraint(
                fields=["tenant", "phone", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destination} as {self.role}"

    @property
    def destination(self) -> str:
        return self.phone or self.email

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > now


class WorkspaceSummary(TenantOwned):
    """What a person with many businesses sees of each. Counted anew, so it is in no backup.

    `sign_in_again` names the providers, never an account of theirs; the charge is with GST.
    """

    kept_as = Kept.NOT

    waiting = models.PositiveIntegerField(default=0)
    sign_in_again = models.JSONField(default=list)
    charge_on = models.DateField(null=True)
    charge_paise = models.PositiveBigIntegerField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_summary_per_workspace"),
            models.CheckConstraint(
                condition=Q(charge_on=None, charge_paise=None)
                | Q(charge_on__isnull=False, charge_paise__isnull=False),
                name="a_next_charge_has_a_day_and_an_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.waiting} waiting"
