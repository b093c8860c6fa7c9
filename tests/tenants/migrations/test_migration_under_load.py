"""A migration beside people at work, beside whoever holds a table, and after a kill."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from marketing_platform.tenants import migration_executor
from marketing_platform.tenants.migration_executor import workspaces_migrate
from marketing_platform.tenants.migrations_runner import workspace_lock, workspaces_behind
from marketing_platform.tenants.models import MigrationOutcome, Tenant, WorkspaceMigration

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
TABLE = "local_occasions_note"
ADD_FIELD = 'migrations.AddField("note", "rank", models.IntegerField(default=7, db_default=7))'
FIELD_AND_TWO_INDEXES = (
    f"{ADD_FIELD},"
    'migrations.AddIndex("note", models.Index(fields=["rank"], name="note_by_rank")),'
    'migrations.AddIndex("note", models.Index(fields=["text", "rank"], name="note_by_text")),'
)
WITHOUT_LOCKS = (
    'AddIndexConcurrently("note", models.Index(fields=["text"], name="note_by_text")),'
    'AddIndexConcurrently("note", models.Index(fields=["id", "text"], name="note_by_both")),'
)
Ask = Callable[..., list[tuple]]


@contextmanager
def table_held(tenant: Tenant) -> Iterator[psycopg.Connection]:
    """Somebody reads the table in a transaction that does not end."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute(f'SELECT * FROM "{tenant.schema_name}".{TABLE}')
        yield other


