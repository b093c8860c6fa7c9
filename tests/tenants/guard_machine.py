"""Two workspaces of one tier with equal keys, and every way of going between them, at random.

The model is one dict of rows per workspace. Frames (a workspace, the public side, a transaction, a
savepoint) are entered and left like nested `with` statements, well or by an error. After each step
the server's own `current_schema()` and all rows of the acting workspace are compared.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from local.automation.social_media.models import ClassSeats
from marketing_platform.core import clock
from marketing_platform.tenants.acting import ACTING, PUBLIC
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant

KEYS = st.integers(1, 5)
RECENT = st.integers(0, 3)
PLACES = st.sampled_from(["first", "second", None])
Rows = dict[int, str]


@dataclass
class Frame:
    """What was entered; a transaction also keeps what a rollback brings back."""

    entered: Any
    place: str | None = None
    is_atomic: bool = False
    before: dict[str, Rows] = field(default_factory=dict)
    callbacks_before: int = 0


@dataclass
class Held:
    """Something made earlier, and the workspace that it was made in."""

    thing: Any
    place: str
    expected: list[tuple[int, str]] = field(default_factory=list)
    is_alive: bool = True


class Workspaces(RuleBasedStateMachine):
    tenants: dict[str, Tenant]
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Rows] = {place: {} for place in self.tenants}
        self.frames: list[Frame] = []
        self.querysets: list[Held] = []
        self.instances: list[Held] = []
        self.iterators: list[Held] = []
        self.registered: list[str] = []
        self.called: list[tuple[str, str]] = []
        self.is_broken = False
        self.number = 0

    # --- what the machine knows

    @property
    def place(self) -> str | None:
        places = [frame.place for frame in self.frames if not frame.is_atomic]
        return places[-1] if places else None

    @property
    def schema(self) -> str:
        return self.tenants[self.place].schema_name if self.place else "public"

    @property
    def depth(self) -> int:
        return sum(frame.is_atomic for frame in self.frames)

    def is_inside(self) -> bool:
        return self.place is not None and not self.is_broken

    def text(self) -> str:
        """Never the same twice, and naming its workspace."""
        self.number += 1
        return f"{self.place} {self.number}"

    def new(self, key: int) -> ClassSeats:
        now = clock.now()
        return ClassSeats(
            pk=key, course=self.text(), number=1, counted_on=now.date(), created_at=now
        )

    # --- entering and leaving

    @precondition(lambda self: len(self.frames) < 6 and not self.is_broken)
    @rule(place=PLACES)
    def enter(self, place: str | None) -> None:
        entered = tenant_context(self.tenants[place]) if place else public_context()
        entered.__enter__()
        self.frames.append(Frame(entered, place))

    @precondition(lambda self: len(self.frames) < 6 and not self.is_broken)
    @rule()
    def begin(self) -> None:
        entered = transaction.atomic()
        entered.__enter__()
        before = {place: dict(rows) for place, rows in self.rows.items()}
        self.frames.append(Frame(entered, None, True, before, len(self.registered)))

    @precondition(lambda self: self.frames)
    @rule(is_failing=st.booleans())
    def leave(self, is_failing: bool) -> None:
        self._leave(is_failing)

    @precondition(lambda self: self.frames)
    @rule(place=PLACES, is_failing=st.booleans())
    def switch(self, place: str | None, is_failing: bool) -> None:
        """Out of everything, by an error or not, with no statement before the next place."""
        while self.frames:
            self._leave(is_failing)
        self.enter(place)

    @precondition(lambda self: len(self.frames) < 5 and not self.is_broken)
    @rule(place=PLACES)
    def fail_elsewhere(self, place: str | None) -> None:
        """What was begun here fails in another place, and is tried again there at once."""
        self.begin()
        self.enter(place)
        self.the_server_agrees()
        self._leave(is_failing=True)
        self._leave(is_failing=True)
        self.enter(place)

    def _leave(self, is_failing: bool) -> None:
        frame = self.frames.pop()
        error = RuntimeError("on purpose") if is_failing else None
        calls = len(self.called)
        try:
            frame.entered.__exit__(type(error) if error else None, error, None)
        except RuntimeError as raised:
            assert raised is error  # contextmanager hands it on
        if frame.is_atomic:
            self._transaction_is_over(frame, calls, is_rolled_back=is_failing or self.is_broken)

    def _transaction_is_over(self, frame: Frame, calls: int, is_rolled_back: bool) -> None:
        self.is_broken = False
        for held in self.iterators:
            held.is_alive = False  # its cursor ended with the transaction, or may have
        if is_rolled_back:
            self.rows = frame.before
            del self.registered[frame.callbacks_before :]
        if self.depth == 0:
            made, self.registered = self.registered, []
            assert [asked for asked, _seen in self.called[calls:]] == made
            assert all(asked == seen for asked, seen in self.called[calls:]), self.called[calls:]

    @precondition(lambda self: self.depth == 0)
    @rule()
    def close_connection(self) -> None:
        for held in self.iterators:
            held.is_alive = False
        connection.close()

    # --- writing

    @precondition(is_inside)
    @rule(key=KEYS)
    def save_new(self, key: int) -> None:
        row = self.new(key)
        row.save()
        self.rows[self.place][key] = row.course
        self.instances.append(Held(row, self.place))

    @precondition(is_inside)
    @rule(keys=st.sets(KEYS, min_size=1))
    def bulk_create(self, keys: set[int]) -> None:
        rows = [self.new(key) for key in sorted(keys - set(self.rows[self.place]))]
        ClassSeats.objects.bulk_create(rows)
        self.rows[self.place] |= {row.pk: row.course for row in rows}

    @precondition(is_inside)
    @rule(key=KEYS)
    def update(self, key: int) -> None:
        text = self.text()
        changed = ClassSeats.objects.filter(pk=key).update(course=text)
        assert changed == (key in self.rows[self.place])
        if changed:
            self.rows[self.place][key] = text

    @precondition(is_inside)
    @rule(key=KEYS)
    def delete(self, key: int) -> None:
        ClassSeats.objects.filter(pk=key).delete()
        self.rows[self.place].pop(key, None)

    @precondition(lambda self: self.is_inside() and self.rows[self.place])
    @rule()
    def clash(self) -> None:
        """An error of the database that is caught: inside a transaction it spoils the rest."""
        key = min(self.rows[self.place])
        with pytest.raises(IntegrityError):
            self.new(key).save(force_insert=True)
        self.is_broken = self.depth > 0

    @precondition(lambda self: self.is_inside() and self.rows[self.place])
    @rule()
    def clash_in_a_savepoint(self) -> None:
        key = min(self.rows[self.place])
        with pytest.raises(IntegrityError), transaction.atomic():
            self.new(key).save(force_insert=True)

    @precondition(lambda self: not self.is_broken)
    @rule()
    def on_commit(self) -> None:
        asked = self.schema
        if self.depth:
            self.registered.append(asked)
        calls = len(self.called)
        transaction.on_commit(lambda: self.called.append((asked, server_schema())))
        if not self.depth:
            assert self.called[calls:] == [(asked, asked)]

    # --- keeping things and using them later, anywhere

    @precondition(is_inside)
    @rule()
    def keep_queryset(self) -> None:
        self.querysets.append(Held(ClassSeats.objects.order_by("pk"), self.place))

    @precondition(is_inside)
    @rule()
    def keep_instances(self) -> None:
        self.instances += [Held(row, self.place) for row in ClassSeats.objects.all()]

    @precondition(lambda self: self.is_inside() and self.rows[self.place])
    @rule()
    def keep_iterator(self) -> None:
        rows = ClassSeats.objects.order_by("pk").iterator(chunk_size=1)
        expected = sorted(self.rows[self.place].items())
        held = Held(rows, self.place, expected)
        self._next(held)
        if held.expected:
            self.iterators.append(held)

    @precondition(lambda self: self.iterators and not self.is_broken)
    @rule(which=RECENT)
    def continue_iterator(self, which: int) -> None:
        held = chosen(which, self.iterators)
        if self.place != held.place:
            self.iterators.remove(held)
            with pytest.raises(CrossTenantError):
                next(held.thing)
            return
        try:
            self._next(held)
        except Error:
            assert not held.is_alive
            self.is_broken = self.depth > 0
        if not held.expected or not held.is_alive:
            self.iterators.remove(held)

    def _next(self, held: Held) -> None:
        row = next(held.thing)
        assert (row.pk, row.course) == held.expected.pop(0)

    @precondition(lambda self: self.querysets and not self.is_broken)
    @rule(which=RECENT, is_copied=st.booleans())
    def use_queryset(self, which: int, is_copied: bool) -> None:
        held = chosen(which, self.querysets)
        rows: QuerySet = held.thing.all() if is_copied else held.thing.values_list("pk", "course")
        if self.place != held.place:
            with pytest.raises(CrossTenantError):
                list(rows)
            return
        found = [(row.pk, row.course) for row in rows] if is_copied else list(rows)
        assert found == sorted(self.rows[self.place].items())

    @precondition(lambda self: self.instances and not self.is_broken)
    @rule(which=RECENT)
    def save_kept(self, which: int) -> None:
        held = chosen(which, self.instances)
        if self.place != held.place:
            with pytest.raises(CrossTenantError):
                held.thing.save()
            return
        held.thing.course = self.text()
        held.thing.save()
        self.rows[self.place][held.thing.pk] = held.thing.course

    @precondition(lambda self: self.instances and not self.is_broken)
    @rule(which=RECENT)
    def refresh_kept(self, which: int) -> None:
        held = chosen(which, self.instances)
        if self.place != held.place:
            with pytest.raises(CrossTenantError):
                held.thing.refresh_from_db()
        elif held.thing.pk in self.rows[self.place]:
            held.thing.refresh_from_db()
            assert held.thing.course == self.rows[self.place][held.thing.pk]

    @precondition(lambda self: self.is_broken)
    @rule()
    def read_in_a_spoiled_transaction(self) -> None:
        with pytest.raises((TransactionManagementError, CrossTenantError)):
            list(ClassSeats.objects.all())

    # --- after each step

    @invariant()
    def the_server_agrees(self) -> None:
        type(self).steps += 1
        if self.is_broken:
            return
        assert server_schema() == self.schema
        if self.place is None:
            with pytest.raises(CrossTenantError):
                ClassSeats.objects.count()
            return
        found = dict(ClassSeats.objects.values_list("pk", "course"))
        assert found == self.rows[self.place]
        assert all(text.startswith(self.place) for text in found.values())

    def teardown(self) -> None:
        """Out of everything; then each workspace has its rows, and none for the next example."""
        try:
            while self.frames:
                self._leave(is_failing=False)
            for place, tenant in self.tenants.items():
                with tenant_context(tenant):
                    found = dict(ClassSeats.objects.values_list("pk", "course"))
                assert found == self.rows[place]
        finally:
            self._start_afresh()

    def _start_afresh(self) -> None:
        """Also after a step that failed with transactions open."""
        while self.frames:
            with suppress(Exception):
                self.frames.pop().entered.__exit__(RuntimeError, RuntimeError("over"), None)
        ACTING.set(PUBLIC)
        connection.close()
        for tenant in self.tenants.values():
            with tenant_context(tenant), connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {tenant.schema_name}.{ClassSeats._meta.db_table}")


def chosen(which: int, kept: list[Held]) -> Held:
    """One of the last few, so that most are used in another workspace soon after."""
    return kept[-1 - which % min(len(kept), 4)]


def server_schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]
