from collections.abc import Callable
from typing import Any

import pytest
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from marketing_platform.api import limits
from marketing_platform.api.keys import key_create
from marketing_platform.core import clock

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def api_key(db: None) -> Callable[[Any], str]:
    """api_key(tenant): a key in clear that may read and write."""

    def make(tenant: Any) -> str:
        _row, text = key_create(
            tenant=tenant,
            name="Test",
            scopes=("read", "write"),
            is_test=False,
            created_by_id=None,
            expires_at=None,
            now=clock.now(),
        )
        return text

    return make


@pytest.fixture
def redis_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the cache nor the limits reach their server."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    nothing = MovingWindowRateLimiter(storage_from_string(NOWHERE))
    monkeypatch.setattr(limits, "_limiter", lambda: nothing)
