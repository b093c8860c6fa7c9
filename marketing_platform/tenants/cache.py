"""Cache keys carry the workspace, so that one can never be served what another stored."""

from typing import TYPE_CHECKING

from django.core.cache import cache

from marketing_platform.tenants.context import PUBLIC_SCHEMA, current_schema
from marketing_platform.tenants.errors import CrossTenantError

if TYPE_CHECKING:
    from marketing_platform.tenants.models import Tenant

KEYS_AT_ONCE = 500


def make_key(key: str, key_prefix: str, version: int) -> str:
    return f"{current_schema()}:{key_prefix}:{version}:{key}"


def cache_clear(tenant: "Tenant") -> int:
    """Forget what one workspace stored, and nothing else. Returns how many keys went.

    Django's own `cache.clear()` empties the server: sessions' limits and the broker included.
    """
    if tenant.schema_name == PUBLIC_SCHEMA:
        raise CrossTenantError
    redis = cache._cache.get_client(None, write=True)
    found = redis.scan_iter(match=f"{tenant.schema_name}:*", count=KEYS_AT_ONCE)
    removed = 0
    while keys := [key for _place, key in zip(range(KEYS_AT_ONCE), found, strict=False)]:
        removed += redis.unlink(*keys)
    return removed
