"""One connection, many workspaces: after errors, in threads and pools, in the middle of things."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.backend.base import DatabaseWrapper
from marketing_platform.tenants.context import current_schema, public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant
from tests.isolation.world import EQUAL_KEYS, World, canary, uuid_of

THREADS, ROUNDS = 6, 60
KEY = uuid_of(EQUAL_KEYS[0])


def served() -> str:
    """Where PostgreSQL looks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def purpose_here() -> str:
    return MediaFile.objects.get(pk=KEY).purpose


def wrong_answers(world: World, seed: int, rounds: int = ROUNDS) -> list[str]:
    """What one thread saw that was not the acting workspace's, entering A and B at random."""
    dice, wrong = random.Random(seed), []
    sides = [(side.letter, tenant) for side in world for tenant in side.tenants.values()]
    try:
        for _round in range(rounds):
            letter, tenant = dice.choice(sides)
            with tenant_context(tenant), transaction.atomic():
                if served() != tenant.schema_name or canary(letter) not in purpose_here():
                    wrong.append(f"{letter}: {served()}")
            if dice.random() < 0.3:
                connection.close()
    finally:
        connection.close()
    return wrong


def in_threads(world: World, amount: int = THREADS) -> list[str]:
    with ThreadPoolExecutor(amount) as pool:
        return [
            line
            for found in pool.map(lambda seed: wrong_answers(world, seed), range(amount))
            for line in found
        ]


@pytest.mark.django_db(transaction=True)
def test_threads_of_two_tiers_see_their_own_alone(world: World) -> None:
    assert in_threads(world) == []


@pytest.mark.django_db(transaction=True)
def test_threads_that_forget_to_switch_are_detected(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a backend that sets the path once for each connection."""
    right = DatabaseWrapper.search_path_apply

    def once(self: DatabaseWrapper) -> None:
        self.ensure_connection()
        if not getattr(self.connection, "_set_once", False):
            right(self)
            self.connection._set_once = True

    monkeypatch.setattr(DatabaseWrapper, "search_path_apply", once)

    assert in_threads(world, 2)


@pytest.fixture
def pool_of_one(world: World) -> Iterator[Callable[[], dict[str, int]]]:
    """A real psycopg pool with one connection; asks it what it did."""
    wrapper = connections["default"]
    wrapper.close()
    before = wrapper.settings_dict["OPTIONS"]
    wrapper.settings_dict["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 1, "timeout": 20}}
    yield lambda: wrapper.pool.get_stats()
    wrapper.close()
    wrapper.close_pool()
    wrapper.settings_dict["OPTIONS"] = before


@pytest.mark.django_db(transaction=True)
def test_a_pool_of_one_serves_both(world: World, pool_of_one: Callable[[], dict[str, int]]) -> None:
    assert in_threads(world, 2) == []

    stats = pool_of_one()
    assert (stats["pool_max"], stats["pool_size"]) == (1, 1)
    assert stats["requests_num"] >= 2
    assert stats.get("connections_num", 1) == 1


# --- in the middle of things


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_outer_failed", [False, True])
def test_after_an_error_the_next_query_is_the_acting_workspace_s(
    world: World, is_outer_failed: bool
) -> None:
    a, b = world.pair("local")
    seen = []
    with suppress(RuntimeError), tenant_context(a), transaction.atomic():
        with suppress(IntegrityError), transaction.atomic():
            MediaFile.objects.create(pk=KEY, byte_size=1, created_at="2026-11-22T00:00Z")
        seen.append(purpose_here())
        with suppress(RuntimeError), tenant_context(b), transaction.atomic():
            seen.append(purpose_here())
            raise RuntimeError
        seen.append(purpose_here())
        if is_outer_failed:
            raise RuntimeError
    with tenant_context(b):
        seen.append(purpose_here())
    with tenant_context(a):
        seen.append(purpose_here())

    assert [text[:8] for text in seen] == [
        "CANARY-A",
        "CANARY-B",
        "CANARY-A",
        "CANARY-B",
        "CANARY-A",
    ]
    assert served() == "public"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_killed_comes_back_in_the_right_place(world: World) -> None:
    a, b = world.pair("local")
    with tenant_context(a):
        assert canary("A") in purpose_here()
        with suppress(Exception), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        connection.close()
        assert canary("A") in purpose_here()
    with tenant_context(b):
        assert canary("B") in purpose_here()


@pytest.mark.django_db
def test_nested_contexts_are_left_in_order_whatever_happens(world: World) -> None:
    a, b = world.pair("enterprise")
    path: list[str] = []

    def enter(*tenants: Tenant) -> None:
        if not tenants:
            raise RuntimeError
        with tenant_context(tenants[0]):
            path.append(served())
            with suppress(RuntimeError), public_context():
                path.append(served())
                raise RuntimeError
            try:
                enter(*tenants[1:])
            finally:
                path.append(served())

    with suppress(RuntimeError):
        enter(a, b, a)

    one, two = a.schema_name, b.schema_name
    assert path == [one, "public", two, "public", one, "public", one, two, one]
    assert (current_schema(), served()) == ("public", "public")


@pytest.mark.django_db
def test_a_server_side_cursor_goes_on_in_its_own_workspace(world: World) -> None:
    a, b = world.pair("local")
    with tenant_context(a):
        rows = MediaFile.objects.order_by("pk").iterator(chunk_size=1)
        seen = [next(rows).purpose]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors")
            assert cursor.fetchone()[0] >= 1  # it is one
    with tenant_context(b):
        assert canary("B") in purpose_here()
        with pytest.raises(CrossTenantError):
            seen += [row.purpose for row in rows]
        assert canary("B") in purpose_here()
    with tenant_context(a):
        fresh = MediaFile.objects.order_by("pk").iterator(chunk_size=1)
        seen.append(next(fresh).purpose)
        with tenant_context(b):
            assert canary("B") in purpose_here()
        seen += [row.purpose for row in fresh]

    assert all(canary("A") in purpose for purpose in seen)
    assert len(seen) == 5


@pytest.mark.django_db(transaction=True)
def test_a_callback_runs_for_who_registered_it(world: World) -> None:
    a, b = world.pair("local")
    seen: list[str] = []

    def look(expected: str) -> Callable[[], Any]:
        return lambda: seen.append(f"{expected} {purpose_here()[:8]}")

    with tenant_context(a), transaction.atomic():
        transaction.on_commit(look("A"))
        with tenant_context(b):
            transaction.on_commit(look("B"))
            with public_context():
                transaction.on_commit(lambda: seen.append(served()))

    assert seen == ["A CANARY-A", "B CANARY-B", "public"]


@pytest.mark.django_db(transaction=True)
def test_a_thread_starts_for_nobody(world: World) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.append(served())
        with suppress(Exception):
            seen.append(purpose_here())
        connection.close()

    with tenant_context(world.a.tenants["local"]):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert seen == ["public"]
