"""A restore sends nothing again and brings back nobody who left."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from local.automation.social_media.models import Offer
from marketing_platform.core import clock
from marketing_platform.operations.backup import (
    workspace_backup,
)
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_dispatch
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import SubjectRequest, Tenant
from tests.operations.backup.world import (
    DAY,
    NOON,
    restore,
    schemas,
    whole,
    work_add,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Lost = Callable[[], AbstractContextManager[None]]
EVENTS, WORK = "tenants.TenantEvent", "platform_schedule.DueWork"


def test_nothing_that_was_due_is_run(shop: Tenant, folder: Path) -> None:
    now = clock.now()
    work_add(shop, "overdue", due_at=now - DAY, lease_token=shop.pk, leased_until=now + DAY)
    work_add(shop, "done since", due_at=now - DAY)
    work_add(shop, "dead since", due_at=now - DAY)
    work_add(shop, "cleared since", due_at=now - DAY)
    work_add(shop, "ahead", due_at=now + DAY, nudged_at=now, leased_until=now)
    path = workspace_backup(shop, folder / "b.zip").path
    mine = DueWork.objects.filter(tenant=shop)
    mine.filter(key__startswith="done since").update(done_at=now)
    mine.filter(key__startswith="dead since").update(dead_at=now, error="its own")
    mine.filter(key__startswith="cleared since").delete()
    work_add(shop, "planned since", due_at=now + DAY)
    report = restore(path)

    found = {row.key.split(":")[0]: row for row in mine}
    stopped = {name for name, row in found.items() if row.error == "restored; needs a check"}
    assert stopped == {"overdue", "cleared since", "planned since"}
    assert report.work_needs_check == 3
    assert all(found[name].dead_at and not found[name].leased_until for name in stopped)
    assert found["done since"].done_at == now
    assert found["dead since"].error == "its own"
    ahead = found["ahead"]
    assert (ahead.dead_at, ahead.nudged_at, ahead.leased_until) == (None, None, None)
    assert ahead.due_at == now + DAY
    mine_sent = DueWork.objects.filter(tenant=shop).exclude(nudged_at=None)
    work_dispatch()
    assert mine_sent.count() == 0


def test_overdue_work_of_a_lost_database_is_not_run_either(
    shop: Tenant, folder: Path, lost_database: Lost
) -> None:
    work_add(shop, "overdue", due_at=clock.now() - DAY)
    path = workspace_backup(shop, folder / "b.zip").path
    with lost_database():
        restore(path)
        row = DueWork.objects.get(key__startswith="overdue")
        assert (row.error, row.done_at) == ("restored; needs a check", None)
        assert row.dead_at is not None
        assert DueWork.objects.get(key__startswith="soon").dead_at is None


def test_features_turn_what_was_armed_into_what_needs_a_check(
    shop: Tenant, backup: Path, registries: Any
) -> None:
    seen = []

    @registries.after_restore("offers")
    def offers(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
        seen.append((tenant.pk, connection.in_atomic_block, taken_at < now))
        changed = Offer.objects.filter(is_active=True).update(is_active=False, ended_at=now)
        return [f"{changed} offer needs a check"]

    report = restore(backup)
    shop.refresh_from_db()

    assert seen == [(shop.pk, True, True)]
    assert report.notes == ("offers: 1 offer needs a check",)
    with tenant_context(shop):
        assert not Offer.objects.filter(is_active=True).exists()


def test_people_who_left_since_the_backup_leave_again(
    shop: Tenant, backup: Path, registries: Any
) -> None:
    gone = []

    @registries.subject_handler("test.person")
    def person(tenant: Tenant, subject: str, act: str) -> None:
        gone.append((subject, act, connection.schema_name))

    for subject, act in (("7", "opted_out"), ("9", "erased")):
        registries.subject_record(
            tenant=shop, kind="test.person", subject=subject, act=act, now=clock.now()
        )
    report = restore(backup)
    shop.refresh_from_db()

    # Not the one that had left before: it is not in the backup either.
    assert gone == [("7", "opted_out", shop.schema_name), ("9", "erased", shop.schema_name)]
    assert report.subjects_again == 2


def test_nothing_is_restored_when_nobody_could_make_them_leave(
    shop: Tenant, backup: Path, registries: Any
) -> None:
    SubjectRequest.objects.create(
        tenant=shop, kind="test.unknown", subject="9", act="erased", happened_at=clock.now()
    )
    before, known = whole(shop), schemas()

    with pytest.raises(RestoreRefused, match=r"test\.unknown"):
        restore(backup)
    assert whole(shop) == before
    assert schemas() == known


def test_a_request_that_no_restore_could_apply_again_is_not_taken(
    shop: Tenant, registries: Any
) -> None:
    with pytest.raises(ValueError, match=r"test\.unknown"):
        registries.subject_record(
            tenant=shop, kind="test.unknown", subject="9", act="erased", now=NOON
        )


def test_a_withdrawn_result_is_withdrawn_again(shop: Tenant, backup: Path) -> None:
    from local.automation.social_media.models import CoachingResult
    from local.automation.social_media.services import coaching_result_withdraw

    with tenant_context(shop):
        coaching_result_withdraw(result_id=CoachingResult.objects.get().pk, now=clock.now())
    restore(backup)
    shop.refresh_from_db()
    with tenant_context(shop):
        assert CoachingResult.objects.get().is_active is False
