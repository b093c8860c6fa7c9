"""The drill, second part: a spoiled workspace becomes what it was, all of it or nothing."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from billing.models import Payment, StaffTerms, Subscription
from local.automation.social_media.models import BrandKit, DayIdea, Offer
from marketing_platform.api.models import ApiKey, RememberedAnswer
from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile
from marketing_platform.operations.backup import (
    database,
    loading,
    workspace_backup,
)
from marketing_platform.operations.backup.errors import BackupDamaged, RestoreRefused
from marketing_platform.operations.backup.schemas import drop_unused
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.models import State, Tenant, TenantEvent
from marketing_platform.tenants.services import tenant_block
from marketing_platform.users.models import Membership, User
from tests.operations.backup.world import (
    NOON,
    restore,
    rows_in,
    schemas,
    whole,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
Lost = Callable[[], AbstractContextManager[None]]
EVENTS, WORK = "tenants.TenantEvent", "platform_schedule.DueWork"


def test_what_was_deleted_and_changed_is_back_and_the_other_workspace_is_untouched(
    filled: dict[str, Tenant], backup: Path
) -> None:
    shop, company = filled["local"], filled["enterprise"]
    before, others = whole(shop), whole(company)
    with tenant_context(shop):
        DayIdea.objects.all().delete()
        Offer.objects.update(words="spoiled")
        Offer.objects.create(words="later", valid_from=NOON, valid_until=NOON, created_at=NOON)
        BrandKit.objects.update(owner_photo=None)
        path = MediaFile.objects.get().storage_path
    folder = Path(settings.MEDIA_ROOT) / shop.schema_name
    (folder / path).write_bytes(b"spoiled")
    old = shop.schema_name
    assert without(whole(shop), EVENTS) != without(before, EVENTS)

    report = restore(backup, reason="the owner deleted things")

    after = whole(shop)
    assert without(after, EVENTS) == without(before, EVENTS)
    assert whole(company) == others
    shop.refresh_from_db()
    assert shop.state == State.ACTIVE
    assert workspace_complete(shop) == []
    assert not report.was_lost
    assert report.rows == sum(counted.rows for counted in before.tables.values())
    # Who still knows the old name finds nothing.
    assert old not in schemas()
    assert TenantEvent.objects.filter(tenant=shop, kind="restored").count() == 1


def test_what_was_put_aside_is_dropped_a_week_later(shop: Tenant, backup: Path) -> None:
    old, known = shop.schema_name, schemas()
    restore(backup)
    shop.refresh_from_db()
    (aside,) = schemas() - known - {shop.schema_name}
    planned = DueWork.objects.filter(task="tenants.schema_drop", done_at=None)

    assert {row.arguments["schema"] for row in planned} == {aside, old}
    assert all(timedelta(days=6) < row.due_at - clock.now() < timedelta(days=8) for row in planned)
    for row in planned:
        drop_unused(None, **row.arguments)
    assert schemas() == (known - {old}) | {shop.schema_name}
    assert not (Path(settings.MEDIA_ROOT) / old).exists()
    assert (Path(settings.MEDIA_ROOT) / shop.schema_name).exists()


def test_a_schema_in_use_is_not_dropped(shop: Tenant) -> None:
    drop_unused(None, schema=shop.schema_name)

    assert shop.schema_name in schemas()


def test_money_people_and_keys_stay_as_they_are_now(
    shop: Tenant, backup: Path, asha: User, meera: User
) -> None:
    Payment.objects.filter(tenant=shop).update(remark="refunded since")
    Subscription.objects.filter(tenant=shop).update(state="ended", access_until=NOON)
    ApiKey.objects.filter(tenant=shop).update(revoked_at=NOON)
    Membership.objects.filter(tenant=shop, user=asha).delete()
    Membership.objects.create(tenant=shop, user=meera, role="owner")
    Payment.objects.create(
        tenant=shop, gateway="sandbox", remote_id="since", base_paise=1, tax_paise=0,
        amount_paise=1, currency="INR", paid_at=NOON, created_at=NOON,
    )  # fmt: skip
    before = whole(shop)
    restore(backup)

    assert without(whole(shop), EVENTS) == without(before, EVENTS)
    assert list(Membership.objects.values_list("user_id", flat=True).filter(tenant=shop)) == [
        meera.pk
    ]


def test_a_profile_and_an_answer_that_are_missing_are_put_back(shop: Tenant, backup: Path) -> None:
    from local.business.models import LocalBusiness

    LocalBusiness.objects.filter(tenant=shop).delete()
    RememberedAnswer.objects.filter(tenant=shop).delete()
    StaffTerms.objects.filter(tenant=shop).delete()
    report = restore(backup)

    assert LocalBusiness.objects.get(tenant=shop).name == "Asha Sweets"
    assert RememberedAnswer.objects.get(tenant=shop).body == {"said": shop.slug}
    assert report.public_rows == {
        "api.RememberedAnswer": 1,
        "billing.StaffTerms": 1,
        "local_business.LocalBusiness": 1,
    }


def test_no_number_is_given_twice(shop: Tenant, backup: Path) -> None:
    """A number that was used after the backup may be known outside, in a link or a sent post."""
    with tenant_context(shop):
        used = DayIdea.objects.create(on="2026-12-01", variant=1, chosen_at=NOON).pk
    restore(backup)
    shop.refresh_from_db()
    with tenant_context(shop):
        assert not DayIdea.objects.filter(pk=used).exists()
        assert DayIdea.objects.create(on="2026-12-02", variant=1, chosen_at=NOON).pk > used


def test_a_blocked_workspace_stays_blocked(shop: Tenant, backup: Path, asha: User) -> None:
    tenant_block(tenant=shop, reason="fraud", actor_id=asha.pk, now=NOON)
    restore(backup)
    shop.refresh_from_db()

    assert shop.state == State.BLOCKED


def test_an_erased_workspace_is_not_restored(shop: Tenant, backup: Path) -> None:
    Tenant.objects.filter(pk=shop.pk).update(state=State.ERASED)

    with pytest.raises(IllegalState):
        restore(backup)


def test_a_backup_of_older_code_is_brought_up_to_this_codes_migrations(
    shop: Tenant, folder: Path
) -> None:
    def audit_to(name: str) -> None:
        with tenant_context(shop, include_public=False):
            MigrationExecutor(connection).migrate([("platform_audit", name)])

    audit_to("0001_initial")
    path = workspace_backup(shop, folder / "old.zip").path
    before = rows_in(shop, "platform_audit_auditentry")
    audit_to("0002_rows_are_only_added")
    restore(path)
    shop.refresh_from_db()

    assert rows_in(shop, "platform_audit_auditentry") == before
    assert workspace_complete(shop) == []


def test_a_restore_that_fails_at_the_end_changes_nothing(
    shop: Tenant, backup: Path, registries: Any
) -> None:
    @registries.after_restore("breaks")
    def breaks(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
        raise RuntimeError("the handler broke")

    with tenant_context(shop):
        DayIdea.objects.all().delete()
    before, known, media = whole(shop), schemas(), set(Path(settings.MEDIA_ROOT).iterdir())
    with pytest.raises(RuntimeError, match="the handler broke"):
        restore(backup)
    shop.refresh_from_db()

    assert without(whole(shop), EVENTS) == without(before, EVENTS)
    assert (schemas(), set(Path(settings.MEDIA_ROOT).iterdir())) == (known, media)
    assert shop.state == State.ACTIVE
    assert not DueWork.objects.filter(task="tenants.schema_drop", done_at=None).exists()


def test_a_row_lost_on_the_way_is_noticed(
    shop: Tenant, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the comparison: a loader that loses a table's rows."""
    write = database.table_write

    def forgetful(raw: Any, schema: str, table: database.Table, parts: Any) -> int:
        if table.name == "local_occasions_occasionoverride":
            parts = iter(list(parts)[:0])
        return write(raw, schema, table, parts)

    monkeypatch.setattr(loading.database, "table_write", forgetful)
    known = schemas()
    with pytest.raises(RestoreRefused, match="occasionoverride has 0 rows"):
        restore(backup)
    assert schemas() == known


