"""What a workspace lacks, worked out once for all workspaces that have the same migrations.

The steps hold the historical models before and after each operation, rendered once. They are only
read afterwards, by several threads at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from marketing_platform.tenants.capture import may_be_left_out
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.migrations_runner import tier_leaves
from marketing_platform.tenants.models import Tenant

# Key of a migration: app label and name.
Key = tuple[str, str]

# An application that waits behind a migration waits no longer than this.
LOCK_TIMEOUT = "1500ms"

# Whose statements depend on nothing but the schema. A subclass may do anything, so it is not one.
PLAIN = {
    migrations.CreateModel,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AddField,
    migrations.AlterField,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.AlterModelTable,
    migrations.AlterModelTableComment,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.AlterUniqueTogether,
    migrations.AlterOrderWithRespectTo,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
    migrations.RunSQL,
    AddConstraintNotValid,
    ValidateConstraint,
}
# Defaults that are called, and give the same each time.
EMPTY = (dict, list, str, int, bool, float, set, tuple)
CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently)


@dataclass(frozen=True)
class Step:
    """One operation with the models before and after it."""

    operation: Operation
    before: ProjectState
    after: ProjectState


@dataclass(frozen=True)
class PlannedMigration:
    migration: migrations.Migration
    steps: tuple[Step, ...]

    @property
    def key(self) -> Key:
        return self.migration.app_label, self.migration.name

    @property
    def records(self) -> list[Key]:
        """What django_migrations says of it afterwards: a squashed one also names its parts."""
        return [*self.migration.replaces, self.key]


@dataclass(frozen=True)
class Plan:
    """The way from one set of applied migrations to the code's."""

    migrations: tuple[PlannedMigration, ...]
    # Squashed migrations whose parts had all been applied one by one.
    squashed: tuple[Key, ...] = ()

    @cached_property
    def is_atomic(self) -> bool:
        """Whether one transaction can hold all of it."""
        return all(planned.migration.atomic for planned in self.migrations)

    @cached_property
    def is_replayable(self) -> bool:
        """Whether the statements of one workspace are right for every other of the same start."""
        operations = (step.operation for planned in self.migrations for step in planned.steps)
        return self.is_atomic and all(_is_plain(operation) for operation in operations)

    @property
    def names(self) -> list[str]:
        return [".".join(planned.key) for planned in self.migrations]

    @property
    def records(self) -> list[Key]:
        return [*(key for planned in self.migrations for key in planned.records), *self.squashed]


def applied_migrations() -> frozenset[Key]:
    """What the acting workspace's own record says. One statement; raises if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset(cursor.fetchall())


def plan_make(tier: str) -> Plan:
    """The plan for the acting workspace, and so for all that have the same migrations."""
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    missing = [
        migration
        for migration, _backwards in executor.migration_plan(tier_leaves(executor.loader, tier))
    ]
    applied = set(executor.loader.applied_migrations)
    present = applied | {
        key
        for migration in missing
        for key in [(migration.app_label, migration.name), *migration.replaces]
    }
    squashed = tuple(
        key
        for key, migration in executor.loader.replacements.items()
        if key not in present and all(part in present for part in migration.replaces)
    )
    if not missing:
        return Plan((), squashed)
    state = executor._create_project_state(with_applied_migrations=True)
    state.apps  # noqa: B018  rendered before it is copied, so that the copies share it
    planned = []
    for migration in missing:
        steps, state = _steps(migration, state)
        planned.append(PlannedMigration(migration, steps))
    return Plan(tuple(planned), squashed)


def pending_migrations(tenant: Tenant) -> list[str]:
    """What a workspace's plan would apply, as app.name. Writes nothing."""
    with tenant_context(tenant, include_public=False):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(tier_leaves(executor.loader, tenant.tier))
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _steps(
    migration: migrations.Migration, state: ProjectState
) -> tuple[tuple[Step, ...], ProjectState]:
    steps = []
    for operation in migration.operations:
        before, state = state, state.clone()
        operation.state_forwards(migration.app_label, state)
        if not _is_plain(operation):
            # RunPython would render them again in the middle of its run, in every thread.
            before.clear_delayed_apps_cache()
            before.is_delayed = False
        before.apps, state.apps  # noqa: B018  rendered here, once
        steps.append(Step(operation, before, state))
    return tuple(steps), state


def migration_apply(planned: PlannedMigration, *, is_recorded: bool = True) -> None:
    """Run one migration's operations in the acting workspace, as Django does, and record it.

    In the caller's transaction if the migration is atomic, else outside of any. What a kill left
    of an index that was being built without locks is taken away first.
    """
    is_atomic = planned.migration.atomic
    with connection.schema_editor(atomic=is_atomic) as editor:
        for step in planned.steps:
            if is_atomic:
                _operation_apply(planned, step, editor)
            elif not _is_done_already(step.operation, editor):
                _lock_timeout_set("0" if isinstance(step.operation, CONCURRENT) else LOCK_TIMEOUT)
                if step.operation.atomic:
                    with transaction.atomic():
                        _operation_apply(planned, step, editor)
                else:
                    _operation_apply(planned, step, editor)
    if is_recorded:
        records_write(planned.records)


def _operation_apply(
    planned: PlannedMigration, step: Step, editor: BaseDatabaseSchemaEditor
) -> None:
    step.operation.database_forwards(planned.migration.app_label, editor, step.before, step.after)


def records_write(keys: Iterable[Key]) -> None:
    """Add rows to the acting workspace's django_migrations."""
    recorder = MigrationRecorder(connection)
    rows = [recorder.Migration(app=app, name=name) for app, name in keys]
    recorder.migration_qs.bulk_create(rows)


def constraints_settle() -> None:
    """Check deferred constraints now: a table with pending checks cannot be altered."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _lock_timeout_set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])


def _is_done_already(operation: Operation, editor: BaseDatabaseSchemaEditor) -> bool:
    """Whether a run that was killed did it. An index that it left unfinished is dropped."""
    if not isinstance(operation, CONCURRENT):
        return False
    name = operation.index.name if isinstance(operation, AddIndexConcurrently) else operation.name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname = %s AND relnamespace = current_schema()::regnamespace",
            [name],
        )
        row = cursor.fetchone()
    if isinstance(operation, RemoveIndexConcurrently):
        return row is None
    if row is not None and not row[0]:
        editor.execute(f"DROP INDEX CONCURRENTLY {editor.quote_name(name)}")
        return False
    return row is not None


def _is_plain(operation: Operation) -> bool:
    kind = type(operation)
    if kind is migrations.SeparateDatabaseAndState:
        return all(_is_plain(inner) for inner in operation.database_operations)
    if kind in (migrations.AddField, migrations.AlterField):
        return _has_stable_default(operation.field)
    if kind is migrations.RunSQL:
        return not any(may_be_left_out(text) for text in _texts(operation.sql))
    return kind in PLAIN


def _texts(sql: Any) -> Iterator[str]:
    """The texts of RunSQL's argument: one, or a list of texts and (text, parameters)."""
    for part in [sql] if isinstance(sql, str) else sql:
        yield part if isinstance(part, str) else part[0]


def _has_stable_default(field: Any) -> bool:
    """False for a default that is another value each time, as a token or the time of day is."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    return not field.has_default() or not callable(field.default) or field.default in EMPTY
