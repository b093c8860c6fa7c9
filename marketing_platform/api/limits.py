"""Limits that hold under parallel calls: `limits` on Redis, moving window."""

import time
from functools import cache

from django.conf import settings
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from marketing_platform.core.errors import LimitReached


@cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(settings.REDIS_URL))


def limit_per_minute(name: str, who: str, amount: int) -> None:
    """Count one call; raises LimitReached naming the limit and the seconds to wait."""
    _hit(RateLimitItemPerMinute(amount), name, who)


def limit_per_hour(name: str, who: str, amount: int) -> None:
    _hit(RateLimitItemPerHour(amount), name, who)


def _hit(item: RateLimitItemPerMinute | RateLimitItemPerHour, name: str, who: str) -> None:
    if not _limiter().hit(item, name, who):
        reset_at, _left = _limiter().get_window_stats(item, name, who)
        raise LimitReached(limit=name, retry_after=max(1, round(reset_at - time.time())))