def test_a_file_that_is_no_backup_changes_nothing(shop: Tenant, backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-100])
    before = whole(shop)

    with pytest.raises(BackupDamaged):
        restore(backup)
    assert whole(shop) == before


def test_nobody_sees_a_half_restore(shop: Tenant, backup: Path, registries: Any) -> None:
    """At the last moment before the commit, others still find what was there, and can read it."""
    old, seen = shop.schema_name, []

    @registries.after_restore("looks")
    def looks(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            query = "SELECT schema_name FROM tenants_tenant WHERE id = %s"
            seen.append(other.execute(query, [tenant.pk]).fetchone()[0])
            query = f"SELECT count(*) FROM {old}.local_social_media_offer"
            seen.append(other.execute(query).fetchone()[0])
        return []

    restore(backup)
    shop.refresh_from_db()

    assert seen == [old, 1]
    assert shop.schema_name != old


KILLED = """
import os, signal, sys
import django
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
django.setup()
from marketing_platform.core import clock
from marketing_platform.operations.backup import after, workspace_restore

def die(*_all, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

after.features_ask = die
workspace_restore(sys.argv[1], now=clock.now())
"""


@pytest.mark.slow
def test_a_restore_that_is_killed_can_be_run_again(shop: Tenant, backup: Path) -> None:
    before, known = whole(shop), schemas()
    connection.close()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(backup), settings.MEDIA_ROOT],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -9, killed.stderr.decode()
    shop.refresh_from_db()
    assert shop.state == State.BLOCKED
    assert without(whole(shop), EVENTS) == without(before, EVENTS)
    (left,) = DueWork.objects.filter(task="tenants.schema_drop", done_at=None)

    drop_unused(None, **left.arguments)
    assert schemas() == known
    restore(backup)
    shop.refresh_from_db()
    assert shop.state == State.ACTIVE
    assert without(whole(shop), EVENTS) == without(before, EVENTS)
