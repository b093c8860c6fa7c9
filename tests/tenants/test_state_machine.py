"""The machine of guard_machine.py at work, and what it finds when a part of the tenancy is off."""

from collections.abc import Iterator

import pytest
from django.db import Error
from django.db.backends.postgresql.base import DatabaseWrapper as DjangoWrapper
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from marketing_platform.core import clock
from marketing_platform.tenants.backend.base import DatabaseWrapper
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.services import tenant_reserve, workspace_provision
from tests.tenants.guard_machine import Workspaces

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning"),
]
STEPS = 50
# What is found is told as it was found: a shorter way there costs minutes of transactions.
PROFILE = settings(
    max_examples=60,
    stateful_step_count=STEPS,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def machine(local_tenant: Tenant) -> Iterator[type[Workspaces]]:
    """The machine with asha's workspace and a second one of her tier."""
    now = clock.now()
    second = tenant_reserve(tier="local", name="Second Shop", language="en", actor_id=None, now=now)
    workspace_provision(second, now=now)
    tenants = {"first": local_tenant, "second": second}
    yield type("Machine", (Workspaces,), {"tenants": tenants, "steps": 0})


@pytest.mark.parametrize(
    ("examples", "at_least"), [(15, 500), pytest.param(60, 2_000, marks=pytest.mark.slow)]
)
def test_no_step_shows_a_foreign_row(
    machine: type[Workspaces], examples: int, at_least: int
) -> None:
    run_state_machine_as_test(machine, settings=settings(PROFILE, max_examples=examples))

    assert machine.steps >= at_least


def test_control_without_the_guard_the_machine_finds_a_foreign_row(
    machine: type[Workspaces], guard_off: None
) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception, Error)):
        run_state_machine_as_test(machine, settings=PROFILE)


def test_control_a_search_path_remembered_over_a_rollback_is_found(
    machine: type[Workspaces], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "_search_path_forget", lambda _wrapper: None)

    with pytest.raises((AssertionError, Error)):
        run_state_machine_as_test(machine, settings=PROFILE)


def test_control_callbacks_run_for_whoever_acts_are_found(
    machine: type[Workspaces], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "on_commit", DjangoWrapper.on_commit)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=PROFILE)
