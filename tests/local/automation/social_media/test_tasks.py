"""Today's poster is drawn before the owner wakes, where somebody will look at it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from local.automation.social_media.services import posted_mark
from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.periodic import JOBS
from marketing_platform.schedule.services import work_run, work_schedule
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db


def night(tenant: Tenant, *, posted_days_ago: int | None) -> DueWork:
    if posted_days_ago is not None:
        on = clock.today() - timedelta(days=posted_days_ago)
        with tenant_context(tenant):
            posted_mark(on=on, network="facebook", variant=0, now=clock.now(), actor_id=None)
    row = work_schedule(task="local.prepare_day", tenant=tenant, key="night")
    assert work_run(row.pk) is True
    row.refresh_from_db()
    assert row.error == ""
    return row


def drawn(tenant: Tenant) -> list[Any]:
    with tenant_context(tenant):
        return list(MediaFile.objects.order_by("created_at").values_list("pk", flat=True))


def test_the_first_page_of_the_day_draws_nothing(
    local_tenant: Tenant, asha: Any, workspace_client: Callable[..., Client]
) -> None:
    night(local_tenant, posted_days_ago=1)
    made = drawn(local_tenant)
    page = workspace_client(local_tenant, asha).get("/")

    assert page.status_code == 200
    assert (len(made), drawn(local_tenant)) == (2, made)


@pytest.mark.parametrize("posted_days_ago", [None, 15])
def test_nothing_is_drawn_for_a_shop_that_does_not_post(
    local_tenant: Tenant, posted_days_ago: int | None
) -> None:
    night(local_tenant, posted_days_ago=posted_days_ago)

    assert drawn(local_tenant) == []


def test_without_the_night_the_page_draws(
    local_tenant: Tenant, asha: Any, workspace_client: Callable[..., Client]
) -> None:
    """The control: what the first test counts would be seen."""
    workspace_client(local_tenant, asha).get("/")

    assert len(drawn(local_tenant)) == 2


def test_the_job_is_planned_for_local_workspaces() -> None:
    assert JOBS["local.prepare_day"].tiers == ("local",)
