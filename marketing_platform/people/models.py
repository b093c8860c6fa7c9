"""Invitations, hand-overs, lost numbers, and what is shown of a person's workspaces."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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


class LostNumber(models.Model):
    """Somebody wants to sign in with another number, because the old one is lost.

    The new number was proved with a code; `user_id` is empty when no account has the old one. After
    our staff have checked who asks, the old number has until `due_at` to stop it.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for us")
        WAITING = "waiting", _("Approved, waits a day")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        STOPPED = "stopped", _("Stopped from the old number")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    user_id = models.UUIDField(null=True)
    old_phone = models.CharField(_("old number"), max_length=16)
    new_phone = models.CharField(_("new number"), max_length=16)
    name = models.CharField(_("name"), max_length=120)
    words = models.CharField(_("what they say"), max_length=500, blank=True, default="")
    language = models.CharField(_("language"), max_length=10)
    asked_at = models.DateTimeField(_("asked"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by_id = models.UUIDField(null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    evidence = models.CharField(_("how we checked"), max_length=500, blank=True, default="")
    due_at = models.DateTimeField(_("takes effect"), null=True)
    stop_hash = models.CharField(max_length=64, blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("lost number")
        verbose_name_plural = _("lost numbers")
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["old_phone", "new_phone"],
                condition=Q(state__in=["asked", "waiting"]),
                name="one_open_lost_number_per_pair",
            ),
            models.UniqueConstraint(
                fields=["user_id"],
                condition=Q(state="waiting"),
                name="one_number_of_a_person_changes_at_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(due_at__isnull=False, user_id__isnull=False),
                name="an_approved_change_of_number_has_its_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_phone} → {self.new_phone}"


class OwnershipOffer(TenantOwned):
    """An owner offers the business to somebody who works in it; the other side accepts or not."""

    kept_as = Kept.ACCESS

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to_user_id = models.UUIDField()
    by_user_id = models.UUIDField()
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-offered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(accepted_at=None, ended_at=None),
                name="one_open_offer_of_ownership",
            ),
        ]

    def __str__(self) -> str:
        return f"offered {self.offered_at:%d %b %Y}"


class WorkspaceSummary(TenantOwned):
    """What a person with many businesses sees of each. Counted anew, so it is in no backup.

    `sign_in_again` names the providers, never an account of theirs; the charge is with GST.
    `stuck` (effects) and `failing` (connections) are for our staff.
    """

    kept_as = Kept.NOT

    waiting = models.PositiveIntegerField(default=0)
    sign_in_again = models.JSONField(default=list)
    charge_on = models.DateField(null=True)
    charge_paise = models.PositiveBigIntegerField(null=True)
    stuck = models.PositiveIntegerField(default=0, db_default=0)
    failing = models.PositiveIntegerField(default=0, db_default=0)
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
