"""What may be said again elsewhere, what must be run again, and who goes first."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, migrations, models

from marketing_platform.tenants import migration_executor, migration_plan
from marketing_platform.tenants import snapshot as snapshots
from marketing_platform.tenants.migration_executor import workspaces_migrate
from marketing_platform.tenants.migrations_runner import (
    code_version,
    workspace_lock,
    workspaces_behind,
)
from marketing_platform.tenants.models import SchemaSnapshot, State, Tenant

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "local_occasions_note"
ADD_FIELD = 'migrations.AddField("note", "rank", models.IntegerField(null=True))'
BY_FUNCTION = f"""
    migrations.RunSQL("CREATE FUNCTION more() RETURNS void LANGUAGE sql"
                      " AS 'INSERT INTO {TABLE} (text) VALUES (''more'')'"),
    migrations.RunSQL(["-- a call" + chr(10) + "SELECT more()"]),
"""
FILLING = """
def fill(apps, editor):
    apps.get_model("local_occasions", "Note").objects.create(text={value})
"""
FILL = "migrations.RunPython(lambda apps, editor: fill(apps, editor))"
Ask = Callable[..., list[tuple]]


def is_replayed(field: models.Field) -> bool:
    return migration_plan._is_plain(migrations.AddField("note", "new", field))


def test_a_function_called_by_select_is_called_in_every_workspace(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    release.add(BY_FUNCTION)

    report = workspaces_migrate(workspaces_behind())

    assert [outcome.way for outcome in report.outcomes] == ["operations"] * 3
    for shop in shops:
        assert ask(shop, f"SELECT count(*) FROM {TABLE} WHERE text = 'more'") == [(1,)]


def test_what_follows_a_setting_is_done_in_every_workspace(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    release.add(f"migrations.RunSQL(\"SET LOCAL lock_timeout='1s'; UPDATE {TABLE} SET text='x'\")")

    assert workspaces_migrate(workspaces_behind()).failed == []
    assert [ask(shop, f"SELECT text FROM {TABLE}") for shop in shops] == [[("x",)]] * 3


@pytest.mark.parametrize("default", [7, "a", list, dict, str])
def test_a_default_that_stays_the_same_is_replayed(default: object) -> None:
    assert is_replayed(models.JSONField(default=default))


def test_a_default_that_may_be_another_each_time_is_not() -> None:
    # Twice the same within a moment, and another tomorrow or for the next workspace.
    assert not is_replayed(models.CharField(default=lambda: "a"))
    assert not is_replayed(models.DateField(auto_now_add=True))


def test_a_token_made_in_python_makes_no_snapshot(
    release, caplog: pytest.LogCaptureFixture
) -> None:
    release.add(FILL, after=FILLING.format(value="secrets.token_hex(9)"))

    assert snapshots.snapshot_ensure("local") is None
    assert f"different: rows of {TABLE}" in caplog.text


def test_without_the_second_run_the_token_would_be_shared(
    release, monkeypatch: pytest.MonkeyPatch
) -> None:
    release.add(FILL, after=FILLING.format(value="secrets.token_hex(9)"))
    monkeypatch.setattr(snapshots, "_compare_data", lambda first, second: None)

    assert snapshots.snapshot_ensure("local") is not None


def test_rows_that_are_the_same_everywhere_make_one(release) -> None:
    release.add(FILL, after=FILLING.format(value="'welcome'"))

    assert snapshots.snapshot_ensure("local") is not None
    assert "welcome" in SchemaSnapshot.objects.get(tier="local").statements


def test_a_migration_put_between_others_changes_the_version(release) -> None:
    last = release.folder / f"{release.add(ADD_FIELD)}.py"
    before = code_version("local")
    text = last.read_text()
    middle = release.folder / "0001a_middle.py"
    middle.write_text(text.replace('"rank"', '"place"'))
    last.write_text(text.replace("0001_step", "0001a_middle"))
    release.reload()

    assert code_version("local") != before


def test_an_erased_first_one_proves_nothing_and_the_next_goes_first(release, ask: Ask) -> None:
    shops = release.workspaces(4)
    ask(shops[1], f"ALTER TABLE {TABLE} ADD COLUMN rank text")
    release.add(ADD_FIELD)
    behind = workspaces_behind()
    Tenant.objects.filter(pk=shops[0].pk).update(state=State.ERASED)

    report = workspaces_migrate(behind)

    assert [(each.slug, each.is_canary) for each in report.outcomes] == [
        ("shop-001", True),
        ("shop-002", True),
    ]
    assert report.stopped == {"local": 2}


def test_a_busy_first_one_is_passed_over(release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_executor, "BUSY_SECONDS", 0.1)
    shops = release.workspaces(3)
    release.add(ADD_FIELD)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with workspace_lock(shops[0]):
            held.set()
            over.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    report = workspaces_migrate(workspaces_behind())
    over.set()
    thread.join()

    assert report.stopped == {}
    assert [each.slug for each in report.failed] == ["shop-001"]
    assert [(each.slug, each.is_canary) for each in report.done] == [
        ("shop-002", True),
        ("shop-003", False),
    ]