def test_whoever_holds_a_table_is_given_way_to(
    release, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_executor, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(migration_executor, "BACKOFF_SECONDS", 0.01)
    shops = release.workspaces(3)
    release.add(ADD_FIELD)

    with table_held(shops[1]):
        report = workspaces_migrate(workspaces_behind())

    assert [outcome.slug for outcome in report.failed] == ["shop-002"]
    assert "lock timeout" in report.failed[0].error
    assert [outcome.slug for outcome in report.done] == ["shop-001", "shop-003"]
    assert workspaces_migrate(workspaces_behind()).failed == []


def test_a_lock_that_goes_away_in_time_is_waited_for(
    release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_executor, "LOCK_TIMEOUT", "50ms")
    waits: list[float] = []
    shops = release.workspaces(2)
    release.add(ADD_FIELD)

    with table_held(shops[1]) as other:

        def pause(seconds: float) -> None:
            waits.append(seconds)
            other.rollback()

        monkeypatch.setattr(migration_executor.time, "sleep", pause)
        report = workspaces_migrate(workspaces_behind(), parallel=1)

    assert (report.failed, len(waits)) == ([], 1)


def test_a_workspace_busy_elsewhere_is_left_for_the_next_run(
    release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_executor, "BUSY_SECONDS", 0.1)
    shops = release.workspaces(2)
    release.add(ADD_FIELD)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with workspace_lock(shops[1]):
            held.set()
            over.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    report = workspaces_migrate(workspaces_behind())
    over.set()
    thread.join()

    assert "is being prepared or migrated elsewhere" in report.failed[0].error
    assert [tenant.slug for tenant in workspaces_behind()] == ["shop-002"]


def test_indexes_are_built_outside_of_a_transaction(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    release.add(WITHOUT_LOCKS, atomic=False)

    report = workspaces_migrate(workspaces_behind(), parallel=1)

    assert [outcome.way for outcome in report.outcomes] == ["operations"] * 3
    for shop in shops:
        assert ask(
            shop,
            "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema()"
            " AND indexname IN ('note_by_text', 'note_by_both')",
        ) == [(2,)]


def test_an_index_that_a_kill_left_half_built_is_built_again(release, ask: Ask) -> None:
    shop = release.workspace("half-built")
    release.add(WITHOUT_LOCKS, atomic=False)
    ask(shop, f"CREATE INDEX note_by_text ON {TABLE} (text)")
    ask(shop, f"CREATE INDEX note_by_both ON {TABLE} (id, text)")
    ask(shop, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'note_by_both'::regclass")

    report = workspaces_migrate(workspaces_behind())

    assert report.failed == []
    assert ask(
        shop,
        f"SELECT bool_and(indisvalid), count(*) FROM pg_index WHERE indrelid = '{TABLE}'::regclass",
    ) == [(True, 3)]


KILLED = """
import itertools, os, signal, sys
sys.path.insert(0, {folder!r})
import django
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"] = {{}}
django.setup()
settings.TENANT_TYPES["local"]["APPS"] = ["local.occasions"]
settings.MIGRATION_MODULES = {{"local_occasions": {package!r}}}
from marketing_platform.tenants import migration_executor, migration_ledger
from marketing_platform.tenants.migrations_runner import workspaces_behind
finish, numbers = migration_ledger.finish, itertools.count(1)

def finish_or_die(*arguments, **named):
    number = next(numbers)
    finish(*arguments, **named)
    if number == {at}:
        os.kill(os.getpid(), signal.SIGKILL)

migration_ledger.finish = finish_or_die
migration_executor.workspaces_migrate(workspaces_behind(), parallel={parallel})
"""


@pytest.mark.parametrize(("at", "parallel"), [pytest.param(1, 1, marks=pytest.mark.slow), (5, 2)])
def test_after_a_kill_the_rest_is_done_and_nothing_twice(
    release, ask: Ask, at: int, parallel: int
) -> None:
    shops = release.workspaces(8)
    release.add(
        FIELD_AND_TWO_INDEXES
        + f"migrations.RunSQL('UPDATE {TABLE} SET rank = rank + 1', migrations.RunSQL.noop)"
    )
    script = KILLED.format(
        folder=str(release.folder.parent), package=release.package, at=at, parallel=parallel
    )

    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "marketing_platform.settings.test"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    left = len(workspaces_behind())
    # Whoever was killed is left; how many the other thread did in between, the machine says.
    assert 1 <= left <= 8 - at + parallel
    assert WorkspaceMigration.objects.filter(outcome=MigrationOutcome.RUNNING).exists()
    report = workspaces_migrate(workspaces_behind())

    assert (report.failed, workspaces_behind(), len(report.done)) == ([], [], left)
    assert [ask(shop, f"SELECT rank FROM {TABLE}") for shop in shops] == [[(8,)]] * 8
    assert set(WorkspaceMigration.objects.values_list("outcome", flat=True)) == {"done"}


class People:
    """Readers and writers of the old code in every workspace, until told to stop."""

    def __init__(self, tenants: list[Tenant], *, threads: int = 3):
        self.tenants, self.errors, self.waits = tenants, list[str](), list[float]()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._work) for _ in range(threads)]

    def __enter__(self) -> "People":
        for thread in self.threads:
            thread.start()
        while len(self.waits) < 2 * len(self.tenants):
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _work(self) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as mine:
            while not self.over.is_set():
                for tenant in self.tenants:
                    self._visit(mine, tenant)

    def _visit(self, mine: psycopg.Connection, tenant: Tenant) -> None:
        began = time.monotonic()
        try:
            mine.execute(f'SET search_path = "{tenant.schema_name}"')
            with mine.transaction():
                mine.execute(f"INSERT INTO {TABLE} (text) VALUES ('new')")
                mine.execute(f"SELECT id, text FROM {TABLE} WHERE text = 'new'").fetchall()
            mine.execute(f"DELETE FROM {TABLE} WHERE text = 'new'")
        except psycopg.Error as error:
            self.errors.append(str(error))
        self.waits.append(time.monotonic() - began)


def test_old_code_goes_on_working_while_twenty_workspaces_are_migrated(release) -> None:
    shops = release.workspaces(20)
    release.add(FIELD_AND_TWO_INDEXES)

    with People(shops) as people:
        report = workspaces_migrate(workspaces_behind(), parallel=2)

    assert (report.failed, len(report.done)) == ([], 20)
    assert people.errors == []
    assert max(people.waits) < 2


def test_a_change_that_old_code_does_not_survive_is_noticed(release) -> None:
    shops = release.workspaces(4)
    release.add('migrations.RenameField("note", "text", "words")')

    with People(shops, threads=1) as people:
        workspaces_migrate(workspaces_behind())
        enough = len(people.waits) + 2 * len(shops)
        while len(people.waits) < enough:
            time.sleep(0.01)

    assert any('"text"' in error for error in people.errors)
