"""Cache keys carry the workspace, so that one can never be served what another stored."""

from marketing_platform.tenants.context import current_schema


def make_key(key: str, key_prefix: str, version: int) -> str:
    return f"{current_schema()}:{key_prefix}:{version}:{key}"
