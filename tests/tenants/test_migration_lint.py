"""Each rule refuses one migration and lets its better sister pass."""

import pytest
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    CreateExtension,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now

from marketing_platform.tenants import migration_lint
from marketing_platform.tenants.migration_lint import Finding, findings, migration_findings

NOOP = migrations.RunSQL.noop
BY_TEXT = models.Index(fields=["text"], name="by_text")
CHECK = models.CheckConstraint(condition=models.Q(rank__gte=0), name="a_rank_is_positive")
UNIQUE = models.UniqueConstraint(fields=["text"], name="one_text")


def rules(*operations: object, **attributes: object) -> list[str]:
    return [finding.rule for finding in found(*operations, **attributes)]


def found(*operations: object, **attributes: object) -> list[Finding]:
    kind = type("Migration", (migrations.Migration,), {"operations": operations, **attributes})
    return migration_findings(kind("0002_test", "notes"), before())


def key(**options: object) -> models.ForeignKey:
    options = {"null": True, "db_index": False, **options}
    return models.ForeignKey("notes.Note", on_delete=models.CASCADE, **options)


def added(field: models.Field) -> list[object]:
    return [migrations.AddField("note", "new", field)]


def altered(name: str, field: models.Field) -> list[object]:
    return [migrations.AlterField("note", name, field)]


def before() -> ProjectState:
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("text", models.CharField(max_length=40)),
        ("rank", models.IntegerField(null=True)),
        ("stars", models.PositiveIntegerField(null=True)),
        ("above", key(db_constraint=False)),
    ]
    state.add_model(ModelState("notes", "Note", fields))
    return state


def python(apps: object, editor: object) -> None:
    pass


CREATE = migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))])
TAG_NAME = migrations.AddField("tag", "name", models.TextField(default=""))

REFUSED = {
    "remove field": ("contract", [migrations.RemoveField("note", "rank")], {}),
    "delete model": ("contract", [migrations.DeleteModel("Note")], {}),
    "rename field": ("contract", [migrations.RenameField("note", "rank", "place")], {}),
    "rename model": ("contract", [migrations.RenameModel("Note", "Memo")], {}),
    "rename table": ("contract", [migrations.AlterModelTable("note", "memo")], {}),
    "drop by sql": (
        "contract",
        [migrations.RunSQL("ALTER TABLE notes_note DROP COLUMN rank", NOOP)],
        {},
    ),
    "not null": ("default", [migrations.AddField("note", "new", models.IntegerField())], {}),
    # Django drops a plain default again at once, and old code inserts without the column.
    "default of python": (
        "default",
        [migrations.AddField("note", "new", models.IntegerField(default=1))],
        {},
    ),
    "set not null": (
        "not-null",
        [migrations.AlterField("note", "rank", models.IntegerField())],
        {},
    ),
    "type": (
        "type",
        [migrations.AlterField("note", "rank", models.TextField(null=True))],
        {},
    ),
    "narrower": (
        "type",
        [migrations.AlterField("note", "text", models.CharField(max_length=20))],
        {},
    ),
    "unique": (
        "constraint",
        [migrations.AlterField("note", "text", models.CharField(max_length=40, unique=True))],
        {},
    ),
    "db_index": (
        "index",
        [migrations.AlterField("note", "text", models.CharField(max_length=40, db_index=True))],
        {},
    ),
    "new foreign key": ("constraint", added(key()), {}),
    "new unique": ("constraint", added(models.IntegerField(unique=True, null=True)), {}),
    "new index": ("index", added(models.IntegerField(db_index=True, db_default=0)), {}),
    "new index of a key": ("index", added(key(db_constraint=False, db_index=True)), {}),
    "default for each row": ("rewrite", added(models.UUIDField(db_default=RandomUUID())), {}),
    "other column": (
        "contract",
        altered("rank", models.IntegerField(null=True, db_column="place")),
        {},
    ),
    "foreign key checked": ("constraint", altered("above", key()), {}),
    "collation": ("type", altered("text", models.CharField(max_length=40, db_collation="C")), {}),
    "not negative": ("constraint", altered("rank", models.PositiveIntegerField(null=True)), {}),
    "order": ("default", [migrations.AlterOrderWithRespectTo("note", "above")], {}),
    "index": ("index", [migrations.AddIndex("note", BY_TEXT)], {}),
    "index by sql": ("index", [migrations.RunSQL("CREATE INDEX i ON notes_note (text)", NOOP)], {}),
    "check": ("constraint", [migrations.AddConstraint("note", CHECK)], {}),
    "unique constraint": ("constraint", [migrations.AddConstraint("note", UNIQUE)], {}),
    "unique together": (
        "constraint",
        [migrations.AlterUniqueTogether("note", {("text", "rank")})],
        {},
    ),
    "validated at once": (
        "constraint",
        [AddConstraintNotValid("note", CHECK), ValidateConstraint("note", CHECK.name)],
        {},
    ),
    "python one way": ("reverse", [migrations.RunPython(python)], {}),
    "sql one way": ("reverse", [migrations.RunSQL("SELECT 1")], {}),
    "schema": ("schema", [migrations.RunSQL("DELETE FROM public.tenants_domain", NOOP)], {}),
    "a workspace": (
        "schema",
        [migrations.RunSQL([(f'DELETE FROM "t_{"a" * 26}".note', None)], NOOP)],
        {},
    ),
    "extension": ("extension", [CreateExtension("hstore")], {}),
    "extension by sql": ("extension", [migrations.RunSQL("create  extension hstore", NOOP)], {}),
    "no transaction for nothing": (
        "atomic",
        [migrations.AddField("note", "new", models.TextField(null=True))],
        {"atomic": False},
    ),
    "no transaction for others too": (
        "atomic",
        [
            AddIndexConcurrently("note", BY_TEXT),
            migrations.AddField("note", "new", models.TextField(null=True)),
        ],
        {"atomic": False},
    ),
    "concurrently inside": ("atomic", [AddIndexConcurrently("note", BY_TEXT)], {}),
}

