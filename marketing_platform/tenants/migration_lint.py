"""Refusing migrations that stop people at work, or that the code before them does not survive.

While workspaces are migrated one by one, the old code and the new serve both the old and the new
schema. So a release only adds (expand), and a later one takes away what no code uses any more
(contract): its Migration says `contract = "why nothing uses it"`. Reads operations, needs no
database. A migration may say `small_table = "why it stays small"` when a table of every workspace
has few rows, and a lock for the time of a scan is not felt.

Why not django-migration-linter: it judges the SQL of sqlmigrate, which asks a database and, in a
multi-tenant one, is empty for every app that has no tables in public; and it knows no reasons.
"""

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
from django.db.models.functions import Now

from marketing_platform.tenants.migration_lint_sql import sql_findings

PACKAGES = ("marketing_platform.", "enterprise.", "local.", "billing")
CONTRACTING = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
OUTSIDE = (AddIndexConcurrently, RemoveIndexConcurrently)
# Their values come from one look at the clock, or from none; any other may be computed per row.
SAME_FOR_EVERY_ROW = (models.Value, Now)
SIGNED = {
    "PositiveBigIntegerField": "BigIntegerField",
    "PositiveIntegerField": "IntegerField",
    "PositiveSmallIntegerField": "SmallIntegerField",
}


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
    for operation, before in _in_turn(migration.app_label, migration.operations, state):
        found += [
            Finding(name, rule, sentence)
            for rule, sentence in _operation_findings(migration, operation, before, created)
        ]
        if isinstance(operation, migrations.CreateModel):
            created.add(operation.name_lower)
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
        yield from _added_field(operation.field, is_small=is_small)
    if isinstance(operation, migrations.AlterField) and not is_new:
        before = state.models[migration.app_label, model].fields[operation.name]
        yield from _altered_field(
            operation.name, before, operation.field, has_reason=has_reason, is_small=is_small
        )
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
    if isinstance(operation, migrations.AlterOrderWithRespectTo) and not is_new:
        yield "default", "the column _order is NOT NULL, and old code inserts rows without it."
    if isinstance(operation, migrations.RunPython) and operation.reverse_code is None:
        yield "reverse", "RunPython has no way back. Give reverse_code (noop if nothing is lost)."
    if isinstance(operation, migrations.RunSQL):
        if operation.reverse_sql is None:
            yield "reverse", "RunSQL has no way back. Give reverse_sql (noop if nothing is lost)."
        text = ";\n".join(_texts(operation.sql))
        yield from sql_findings(text, has_reason=has_reason, is_small=is_small)
    if isinstance(operation, CreateExtension):
        yield "extension", "Extensions are not used: the embedded PostgreSQL has none."


def _added_field(field: models.Field, *, is_small: bool) -> Iterator[tuple[str, str]]:
    if field.many_to_many:
        return
    if not is_small:
        yield from _added_scans(field)
    if field.generated:
        yield "rewrite", "a stored generated column rewrites the table under a lock."
    elif field.db_default is NOT_PROVIDED and not field.null:
        yield (
            "default",
            "the new column is NOT NULL, and old code inserts rows without it. Give db_default.",
        )


def _added_scans(field: models.Field) -> Iterator[tuple[str, str]]:
    if field.unique:
        yield "constraint", "unique=True builds an index under a lock. Use AddIndexConcurrently."
    if getattr(field, "db_constraint", False):
        yield (
            "constraint",
            "a foreign key locks both tables while it is checked. Add the column with"
            " db_constraint=False and db_index=False, or say small_table on the Migration.",
        )
    elif field.db_index and not field.unique:
        yield "index", "db_index=True builds an index under a lock. Use AddIndexConcurrently."
    default = field.db_default
    if hasattr(default, "resolve_expression") and not isinstance(default, SAME_FOR_EVERY_ROW):
        yield "rewrite", "a db_default computed for each row rewrites the table under a lock."


def _altered_field(
    name: str, before: models.Field, after: models.Field, *, has_reason: bool, is_small: bool
) -> Iterator[tuple[str, str]]:
    if _column(name, before) != _column(name, after) and not has_reason:
        yield "contract", 'old code reads the column by its old name. Say contract = "why not".'
    if before.null and not after.null:
        yield (
            "not-null",
            "SET NOT NULL scans the table under a lock. Add a CheckConstraint (IS NOT NULL) with"
            " AddConstraintNotValid, validate it, and leave the column nullable.",
        )
    if not is_small:
        yield from _altered_scans(before, after)
    if not _is_wider_or_same(before, after) and not has_reason:
        yield (
            "type",
            f"the column's type changes ({_kind(before)} to {_kind(after)}): the table is written"
            " anew under a lock, and old code may not read it. Add a column instead.",
        )
    elif _collation(before) != _collation(after) and not has_reason:
        yield "type", "another collation builds the column's indexes anew under a lock."


def _altered_scans(before: models.Field, after: models.Field) -> Iterator[tuple[str, str]]:
    if not before.unique and after.unique:
        yield "constraint", "unique=True builds an index under a lock. Use AddIndexConcurrently."
    if not before.db_index and after.db_index and not after.unique:
        yield "index", "db_index=True builds an index under a lock. Use AddIndexConcurrently."
    if not getattr(before, "db_constraint", False) and getattr(after, "db_constraint", False):
        yield "constraint", "a foreign key locks both tables while every row is checked."
    if after.get_internal_type() in SIGNED and before.get_internal_type() not in SIGNED:
        yield "constraint", "that no number is negative is checked for every row under a lock."


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
    return _signed(before) == _signed(after)


def _signed(field: models.Field) -> str:
    kind = field.get_internal_type()
    return SIGNED.get(kind, kind)


def _column(name: str, field: models.Field) -> str:
    return field.db_column or (f"{name}_id" if field.is_relation else name)


def _collation(field: models.Field) -> str | None:
    return getattr(field, "db_collation", None)


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


def _in_turn(
    label: str, operations: Iterable[Operation], state: ProjectState
) -> Iterator[tuple[Operation, ProjectState]]:
    """What reaches the database, each with the models before it; `state` moves on meanwhile."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _in_turn(label, operation.database_operations, state.clone())
        else:
            yield operation, state
        operation.state_forwards(label, state)


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
