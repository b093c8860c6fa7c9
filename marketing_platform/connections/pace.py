"""Calls of all workspaces to one provider, counted together: Meta's limit is our application's.

One shop may not use up everybody's share, and near the limit (Meta says how near in each answer)
all slow down before Meta shuts us out.
"""

import logging
import time
from collections.abc import Mapping

from django.conf import settings
from django.core.cache import cache

from marketing_platform.api.errors import ServiceAway
from marketing_platform.api.limits import limit_per_minute
from marketing_platform.connections.classify import usage_of
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.providers import Provider
from marketing_platform.core.errors import LimitReached
from marketing_platform.tenants.context import current_tenant, public_context

logger = logging.getLogger(__name__)
SLOW_AT, STOP_AT = 80, 90
# What one workspace may still do in a minute between the two.
CALLS_WHEN_SLOW = 20
SECONDS_SLOW, SECONDS_STOPPED = 120, 300
LONGEST_SECONDS = 6 * 3600


def call_counted(provider: Provider) -> None:
    """Count one call before it is made. Raises ProviderFailure (rate_limited) to make it later."""
    if provider.limits_shared_as != "meta":
        return
    until, is_slow = _state(provider)
    if until > time.time():
        raise _later(provider, until - time.time())
    tenant = current_tenant()
    who = tenant.pk.hex if tenant else "public"
    share = min(settings.META_CALLS_PER_WORKSPACE, CALLS_WHEN_SLOW if is_slow else 10**9)
    try:
        limit_per_minute("calls to Meta of a workspace", who, share)
        limit_per_minute("calls to Meta", "all", settings.META_CALLS_PER_MINUTE)
    except LimitReached as reached:
        raise _later(provider, reached.retry_after) from reached
    except ServiceAway as away:
        raise _later(provider, 30) from away


def answer_noted(provider: Provider, headers: Mapping[str, str]) -> None:
    """Slow down or stop for everybody as the provider's own count says."""
    if provider.limits_shared_as != "meta":
        return
    used, minutes = usage_of(headers)
    if used < SLOW_AT and not minutes:
        return
    seconds = min(max(minutes * 60, SECONDS_STOPPED), LONGEST_SECONDS)
    is_stop = used >= STOP_AT or minutes > 0
    logger.warning("%s counts %d percent used", provider.limits_shared_as, used)
    with public_context():
        cache.set(_key(provider, "slow"), 1, timeout=SECONDS_SLOW)
        if is_stop:
            cache.set(_key(provider, "until"), time.time() + seconds, timeout=seconds)


def _state(provider: Provider) -> tuple[float, bool]:
    names = _key(provider, "until"), _key(provider, "slow")
    with public_context():
        found = cache.get_many(names)
    return float(found.get(names[0], 0)), names[1] in found


def _key(provider: Provider, name: str) -> str:
    return f"connections:{provider.limits_shared_as}:{name}"


def _later(provider: Provider, seconds: float) -> ProviderFailure:
    return ProviderFailure(
        "rate_limited", provider=provider.label, code="own_limit", retry_after=max(1.0, seconds)
    )