PASSING = {
    "contract with a reason": (
        [migrations.RemoveField("note", "rank")],
        {"contract": "no code since release 3 reads it"},
    ),
    "removed from a table of this migration": (
        [CREATE, TAG_NAME, migrations.RemoveField("tag", "name")],
        {},
    ),
    "null": ([migrations.AddField("note", "new", models.IntegerField(null=True))], {}),
    "db_default": ([migrations.AddField("note", "new", models.IntegerField(db_default=1))], {}),
    "time of the change": (added(models.DateTimeField(db_default=Now())), {}),
    "new index of a small table": (
        added(models.IntegerField(unique=True, null=True)),
        {"small_table": "a shop has ten of them"},
    ),
    "new key without checks": (added(key(db_constraint=False)), {}),
    "negative too": (altered("stars", models.IntegerField(null=True)), {}),
    "same column by name": (altered("rank", models.IntegerField(null=True, db_column="rank")), {}),
    "altered after the state alone": (
        [
            migrations.SeparateDatabaseAndState(state_operations=added(models.TextField())),
            *altered("new", models.TextField(null=True)),
        ],
        {},
    ),
    "wider": ([migrations.AlterField("note", "text", models.CharField(max_length=80))], {}),
    "text": ([migrations.AlterField("note", "text", models.TextField())], {}),
    "null allowed": (
        [migrations.AlterField("note", "text", models.CharField(max_length=40, null=True))],
        {},
    ),
    "index without lock": ([AddIndexConcurrently("note", BY_TEXT)], {"atomic": False}),
    "index of a small table": (
        [migrations.AddIndex("note", BY_TEXT)],
        {"small_table": "a shop has ten of them"},
    ),
    "index of a new table": (
        [CREATE, TAG_NAME, migrations.AddIndex("tag", models.Index(fields=["name"], name="by_n"))],
        {},
    ),
    "constraint not valid": ([AddConstraintNotValid("note", CHECK)], {}),
    "validated later": ([ValidateConstraint("note", CHECK.name)], {}),
    "both ways": (
        [
            migrations.RunPython(python, python),
            migrations.RunSQL("UPDATE notes_note SET rank=1", NOOP),
        ],
        {},
    ),
    "state alone": (
        [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Note")])],
        {},
    ),
    "choices": (
        [
            migrations.AlterField(
                "note", "text", models.CharField(max_length=40, choices=[("a", "A")])
            )
        ],
        {},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    rule, operations, attributes = REFUSED[name]

    assert rules(*operations, **attributes) == [rule]


@pytest.mark.parametrize("name", PASSING)
def test_it_passes(name: str) -> None:
    operations, attributes = PASSING[name]

    assert rules(*operations, **attributes) == []


def test_operations_inside_others_are_seen() -> None:
    inner = migrations.SeparateDatabaseAndState([migrations.RemoveField("note", "rank")])

    assert rules(inner) == ["contract"]


def test_a_finding_names_the_migration_and_the_way_out() -> None:
    sentence = str(found(migrations.RemoveField("note", "rank"))[0])

    assert sentence.startswith("notes.0002_test [contract] Remove field rank from note")
    assert "Release code without it first" in sentence


def test_our_migrations_pass() -> None:
    assert [str(finding) for finding in findings()] == []


def test_our_migrations_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(migration: migrations.Migration, state: ProjectState) -> list[Finding]:
        seen.append(f"{migration.app_label}.{migration.name}")
        return []

    monkeypatch.setattr(migration_lint, "migration_findings", look)
    findings()

    assert "tenants.0002_tenancy_ledgers" in seen
    assert not [name for name in seen if name.endswith("0001_initial") or name.startswith("auth.")]
