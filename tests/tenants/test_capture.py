"""What migrations do is recorded as statements that do it again."""

import pytest
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F

from marketing_platform.tenants.capture import changes_something, statements_captured
from marketing_platform.tenants.catalog import objects_differ, schema_fingerprint, schema_objects
from marketing_platform.tenants.errors import NotReplayable

pytestmark = pytest.mark.django_db


class Shelf(models.Model):
    """A table of these tests alone."""

    label = models.CharField(max_length=40, db_index=True)
    width = models.IntegerField(default=1)
    above = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    class Meta:
        app_label = "capture_tests"

    def __str__(self) -> str:
        return self.label


def in_new_schema(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {name}")
        cursor.execute(f"SET LOCAL search_path = {name}")


def test_replayed_statements_make_the_same_schema_with_the_same_rows() -> None:
    in_new_schema("first")
    with statements_captured(connection) as statements:
        with connection.schema_editor(atomic=True) as editor:
            editor.create_model(Shelf)
        MigrationRecorder(connection).ensure_schema()
        Shelf.objects.create(label="50% off; 'quoted' \\ back")
        Shelf.objects.bulk_create([Shelf(label="a"), Shelf(label="b")])
        Shelf.objects.update(width=F("width") + 1)
        list(Shelf.objects.all())
    with connection.cursor() as cursor:
        expected = schema_objects(cursor, "first")
    in_new_schema("second")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        assert objects_differ(expected, schema_objects(cursor, "second")) == []
        assert schema_fingerprint(cursor, "first") == schema_fingerprint(cursor, "second")
        cursor.execute("SELECT label, width FROM second.capture_tests_shelf ORDER BY id")
        assert cursor.fetchall() == [("50% off; 'quoted' \\ back", 2), ("a", 2), ("b", 2)]


def test_reads_are_left_out() -> None:
    with statements_captured(connection) as statements, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("  -- which\n WITH one AS (SELECT 1) SELECT * FROM one")
        cursor.execute("SET LOCAL search_path = public")
    assert statements == []


def test_what_a_savepoint_took_back_is_taken_out() -> None:
    in_new_schema("first")
    with statements_captured(connection) as statements, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
        with pytest.raises(ValueError, match="no"), transaction.atomic():
            cursor.execute("CREATE TABLE lost (id int)")
            raise ValueError("no")
        with transaction.atomic():
            cursor.execute("CREATE TABLE inner_kept (id int)")
    assert statements == ["CREATE TABLE kept (id int)", "CREATE TABLE inner_kept (id int)"]


def test_what_follows_a_setting_or_a_savepoint_in_one_text_is_kept() -> None:
    in_new_schema("first")
    texts = [
        "SET LOCAL lock_timeout = '1s'; CREATE TABLE one (id int)",
        "SAVEPOINT a; CREATE TABLE two (id int)",
    ]
    with statements_captured(connection) as statements, connection.cursor() as cursor:
        for text in texts:
            cursor.execute(text)
    assert statements == texts


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t (a) VALUES (1)",
        "DO $$ BEGIN END $$",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT count(*) FROM gone",
        "SELECT setval(pg_get_serial_sequence('\"t\"', 'id'), 5)",
        "SELECT 1; DROP TABLE t",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET LOCAL lock_timeout = '1s'; UPDATE t SET a = 1",
        "LOCK TABLE t; UPDATE t SET a = 1",
        "SAVEPOINT a; UPDATE t SET a = 1",
    ],
)
def test_a_change_is_recognised(statement: str) -> None:
    assert changes_something(statement)


@pytest.mark.parametrize(
    "statement",
    ["SELECT 'INSERT; DELETE'", "SELECT * FROM t FOR UPDATE", "LOCK TABLE t", "SAVEPOINT a", ""],
)
def test_what_changes_nothing_is_recognised(statement: str) -> None:
    assert not changes_something(statement)


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "t_01m81m5fy5nzxv8vdrgsb7hdsa".shelf SET width = 1',
        "SELECT setval('t_01m81m5fy5nzxv8vdrgsb7hdsa.shelf_id_seq', 1)",
        "UPDATE public.shelf SET width = 1",
        'ALTER TABLE "public"."shelf" ADD x int',
        "CREATE" + " EXTENSION vector",
        "BEGIN; UPDATE no_such SET a = 1; COMMIT",
        "UPDATE no_such SET a = 1; SET search_path = elsewhere",
    ],
)
def test_a_statement_bound_to_one_schema_is_refused_before_it_runs(statement: str) -> None:
    with statements_captured(connection), connection.cursor() as cursor:
        # Had it run, PostgreSQL would have complained first: no such table.
        with pytest.raises(NotReplayable):
            cursor.execute(statement)
        cursor.execute("SELECT 1")


def test_a_text_that_only_mentions_the_public_is_not_refused() -> None:
    in_new_schema("first")
    with statements_captured(connection) as statements, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE words (text text)")
        cursor.execute("INSERT INTO words VALUES (%s)", ["Open to the public. Come in."])
    assert statements[1] == "INSERT INTO words VALUES ('Open to the public. Come in.')"
