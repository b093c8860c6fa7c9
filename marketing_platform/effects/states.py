"""The states of an effect, and which may follow which."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models

from marketing_platform.core.text import mark as _


class State(models.TextChoices):
    PLANNED = "planned", "Planned"
    PREPARING = "preparing", "Preparing"
    PREPARED = "prepared", "Prepared"
    ARMED = "armed", "Armed"
    CONFIRMED = "confirmed", "Confirmed"
    PENDING_REMOTE = "pending_remote", "Pending at the provider"
    UNKNOWN = "unknown", "Unknown"
    NEEDS_CHECK = "needs_check", "Needs a check"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


S = State
# Nothing has left the process: may be changed and cancelled.
BEFORE = (S.PLANNED, S.PREPARING, S.PREPARED)
# Something may have left: only a look or a person decides.
AFTER = (S.ARMED, S.UNKNOWN, S.PENDING_REMOTE, S.NEEDS_CHECK)
OPEN = (*BEFORE, *AFTER)
ENDED = (S.CONFIRMED, S.REJECTED, S.CANCELLED, S.EXPIRED)
NEXT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        S.PLANNED: frozenset({S.PLANNED, S.PREPARING, S.CANCELLED, S.EXPIRED, S.NEEDS_CHECK}),
        S.PREPARING: frozenset(
            {S.PLANNED, S.PREPARED, S.REJECTED, S.CANCELLED, S.EXPIRED, S.NEEDS_CHECK}
        ),
        # Prepared again: its worker was lost before it could arm.
        S.PREPARED: frozenset(
            {S.PLANNED, S.PREPARING, S.ARMED, S.REJECTED, S.CANCELLED, S.EXPIRED, S.NEEDS_CHECK}
        ),
        S.ARMED: frozenset(
            {S.PLANNED, S.CONFIRMED, S.PENDING_REMOTE, S.UNKNOWN, S.REJECTED, S.NEEDS_CHECK}
        ),
        S.PENDING_REMOTE: frozenset({S.CONFIRMED, S.REJECTED, S.NEEDS_CHECK}),
        S.UNKNOWN: frozenset(
            {S.PLANNED, S.CONFIRMED, S.PENDING_REMOTE, S.REJECTED, S.NEEDS_CHECK, S.EXPIRED}
        ),
        S.NEEDS_CHECK: frozenset({S.PLANNED, S.CONFIRMED, S.CANCELLED, S.REJECTED}),
        S.CONFIRMED: frozenset(),
        S.REJECTED: frozenset(),
        S.CANCELLED: frozenset(),
        S.EXPIRED: frozenset(),
    }
)
# As people read them.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        S.PLANNED: _("Planned"),
        S.PREPARING: _("Getting ready"),
        S.PREPARED: _("Ready to go"),
        S.ARMED: _("Going out now"),
        S.CONFIRMED: _("Live"),
        S.PENDING_REMOTE: _("Sent, waiting for their check"),
        S.UNKNOWN: _("We are looking whether it went out"),
        S.NEEDS_CHECK: _("Needs you: did it go out?"),
        S.REJECTED: _("Refused"),
        S.CANCELLED: _("Stopped"),
        S.EXPIRED: _("Too late, not sent"),
    }
)
