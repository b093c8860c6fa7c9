from typing import Any

import pytest
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from marketing_platform.api import limits

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the cache nor the limits reach their server."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    nothing = MovingWindowRateLimiter(storage_from_string(NOWHERE))
    monkeypatch.setattr(limits, "_limiter", lambda: nothing)
