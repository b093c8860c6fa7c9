"""Refusing migrations that stop people at work, or that the code before them does not survive.

While workspaces are migrated one by one, the old code and the new serve both the old and the new
schema. So a release only adds (expand), and a later one takes away what no code uses any more
(contract): its Migration says `contract = "why nothing uses it"`. Reads operations, needs no
database. A migration may say `small_table = "why it stays small"` when a table of every workspace
has few rows, and a lock for the time of a scan is not felt.

Why not django-migration-linter: it judges the SQL of sqlmigrate, which asks a database and, in a
multi-tenant one, is empty for every app that has no tables in public; and it knows no reasons.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    CreateExtension,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

PACKAGES = ("marketing_platform.", "enterprise.", "local.", "billing")
CONTRACTING = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
OUTSIDE = (AddIndexConcurrently, RemoveIndexConcurrently)
NAMED_SCHEMA = re.compile(r"""(?<!\w)("?)(?:public|t_[0-9a-z]{26})\1\s*\.""", re.I)
LITERAL = re.compile(r"'(?:[^']|'')*'")
EXTENSION = re.compile(r"\bcreate\s+extension\b", re.I)
CONTRACTING_SQL = re.compile(
    r"\bdrop\s+(?:table|column)\b|\brename\s+(?:to|column)\b|\bset\s+not\s+null\b", re.I
)
BLOCKING_SQL = re.compile(
    r"\bcreate\s+(?:unique\s+)?index\s+(?!concurrently)|\bvacuum\s+full\b|\bcluster\b"
    r"|\block\s+table\b|\breindex\s+(?!.*concurrently)",
    re.I,
)


@dataclass(frozen=True)
class Finding:
    """What is wrong with a migration, and what to do instead."""

    migration: str
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.migration} [{self.rule}] {self.sentence}"


