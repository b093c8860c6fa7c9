"""Browsers: one cookie jar a host, as real ones have."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from marketing_platform.users.models import User


class Browser:
    """Django's test client sends every cookie to every host; this keeps them apart."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = defaultdict(Client)

    def get(self, path: str, **extra: Any) -> Any:
        return self.clients[extra["HTTP_HOST"]].get(path, **extra)

    def post(self, path: str, **extra: Any) -> Any:
        return self.clients[extra["HTTP_HOST"]].post(path, **extra)


@pytest.fixture
def public_client(session_for: Callable[..., Client]) -> Callable[[User], Browser]:
    """A browser signed in on the public host."""

    def make(user: User) -> Browser:
        browser = Browser()
        browser.clients["localhost"] = session_for(user)
        return browser

    return make
