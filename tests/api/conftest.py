from collections.abc import Callable
from typing import Any

import pytest

from marketing_platform.api.keys import key_create
from marketing_platform.core import clock


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
