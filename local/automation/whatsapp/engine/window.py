"""When one may write: the 24 hours after a customer's message, and waking hours in India."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from marketing_platform.core.clock import IST

# Meta: free-form messages only within 24 hours of the customer's last one.
SERVICE_WINDOW = timedelta(hours=24)
# Meta: after a tap on a click-to-WhatsApp ad, messages are free for 72 hours.
AD_WINDOW = timedelta(hours=72)
# A courtesy kept for every message that nobody asked for.
QUIET_FROM, QUIET_UNTIL = time(21), time(10)


@dataclass(frozen=True)
class Window:
    is_open: bool
    closes_at: datetime | None

    def hours_left(self, now: datetime) -> int:
        """Whole hours, at least 1 while it is open."""
        if not self.is_open or self.closes_at is None:
            return 0
        return max(1, int((self.closes_at - now).total_seconds() // 3600))


def service_window(last_inbound_at: datetime | None, now: datetime) -> Window:
    """Open up to, and not at, 24 hours after the last message from the customer."""
    if last_inbound_at is None:
        return Window(False, None)
    closes_at = last_inbound_at + SERVICE_WINDOW
    return Window(now < closes_at, closes_at)


def is_quiet(moment: datetime) -> bool:
    """Between 21:00 and 10:00 in India."""
    at = moment.astimezone(IST).time()
    return at >= QUIET_FROM or at < QUIET_UNTIL


def next_waking(moment: datetime) -> datetime:
    """The moment itself in waking hours, otherwise the next 10:00 in India."""
    if not is_quiet(moment):
        return moment
    local = moment.astimezone(IST)
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, IST)