def findings() -> list[Finding]:
    """Of all our migrations newer than the initial ones."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {
        key
        for key, migration in loader.disk_migrations.items()
        if migration.__module__.startswith(PACKAGES)
    }
    found: list[Finding] = []
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for key in _in_order(loader):
        migration = loader.graph.nodes[key]
        if key in ours and not migration.initial and not key[1].startswith("0001"):
            found += migration_findings(migration, state)
        state = migration.mutate_state(state, preserve=False)
    return found


def migration_findings(migration: migrations.Migration, state: ProjectState) -> list[Finding]:
    """Of one migration, on the models before it."""
    name = f"{migration.app_label}.{migration.name}"
    state = state.clone()
    created: set[str] = set()
    found = []
    for operation in _flat(migration.operations):
        found += [
            Finding(name, rule, sentence)
            for rule, sentence in _operation_findings(migration, operation, state, created)
        ]
        if isinstance(operation, migrations.CreateModel):
            created.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)
    found += [Finding(name, rule, sentence) for rule, sentence in _transaction(migration)]
    return found


def _operation_findings(
    migration: migrations.Migration, operation: Operation, state: ProjectState, created: set[str]
) -> Iterator[tuple[str, str]]:
    has_reason = bool(getattr(migration, "contract", ""))
    is_small = bool(getattr(migration, "small_table", ""))
    model = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
    is_new = model in created
    if isinstance(operation, CONTRACTING) and not has_reason and not is_new:
        yield (
            "contract",
            f"{operation.describe()}: code that still runs needs it. Release code without it"
            ' first, then say contract = "why nothing uses it" on the Migration.',
        )
    if isinstance(operation, migrations.AddField) and not is_new:
        yield from _added_field(operation.field)
    if isinstance(operation, migrations.AlterField) and not is_new:
        before = state.models[migration.app_label, model].fields[operation.name]
        yield from _altered_field(before, operation.field, has_reason=has_reason)
    if type(operation) is migrations.AddIndex and not (is_new or is_small):
        yield (
            "index",
            f"{operation.describe()} blocks writing while it is built. Use AddIndexConcurrently"
            " with atomic = False, or say small_table on the Migration.",
        )
    if isinstance(operation, migrations.AddConstraint) and not isinstance(
        operation, AddConstraintNotValid
    ):
        yield from _constraint(operation, is_harmless=is_new or is_small)
    if isinstance(operation, migrations.AlterUniqueTogether) and not (is_new or is_small):
        yield "constraint", "AlterUniqueTogether builds an index under a lock. Use a constraint."
    if isinstance(operation, migrations.RunPython) and operation.reverse_code is None:
        yield "reverse", "RunPython has no way back. Give reverse_code (noop if nothing is lost)."
    if isinstance(operation, migrations.RunSQL):
        yield from _sql(operation, has_reason=has_reason, is_small=is_small)
    if isinstance(operation, CreateExtension):
        yield "extension", "Extensions are not used: the embedded PostgreSQL has none."


def _added_field(field: models.Field) -> Iterator[tuple[str, str]]:
    if field.many_to_many or field.null:
        return
    if field.db_default is NOT_PROVIDED and not field.generated:
        yield (
            "default",
            f"the new column {field.name or ''} is NOT NULL, and old code inserts rows without it."
            " Give db_default.".replace("  ", " "),
        )
    if field.generated:
        yield "rewrite", "a stored generated column rewrites the table under a lock."


def _altered_field(
    before: models.Field, after: models.Field, *, has_reason: bool
) -> Iterator[tuple[str, str]]:
    if before.null and not after.null:
        yield (
            "not-null",
            "SET NOT NULL scans the table under a lock. Add a CheckConstraint (IS NOT NULL) with"
            " AddConstraintNotValid, validate it, and leave the column nullable.",
        )
    if not before.unique and after.unique:
        yield "constraint", "unique=True builds an index under a lock. Use AddIndexConcurrently."
    if not before.db_index and after.db_index and not after.unique:
        yield "index", "db_index=True builds an index under a lock. Use AddIndexConcurrently."
    if not _is_wider_or_same(before, after) and not has_reason:
        yield (
            "type",
            f"the column's type changes ({_kind(before)} to {_kind(after)}): the table is written"
            " anew under a lock, and old code may not read it. Add a column instead.",
        )


def _constraint(
    operation: migrations.AddConstraint, *, is_harmless: bool
) -> Iterator[tuple[str, str]]:
    if is_harmless:
        return
    if isinstance(operation.constraint, models.CheckConstraint):
        hint = "Use AddConstraintNotValid, then ValidateConstraint in a later migration."
    else:
        hint = "Build its index with AddIndexConcurrently, or say small_table on the Migration."
    yield "constraint", f"{operation.describe()} scans the table under a lock. {hint}"


def _sql(
    operation: migrations.RunSQL, *, has_reason: bool, is_small: bool
) -> Iterator[tuple[str, str]]:
    text = "\n".join(_texts(operation.sql))
    if operation.reverse_sql is None:
        yield "reverse", "RunSQL has no way back. Give reverse_sql (noop if nothing is lost)."
    if NAMED_SCHEMA.search(LITERAL.sub("''", text)):
        yield "schema", "RunSQL names a schema. Workspaces differ in it: leave the name out."
    if EXTENSION.search(text):
        yield "extension", "Extensions are not used: the embedded PostgreSQL has none."
    if CONTRACTING_SQL.search(text) and not has_reason:
        yield "contract", 'RunSQL takes away what old code needs. Say contract = "why not".'
    if BLOCKING_SQL.search(text) and not is_small:
        yield "index", "RunSQL locks a table for the time of a scan. Do it CONCURRENTLY."


def _transaction(migration: migrations.Migration) -> Iterator[tuple[str, str]]:
    flat = list(_flat(migration.operations))
    needs = [
        operation
        for operation in flat
        if isinstance(operation, OUTSIDE)
        or (isinstance(operation, migrations.RunPython) and operation.atomic is False)
        or (
            isinstance(operation, migrations.RunSQL)
            and "concurrently" in " ".join(_texts(operation.sql)).lower()
        )
    ]
    if not migration.atomic and not needs:
        yield "atomic", "atomic = False without need: a kill in the middle leaves it half done."
    if not migration.atomic and needs and len(needs) < len(flat):
        yield (
            "atomic",
            "operations that need atomic = False stand beside others, which a second run after a"
            " kill would repeat. Give them a migration of their own.",
        )
    if migration.atomic and any(isinstance(operation, OUTSIDE) for operation in flat):
        yield "atomic", "an index cannot be built CONCURRENTLY in a transaction: atomic = False."
    if any(isinstance(each, AddConstraintNotValid) for each in flat) and any(
        isinstance(each, ValidateConstraint) for each in flat
    ):
        yield "constraint", "validating in the migration that adds it keeps the lock. Do it later."


def _is_wider_or_same(before: models.Field, after: models.Field) -> bool:
    """Whether PostgreSQL changes the type without writing the table anew, and old values stay."""
    if before.is_relation or after.is_relation:
        return _kind(before) == _kind(after)
    if isinstance(before, models.CharField) and isinstance(after, models.CharField):
        widest = float("inf")
        return (after.max_length or widest) >= (before.max_length or widest)
    if isinstance(before, models.CharField) and isinstance(after, models.TextField):
        return True
    if isinstance(before, models.DecimalField) and isinstance(after, models.DecimalField):
        return (
            after.decimal_places == before.decimal_places and after.max_digits >= before.max_digits
        )
    return before.get_internal_type() == after.get_internal_type()


def _kind(field: models.Field) -> str:
    related = getattr(field.remote_field, "model", None) if field.is_relation else None
    name = related if isinstance(related, str) else getattr(related, "__name__", "")
    return f"{field.get_internal_type()} {name}".strip().lower()


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _texts(sql: object) -> Iterator[str]:
    """The statements of RunSQL's argument: one text, or a list of texts and (text, parameters)."""
    if isinstance(sql, str):
        yield sql
        return
    for part in sql:  # type: ignore[attr-defined]
        yield part if isinstance(part, str) else part[0]


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    return list(loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True))


def main() -> int:
    """`python -m marketing_platform.tenants.migration_lint`: 1 when something is refused."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")
    settings.DATABASES["default"]["OPTIONS"] = {}
    django.setup()
    found = findings()
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
