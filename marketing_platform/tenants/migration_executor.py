"""Bringing many workspaces to the code's migrations: planned once, tried on one, done to all.

The first workspace of a tier is the canary. It is migrated by Django's operations, and what they
said to the database is kept; every workspace with the same migrations has it replayed in one round
trip, and must end where the canary ended, to the last constraint, or it is taken back. Where
statements cannot be replayed (RunPython, indexes built without locks), or lead elsewhere, the
operations run again, on models that were rendered once. A failing workspace is rolled back, noted
in the ledger and left behind; a failing canary keeps its tier as it was.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg import errors as postgres

from marketing_platform.core import clock
from marketing_platform.tenants import migration_ledger as ledger
from marketing_platform.tenants.capture import statements_captured
from marketing_platform.tenants.catalog import objects_differ, schema_fingerprint, schema_objects
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import SchemaDiffers, WorkspaceBusy
from marketing_platform.tenants.migration_plan import (
    LOCK_TIMEOUT,
    Key,
    Plan,
    applied_migrations,
    constraints_settle,
    migration_apply,
    plan_make,
    records_write,
)
from marketing_platform.tenants.migrations_runner import code_version, workspace_lock
from marketing_platform.tenants.models import SchemaSnapshot, Tenant
from marketing_platform.tenants.slugs import new_schema_name
from marketing_platform.tenants.snapshot import SEPARATOR, schema_replay, snapshot_current

logger = logging.getLogger(__name__)

LOCKED = (postgres.LockNotAvailable, postgres.DeadlockDetected)
LOCK_TRIES = 3
BACKOFF_SECONDS = 0.5
BUSY_SECONDS = 10
MOST_PARALLEL = 8


@dataclass(frozen=True)
class Outcome:
    """What became of one workspace. `way`: operations, replay, nothing; "" when it failed."""

    slug: str
    tier: str
    way: str
    seconds: float
    error: str = ""
    is_canary: bool = False
    # Somebody else has it now, which says nothing of the version.
    is_busy: bool = False


@dataclass(frozen=True)
class RunReport:
    """`outcomes` in the order of their end; `stopped` maps a tier to those left as they were."""

    outcomes: tuple[Outcome, ...] = ()
    stopped: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.error]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]


Progress = Callable[[Outcome], None]


@dataclass
class _Recipe:
    """The plan for one set of applied migrations, and what one run of it said to the database."""

    plan: Plan
    statements: str | None = None


@dataclass
class _TierRun:
    """What the workspaces of one tier share during a run."""

    tier: str
    version: str
    # What a new workspace is made from: whatever is migrated must become like it.
    snapshot: SchemaSnapshot | None
    # What every schema must be like in the end, and a schema that is.
    fingerprint: str | None = None
    example: str | None = None
    recipes: dict[frozenset[Key], _Recipe] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def recipe(self, applied: frozenset[Key]) -> _Recipe:
        with self.lock:
            if applied not in self.recipes:
                self.recipes[applied] = _Recipe(plan_make(self.tier))
            return self.recipes[applied]


def workspaces_migrate(
    tenants: Sequence[Tenant],
    *,
    canary: str | None = None,
    parallel: int = 2,
    progress: Progress = lambda outcome: None,
) -> RunReport:
    """Bring these workspaces to the code's version, tier by tier. Never raises for one of them.

    `canary` is the slug of the one to begin with; otherwise it is the oldest active one, unless a
    workspace of the tier has reached the version before. `parallel` threads, each with a
    connection of its own.
    """
    outcomes: list[Outcome] = []
    stopped: dict[str, int] = {}
    for tier in sorted({tenant.tier for tenant in tenants}):
        run = _tier_run(tier)
        waiting = [tenant for tenant in tenants if tenant.tier == tier]
        # One that is busy, or was erased meanwhile, proves nothing: then the next goes first.
        while first := ledger.canary_choose(waiting, run.version, named=canary):
            waiting.remove(first)
            outcome = _migrate_one(first, run, is_canary=True)
            outcomes.append(outcome)
            progress(outcome)
            if outcome.error and not outcome.is_busy:
                stopped[tier] = len(waiting)
                break
        else:
            outcomes += _migrate_many(waiting, run, parallel, progress)
    return RunReport(tuple(outcomes), stopped)


def _tier_run(tier: str) -> _TierRun:
    version, snapshot = code_version(tier), snapshot_current(tier)
    if snapshot is not None:
        return _TierRun(tier, version, snapshot, fingerprint=snapshot.fingerprint)
    fingerprint, example = ledger.example_of(tier, version)
    return _TierRun(tier, version, None, fingerprint, example)


def _migrate_many(
    tenants: Sequence[Tenant], run: _TierRun, parallel: int, progress: Progress
) -> list[Outcome]:
    waiting, outcomes = deque(tenants), list[Outcome]()
    telling = threading.Lock()

    def work() -> None:
        with ExitStack() as stack:
            if threading.current_thread() is not caller:
                stack.callback(connection.close)
            while waiting:
                try:
                    tenant = waiting.popleft()
                except IndexError:
                    return
                outcome = _migrate_one(tenant, run)
                connection.close_if_worn()
                with telling:
                    outcomes.append(outcome)
                    progress(outcome)

    caller = threading.current_thread()
    # Inside a transaction nobody else sees what it did: then there is but one to do it.
    helpers = 0 if connection.in_atomic_block else min(parallel, MOST_PARALLEL, len(tenants))
    if helpers <= 1:
        work()
        return outcomes
    with ThreadPoolExecutor(helpers, thread_name_prefix="migrate") as pool:
        try:
            for future in [pool.submit(work) for _ in range(helpers)]:
                future.result()
        except BaseException:
            # Interrupted, or nobody listens: those under way are finished, no other is begun.
            waiting.clear()
            raise
    return outcomes


def _migrate_one(tenant: Tenant, run: _TierRun, *, is_canary: bool = False) -> Outcome:
    began = time.monotonic()
    way, problem, is_busy = "", "", False
    try:
        with public_context(), workspace_lock(tenant, wait_seconds=BUSY_SECONDS):
            if not ledger.is_behind(tenant, run.version):
                way = "nothing"
            else:
                entry = ledger.begin(tenant, run.version, is_canary=is_canary, now=clock.now())
                try:
                    way = _with_patience(tenant, run, entry)
                except Exception as error:
                    ledger.fail(entry, str(error), now=clock.now())
                    raise
    except Exception as error:
        logger.warning("workspace %s could not be migrated", tenant.slug, exc_info=True)
        problem = str(error) or type(error).__name__
        is_busy = isinstance(error, WorkspaceBusy)
    seconds = time.monotonic() - began
    return Outcome(tenant.slug, tenant.tier, way, seconds, problem, is_canary, is_busy)


def _with_patience(tenant: Tenant, run: _TierRun, entry: int) -> str:
    """Whoever holds a table for long is not fought: give way, wait, try again."""
    for left in reversed(range(LOCK_TRIES)):
        try:
            return _migrate(tenant, run, entry)
        except OperationalError as error:
            if not (isinstance(error.__cause__, LOCKED) and left):
                raise
            time.sleep(BACKOFF_SECONDS * (LOCK_TRIES - left))
    raise AssertionError("unreachable")


def _migrate(tenant: Tenant, run: _TierRun, entry: int) -> str:
    # Without public on the search path, a migration that reaches for a public table fails here.
    with tenant_context(tenant, include_public=False):
        applied = applied_migrations()
        recipe = run.recipe(applied)
        if recipe.statements is not None and _replayed(tenant, run, entry, recipe):
            return "replay"
        if not recipe.plan.is_atomic:
            _step_by_step(recipe.plan)
            with transaction.atomic():
                _finish(tenant, run, entry)
            return "operations"
        with _one_transaction():
            captured = _operate(recipe.plan)
            _finish(tenant, run, entry)
        if recipe.statements is None:
            recipe.statements = captured
        return "operations" if recipe.plan.migrations else "nothing"


@contextmanager
def _one_transaction() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        yield


def _operate(plan: Plan) -> str | None:
    """Run the operations. Returns what they said, if saying it again does the same elsewhere."""
    with ExitStack() as stack:
        said = stack.enter_context(statements_captured(connection)) if plan.is_replayable else None
        for planned in plan.migrations:
            migration_apply(planned, is_recorded=False)
            constraints_settle()
    records_write(plan.records)
    return None if said is None else SEPARATOR.join(said)


def _replayed(tenant: Tenant, run: _TierRun, entry: int, recipe: _Recipe) -> bool:
    """Say the same again. False, and nothing is changed, when it does not lead to the same end:

    this workspace did not begin like the others, and its own operations shall decide.
    """
    try:
        with _one_transaction():
            if recipe.statements:
                with connection.cursor() as cursor:
                    cursor.execute(recipe.statements)
            records_write(recipe.plan.records)
            _finish(tenant, run, entry)
    except (SchemaDiffers, DatabaseError) as error:
        if isinstance(error.__cause__, LOCKED):
            raise
        logger.info("workspace %s is unlike the others: %s", tenant.slug, error)
        return False
    return True


def _step_by_step(plan: Plan) -> None:
    """Each migration in its own transaction, or in none, as it asks for."""
    for planned in plan.migrations:
        if planned.migration.atomic:
            with _one_transaction():
                migration_apply(planned)
        else:
            try:
                migration_apply(planned)
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
    records_write(plan.squashed)


def _finish(tenant: Tenant, run: _TierRun, entry: int) -> None:
    """Compare with the example, then note it; in the caller's transaction. Raises SchemaDiffers."""
    constraints_settle()
    found = _fingerprint(tenant)
    if run.fingerprint is None:
        run.fingerprint = found
    if found != run.fingerprint:
        raise SchemaDiffers(workspace=tenant.slug, lines=_differences(tenant, run))
    run.example = run.example or tenant.schema_name
    with public_context():
        ledger.finish(entry, tenant, run.version, now=clock.now())


def _fingerprint(tenant: Tenant) -> str:
    with connection.cursor() as cursor:
        return schema_fingerprint(cursor, tenant.schema_name)


def _differences(tenant: Tenant, run: _TierRun) -> str:
    """Line by line, in a transaction that is about to be rolled back."""
    example = run.example
    if example is None and run.snapshot is not None:
        example = new_schema_name()
        with public_context():
            schema_replay(example, run.snapshot.statements)
    if example is None:
        return "the workspace to compare it with is gone"
    with connection.cursor() as cursor:
        expected = schema_objects(cursor, example)
        lines = objects_differ(expected, schema_objects(cursor, tenant.schema_name))
    return "\n".join(lines[:20])
