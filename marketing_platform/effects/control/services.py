import logging
from datetime import datetime
from uuid import UUID

from marketing_platform.effects.control.models import GlobalStop
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)


def global_stop_set(*, on: bool, reason: str, actor_id: UUID | None, now: datetime) -> GlobalStop:
    """Hold back, or let go, what every workspace sends. Nothing is cancelled: it waits, and what
    becomes too late while it waits expires.

    An effect that is being armed at this very moment may still go out.
    """
    with public_context():
        row = GlobalStop.objects.create(
            is_on=on, reason=reason[:500], actor_id=actor_id, changed_at=now
        )
    logger.warning("sending for everybody was %s: %s", "stopped" if on else "started", reason)
    return row
