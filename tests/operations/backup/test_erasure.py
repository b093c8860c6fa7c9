"""Closing, keeping and erasing a workspace."""

import os
import stat
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client

from billing.models import Payment, StaffTerms, Subscription
from marketing_platform.api.models import ApiKey, RememberedAnswer
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.operations.backup import (
    erasures_due,
    folder_of,
    tenant_close,
    tenant_erase,
    workspace_backup,
    workspace_close,
    workspace_restore,
)
from marketing_platform.operations.backup.closing import erase
from marketing_platform.operations.tasks import retention
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import IllegalState, SlugTaken
from marketing_platform.tenants.models import Domain, State, SubjectRequest, Tenant, TenantEvent
from marketing_platform.tenants.services import address_ensure, tenant_reactivate
from marketing_platform.tenants.slugs import slug_suggest, slug_validate
from marketing_platform.users.models import Membership, User
from tests.operations.backup.world import DAY, whole

pytestmark = pytest.mark.django_db(transaction=True)
GONE = [Membership, ApiKey, RememberedAnswer, SubjectRequest, Domain]
KEPT = [Payment, Subscription, StaffTerms, TenantEvent]


def close(tenant: Tenant, grace: timedelta = 30 * DAY) -> None:
    tenant_close(
        tenant=tenant, reason="the owner asked", actor_id=None, now=clock.now(), grace=grace
    )


def schema_exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [name])
        return bool(cursor.fetchone()[0])


def test_closing_exports_first_and_plans_the_erasure(shop: Tenant, folder: Path) -> None:
    now = clock.now()
    report = workspace_close(tenant=shop, reason="the owner asked", actor_id=None, now=now)

    shop.refresh_from_db()
    assert (shop.state, shop.erase_after) == (State.CLOSING, now + 30 * DAY)
    assert report.export.parent == folder_of(shop)
    assert stat.S_IMODE(report.export.stat().st_mode) == 0o600
    assert zipfile.ZipFile(report.export).testzip() is None
    work = DueWork.objects.get(task="tenants.erase")
    assert (work.due_at, work.tenant_id) == (now + 30 * DAY, None)
    event = TenantEvent.objects.filter(tenant=shop, kind="closing").get()
    assert event.reason == "the owner asked"


