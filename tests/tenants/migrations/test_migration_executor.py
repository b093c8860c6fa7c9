"""Many workspaces brought to one version: planned once, tried on one, compared with it."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from marketing_platform.tenants import migration_executor
from marketing_platform.tenants.catalog import schema_fingerprint
from marketing_platform.tenants.migration_executor import (
    Outcome,
    RunReport,
    workspaces_migrate,
)
from marketing_platform.tenants.migrations_runner import (
    code_version,
    workspace_migrate,
    workspaces_behind,
)
from marketing_platform.tenants.models import (
    MigrationOutcome,
    State,
    Tenant,
    WorkspaceMigration,
)

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "local_occasions_note"
FIELD_AND_TWO_INDEXES = (
    'migrations.AddField("note", "rank", models.IntegerField(default=7, db_default=7)),'
    'migrations.AddIndex("note", models.Index(fields=["rank"], name="note_by_rank")),'
    'migrations.AddIndex("note", models.Index(fields=["text", "rank"], name="note_by_text")),'
)
FILLING = """
def fill(apps, editor):
    Note = apps.get_model("local_occasions", "Note")
    for note in Note.objects.all():
        Note.objects.create(text="copy of " + note.text)
"""
Ask = Callable[..., list[tuple]]


def migrate(**options: object) -> RunReport:
    return workspaces_migrate(workspaces_behind(), **options)


def ways(report: RunReport) -> list[str]:
    return [outcome.way for outcome in report.outcomes]


def fingerprint(tenant: Tenant) -> str:
    with connection.cursor() as cursor:
        return schema_fingerprint(cursor, tenant.schema_name)


def test_one_goes_first_and_the_others_replay_it(release, ask: Ask) -> None:
    shops = release.workspaces(4)
    name = release.add(FIELD_AND_TWO_INDEXES)

    report = migrate(parallel=2)

    assert ways(report) == ["operations", "replay", "replay", "replay"]
    assert (report.outcomes[0].slug, report.outcomes[0].is_canary) == ("shop-001", True)
    assert [ask(shop, f"SELECT text, rank FROM {TABLE}") for shop in shops] == [
        [(shop.slug, 7)] for shop in shops
    ]
    assert all(
        ask(shop, "SELECT count(*) FROM django_migrations WHERE name = %s", name) == [(1,)]
        for shop in shops
    )
    assert workspaces_behind() == []


def test_the_result_is_that_of_django_s_own_executor(release) -> None:
    ours, djangos = release.workspaces(3)[1:]
    release.add(FIELD_AND_TWO_INDEXES)
    workspace_migrate(djangos)

    migrate()

    assert fingerprint(ours) == fingerprint(djangos)


def test_the_ledger_tells_from_where_to_where(release) -> None:
    shop, _other = release.workspaces(2)
    before = code_version("local")
    release.add(FIELD_AND_TWO_INDEXES)

    migrate()

    row = WorkspaceMigration.objects.get(tenant=shop)
    assert (row.from_version, row.to_version) == (before, code_version("local"))
    assert (row.outcome, row.attempts, row.is_canary) == (MigrationOutcome.DONE, 1, True)
    assert row.finished_at >= row.started_at


def test_nothing_is_done_twice(release) -> None:
    shops = release.workspaces(2)
    release.add(FIELD_AND_TWO_INDEXES)
    migrate()

    again = workspaces_migrate(shops)

    assert ways(again) == ["nothing", "nothing"]
    assert set(WorkspaceMigration.objects.values_list("attempts", flat=True)) == {1}


def test_a_failing_workspace_is_left_as_it_was_and_the_others_go_on(release, ask: Ask) -> None:
    shops = release.workspaces(4)
    ask(shops[2], f"ALTER TABLE {TABLE} ADD COLUMN rank text")
    name = release.add(FIELD_AND_TWO_INDEXES)

    report = migrate()

    assert [outcome.slug for outcome in report.failed] == ["shop-003"]
    assert "already exists" in report.failed[0].error
    assert [tenant.slug for tenant in workspaces_behind()] == ["shop-003"]
    row = WorkspaceMigration.objects.get(tenant=shops[2])
    assert (row.outcome, "already exists" in row.error) == (MigrationOutcome.FAILED, True)
    assert not ask(shops[2], "SELECT 1 FROM django_migrations WHERE name = %s", name)

    ask(shops[2], f"ALTER TABLE {TABLE} DROP COLUMN rank")
    again = migrate()

    assert (again.failed, workspaces_behind()) == ([], [])
    row.refresh_from_db()
    assert (row.outcome, row.attempts, row.error) == (MigrationOutcome.DONE, 2, "")


def test_a_failing_canary_keeps_its_tier_as_it_was(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    ask(shops[0], f"ALTER TABLE {TABLE} ADD COLUMN rank text")
    release.add(FIELD_AND_TWO_INDEXES)

    for _attempt in range(2):
        report = migrate()
        assert [outcome.slug for outcome in report.failed] == ["shop-001"]
        assert (len(report.outcomes), report.stopped) == (1, {"local": 2})
        assert len(workspaces_behind()) == 3

    named = migrate(canary="shop-002")
    assert [outcome.slug for outcome in named.done] == ["shop-002", "shop-003"]


def test_a_proven_version_needs_no_canary(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    ask(shops[1], f"ALTER TABLE {TABLE} ADD COLUMN rank text")
    release.add(FIELD_AND_TWO_INDEXES)
    workspaces_migrate([shops[0]])

    report = migrate()

    assert report.stopped == {}
    assert [outcome.slug for outcome in report.failed] == ["shop-002"]
    assert [outcome.slug for outcome in report.done] == ["shop-003"]


def test_a_workspace_altered_by_hand_is_found_and_rolled_back(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    ask(shops[2], f"CREATE INDEX by_hand ON {TABLE} (text)")
    release.add(FIELD_AND_TWO_INDEXES)

    report = migrate()

    assert [outcome.slug for outcome in report.failed] == ["shop-003"]
    assert "unexpected: index by_hand" in report.failed[0].error
    with pytest.raises(Exception, match="rank"):
        ask(shops[2], f"SELECT rank FROM {TABLE}")


def test_without_the_comparison_the_altered_one_would_pass(
    release, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops = release.workspaces(3)
    ask(shops[2], f"CREATE INDEX by_hand ON {TABLE} (text)")
    release.add(FIELD_AND_TWO_INDEXES)
    monkeypatch.setattr(migration_executor, "schema_fingerprint", lambda cursor, name: "same")

    assert migrate().failed == []


def test_a_workspace_that_starts_elsewhere_gets_a_plan_of_its_own(release, ask: Ask) -> None:
    late = release.workspaces(1, prefix="late")[0]
    release.add('migrations.AddField("note", "colour", models.TextField(db_default="red"))')
    shops = release.workspaces(2)
    release.add(FIELD_AND_TWO_INDEXES)

    report = migrate(canary="shop-001", parallel=1)

    assert ways(report) == ["operations", "operations", "replay"]
    assert report.outcomes[1].slug == "late-001"
    assert ask(late, f"SELECT colour, rank FROM {TABLE}") == [("red", 7)]
    assert fingerprint(late) == fingerprint(shops[0])


def test_where_the_same_words_lead_elsewhere_the_operations_decide(release, ask: Ask) -> None:
    release.add(
        'migrations.AddField("note", "code", models.CharField(max_length=9, null=True, unique=True))'
    )
    shops = release.workspaces(3)
    constraint = ask(
        shops[1],
        f"SELECT conname FROM pg_constraint WHERE contype = 'u' AND conrelid = '{TABLE}'::regclass",
    )[0][0]
    ask(shops[1], f'ALTER TABLE {TABLE} RENAME CONSTRAINT "{constraint}" TO by_hand')
    release.add('migrations.AlterField("note", "code", models.CharField(max_length=9, null=True))')

    report = migrate(parallel=1)

    assert ways(report) == ["operations", "operations", "replay"]
    assert fingerprint(shops[0]) == fingerprint(shops[1]) == fingerprint(shops[2])


def test_python_runs_in_each_workspace_on_its_own_rows(release, ask: Ask) -> None:
    shops = release.workspaces(3)
    release.add(
        FIELD_AND_TWO_INDEXES + "migrations.RunPython(lambda a, e: fill(a, e), "
        "migrations.RunPython.noop)",
        after=FILLING,
    )

    report = migrate()

    assert ways(report) == ["operations"] * 3
    for shop in shops:
        assert ask(shop, f"SELECT text FROM {TABLE} ORDER BY id") == [
            (shop.slug,),
            (f"copy of {shop.slug}",),
        ]


def test_a_default_that_is_another_each_time_is_not_replayed(release, ask: Ask) -> None:
    shops = release.workspaces(2)
    release.add('migrations.AddField("note", "token", models.TextField(default=secrets.token_hex))')

    report = migrate()

    tokens = [ask(shop, f"SELECT token FROM {TABLE}") for shop in shops]
    assert ways(report) == ["operations", "operations"]
    assert tokens[0] != tokens[1]


def test_plain_sql_is_replayed(release, ask: Ask) -> None:
    shops = release.workspaces(2)
    release.add(
        "migrations.RunSQL([('UPDATE local_occasions_note SET text = %s || text', ['50% '])], "
        "migrations.RunSQL.noop)"
    )

    report = migrate()

    assert ways(report) == ["operations", "replay"]
    assert ask(shops[1], f"SELECT text FROM {TABLE}") == [("50% shop-002",)]


def test_sql_that_names_a_schema_is_refused(release) -> None:
    release.workspaces(2)
    release.add("migrations.RunSQL('CREATE TABLE public.astray (id int)', 'SELECT 1')")

    report = migrate()

    assert "it names the public schema" in report.failed[0].error
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.astray')")
        assert cursor.fetchone() == (None,)


def test_a_migration_that_reaches_for_a_public_table_fails(release) -> None:
    release.workspaces(1)
    release.add("migrations.RunSQL('UPDATE tenants_tenant SET name = name', 'SELECT 1')")

    assert "does not exist" in migrate().failed[0].error


def test_blocked_and_closing_workspaces_are_migrated_and_erased_ones_not(release) -> None:
    shops = release.workspaces(4)
    for shop, state in zip(
        shops, (State.BLOCKED, State.CLOSING, State.ERASED, State.ACTIVE), strict=True
    ):
        Tenant.objects.filter(pk=shop.pk).update(state=state)
    release.add(FIELD_AND_TWO_INDEXES)

    report = migrate(parallel=1)

    assert [outcome.slug for outcome in report.done] == ["shop-004", "shop-001", "shop-002"]


def test_a_missing_schema_fails_alone(release, caplog: pytest.LogCaptureFixture) -> None:
    shops = release.workspaces(3)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{shops[1].schema_name}" CASCADE')
    release.add(FIELD_AND_TWO_INDEXES)

    with caplog.at_level(logging.CRITICAL):
        report = migrate()

    assert [outcome.slug for outcome in report.failed] == ["shop-002"]
    assert "does not exist" in report.failed[0].error
    assert [outcome.slug for outcome in report.done] == ["shop-001", "shop-003"]


def test_looking_for_work_is_one_query_for_all(
    release, django_assert_num_queries: Callable
) -> None:
    release.workspaces(3)

    with django_assert_num_queries(1):
        assert workspaces_behind() == []


def test_a_run_that_nobody_listens_to_ends_loudly(release) -> None:
    release.workspaces(6)
    release.add(FIELD_AND_TWO_INDEXES)

    def gone(outcome: Outcome) -> None:
        if not outcome.is_canary:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        migrate(progress=gone, parallel=2)
    assert 0 < len(workspaces_behind()) < 6
    assert migrate().failed == []


def test_two_runs_at_once_share_the_work(release, ask: Ask) -> None:
    shops = release.workspaces(6)
    release.add(
        FIELD_AND_TWO_INDEXES
        + f"migrations.RunSQL('UPDATE {TABLE} SET rank = rank + 1', migrations.RunSQL.noop)"
    )

    def run(_number: int) -> RunReport:
        try:
            return workspaces_migrate(shops)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, range(2)))

    assert [report.failed for report in reports] == [[], []]
    assert [ask(shop, f"SELECT rank FROM {TABLE}") for shop in shops] == [[(8,)]] * 6
