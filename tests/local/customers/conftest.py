"""A shop and the ways to fill it."""

import pytest

from local.customers.services import ConsentGiven, wording_here
from marketing_platform.core import clock

YES = "whatsapp_marketing"


@pytest.fixture
def shop(in_local_workspace):
    from marketing_platform.schedule.registry import handlers_load

    handlers_load()
    return in_local_workspace


@pytest.fixture
def tick(shop):
    """tick(): a consent in the shop's words, as the counter gives it."""

    def make(**more):
        return ConsentGiven(wording_here(language="en"), **more)

    return make


@pytest.fixture
def now():
    return clock.now()