def test_nothing_is_closed_when_the_export_fails(shop: Tenant, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")

    with pytest.raises(OSError):
        workspace_close(
            tenant=shop, reason="x", actor_id=None, now=clock.now(), folder=tmp_path / "taken"
        )
    shop.refresh_from_db()
    assert shop.state == State.ACTIVE


def test_a_closing_workspace_is_kept_when_it_is_reactivated(shop: Tenant, asha: User) -> None:
    close(shop, grace=timedelta())
    tenant_reactivate(tenant=shop, reason="stays", actor_id=asha.pk, now=clock.now())

    assert (shop.state, shop.erase_after) == (State.ACTIVE, None)
    assert erasures_due(clock.now()) == []
    erase(None, workspace=str(shop.pk))
    shop.refresh_from_db()
    assert shop.state == State.ACTIVE


def test_closing_again_moves_the_date(shop: Tenant) -> None:
    close(shop)
    first = shop.erase_after
    close(shop, grace=timedelta())

    assert shop.erase_after < first
    assert list(
        TenantEvent.objects.filter(tenant=shop, kind__startswith="closing").values_list(
            "kind", flat=True
        )
    ) == ["closing_moved", "closing"]


def test_the_grace_is_not_negative(shop: Tenant) -> None:
    with pytest.raises(InvalidInput) as refused:
        close(shop, grace=-DAY)
    assert refused.value.field == "grace"


@pytest.mark.parametrize("grace", [None, DAY])
def test_nothing_is_erased_before_its_time(shop: Tenant, grace: timedelta | None) -> None:
    if grace:
        close(shop, grace=grace)
    with pytest.raises(IllegalState):
        tenant_erase(tenant=shop, now=clock.now())
    erase(None, workspace=str(shop.pk))

    assert schema_exists(shop.schema_name)


def test_the_daily_run_sees_to_it_whoever_closed_it(shop: Tenant) -> None:
    close(shop, grace=timedelta())
    retention(None)

    assert DueWork.objects.get(task="tenants.erase").arguments == {"workspace": str(shop.pk)}


def test_an_erased_workspace_is_gone_and_the_other_is_untouched(
    filled: dict[str, Tenant],
    folder: Path,
    asha: User,
    vikram: User,
    session_for: Callable[..., Client],
) -> None:
    shop, company = filled["local"], filled["enterprise"]
    session_for(asha, shop)
    session_for(asha)
    session_for(vikram, company)
    for tenant in (shop, company):
        with tenant_context(tenant):
            cache.set("canary", tenant.slug)
        workspace_backup(tenant, folder_of(tenant) / "b.zip")
    others, media = whole(company), Path(settings.MEDIA_ROOT)
    address, money = shop.slug, {model: model.objects.filter(tenant=shop).count() for model in KEPT}
    close(shop, grace=timedelta())
    assert tenant_erase(tenant=shop, now=clock.now()) is True

    shop.refresh_from_db()
    assert (shop.state, shop.name, shop.erase_after) == (State.ERASED, "Erased workspace", None)
    assert address not in shop.slug
    assert not schema_exists(shop.schema_name)
    assert not (media / shop.schema_name).exists()
    assert not folder_of(shop).exists()
    with tenant_context(shop):
        assert cache.get("canary") is None
    for model in GONE:
        assert not model.objects.filter(tenant=shop).exists(), model
    assert not DueWork.objects.filter(tenant=shop).exists()
    assert {model: model.objects.filter(tenant=shop).count() for model in KEPT[:-1]} == {
        model: count for model, count in money.items() if model is not TenantEvent
    }
    assert InboundEvent.objects.get(tenant_id=shop.pk).payload == {}
    hosts = sorted(session.get_decoded()["host"] for session in Session.objects.all())
    assert hosts == ["public:", f"workspace:{company.pk}"]
    # The other one.
    assert whole(company) == others
    assert InboundEvent.objects.get(tenant_id=company.pk).payload == {"phone": "+919812345678"}
    assert folder_of(company).exists()
    with tenant_context(company):
        assert cache.get("canary") == company.slug
    # Again, it does nothing.
    assert tenant_erase(tenant=shop, now=clock.now()) is False


def test_its_address_is_never_anothers(shop: Tenant) -> None:
    address = shop.slug
    close(shop, grace=timedelta())
    tenant_erase(tenant=shop, now=clock.now())

    with pytest.raises(SlugTaken):
        slug_validate(address)
    assert slug_suggest("Asha Sweets") == f"{address}-2"
    assert address not in str(TenantEvent.objects.filter(tenant=shop).values_list())


def test_its_events_do_not_name_its_address(shop: Tenant) -> None:
    address = shop.slug
    Domain.objects.filter(tenant=shop).delete()
    assert address_ensure(tenant=shop, now=clock.now())
    events = TenantEvent.objects.filter(tenant=shop)
    assert events.get(kind="address_given").reason == ""
    # As they were written before.
    events.filter(kind="address_given").update(reason=address)
    close(shop, grace=timedelta())
    tenant_erase(tenant=shop, now=clock.now())

    assert events.filter(kind="address_given").count() == 1
    assert address not in str(events.values_list())


def test_what_staff_did_does_not_name_it(filled: dict[str, Tenant], asha: User) -> None:
    for tenant in filled.values():
        LogEntry.objects.create(
            user=asha, object_id=str(tenant.pk), object_repr=str(tenant), action_flag=CHANGE,
            change_message=f"block: {tenant.name} asked",
        )  # fmt: skip
    shop, company = filled["local"], filled["enterprise"]
    close(shop, grace=timedelta())
    tenant_erase(tenant=shop, now=clock.now())

    mine = LogEntry.objects.get(object_id=str(shop.pk))
    assert (mine.object_repr, mine.change_message) == ("Erased workspace", "")
    assert LogEntry.objects.get(object_id=str(company.pk)).object_repr == str(company)


def test_it_is_not_restored(shop: Tenant, tmp_path: Path) -> None:
    path = workspace_backup(shop, tmp_path / "kept-elsewhere.zip").path
    close(shop, grace=timedelta())
    tenant_erase(tenant=shop, now=clock.now())

    with pytest.raises(IllegalState):
        workspace_restore(path, now=clock.now())


def test_what_a_restore_put_aside_is_erased_too(shop: Tenant, tmp_path: Path) -> None:
    restored_from = workspace_backup(shop, tmp_path / "b.zip").path
    workspace_restore(restored_from, now=clock.now())
    shop.refresh_from_db()
    aside = [row.arguments["schema"] for row in DueWork.objects.filter(
        task="tenants.schema_drop", done_at=None
    )]  # fmt: skip
    assert any(schema_exists(name) for name in aside)
    close(shop, grace=timedelta())
    tenant_erase(tenant=shop, now=clock.now())

    assert not any(schema_exists(name) for name in (*aside, shop.schema_name))
    assert list(Path(settings.MEDIA_ROOT).glob("t_*")) != []  # the other workspace's
    assert not any((Path(settings.MEDIA_ROOT) / name).exists() for name in aside)


KILLED = """
import os, signal, sys
import django
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[3]
django.setup()
from marketing_platform.core import clock
from marketing_platform.operations.backup import erasing
from marketing_platform.tenants.models import Tenant

def die(*_all, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(erasing, sys.argv[2], die)
erasing.tenant_erase(tenant=Tenant.objects.get(pk=sys.argv[1]), now=clock.now())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "step",
    [
        pytest.param("sessions_delete", marks=pytest.mark.slow),
        "schema_remove",
        pytest.param("drop_done", marks=pytest.mark.slow),
        pytest.param("backups_delete", marks=pytest.mark.slow),
        pytest.param("erasure_finish", marks=pytest.mark.slow),
    ],
)
def test_an_erasure_that_is_killed_goes_on_where_it_was(shop: Tenant, step: str) -> None:
    close(shop, grace=timedelta())
    connection.close()
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(shop.pk), step, settings.MEDIA_ROOT],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -9, killed.stderr.decode()

    # Whatever is left of it, nobody is let in, and it is known to be unfinished.
    shop.refresh_from_db()
    assert shop.state == State.ERASED
    assert not Domain.objects.filter(tenant=shop).exists()
    assert erasures_due(clock.now()) == [shop]
    erase(None, workspace=str(shop.pk))
    shop.refresh_from_db()
    assert shop.erase_after is None
    assert not schema_exists(shop.schema_name)
    assert not (Path(settings.MEDIA_ROOT) / shop.schema_name).exists()
    assert not ApiKey.objects.filter(tenant=shop).exists()
    assert erasures_due(clock.now()) == []
    assert TenantEvent.objects.filter(tenant=shop, kind="erased").count() == 1
