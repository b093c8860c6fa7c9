"""Limits that hold under parallel calls: `limits` on Redis, moving window."""

import logging
import time
from functools import cache

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from marketing_platform.api.errors import ServiceAway
from marketing_platform.core.errors import LimitReached

logger = logging.getLogger(__name__)
SECONDS_TO_WAIT = 3  # for a Redis that takes connections and does not answer


@cache
def _limiter() -> MovingWindowRateLimiter:
    storage = storage_from_string(
        settings.REDIS_URL, socket_timeout=SECONDS_TO_WAIT, socket_connect_timeout=SECONDS_TO_WAIT
    )
    return MovingWindowRateLimiter(storage)


def limit_per_minute(name: str, who: str, amount: int) -> None:
    """Count one call. Raises LimitReached naming the limit and the seconds to wait; ServiceAway."""
    _hit(RateLimitItemPerMinute(amount), name, who)


def limit_per_hour(name: str, who: str, amount: int) -> None:
    _hit(RateLimitItemPerHour(amount), name, who)


def limit_per_day(name: str, who: str, amount: int) -> None:
    _hit(RateLimitItemPerDay(amount), name, who)


def left_today(name: str, who: str, amount: int) -> tuple[int, int]:
    """How many are left and the seconds until there is one more; counts nothing. ServiceAway."""
    try:
        reset_at, left = _limiter().get_window_stats(RateLimitItemPerDay(amount), name, who)
    except (RedisError, StorageError) as error:
        raise ServiceAway from error
    return left, max(1, round(reset_at - time.time()))


def _hit(item: RateLimitItem, name: str, who: str) -> None:
    try:
        if _limiter().hit(item, name, who):
            return
        reset_at, _left = _limiter().get_window_stats(item, name, who)
    except (RedisError, StorageError) as error:
        # Uncounted calls would be unlimited calls.
        logger.error("the limit of %s cannot be counted: %s", name, error)
        raise ServiceAway from error
    raise LimitReached(limit=name, retry_after=max(1, round(reset_at - time.time())))
