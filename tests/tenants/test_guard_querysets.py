"""A queryset is of the workspace that it was made in, whatever reads it and whenever."""

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from pytest_django import DjangoAssertNumQueries

from marketing_platform.audit.models import AuditEntry
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User
from tests.tenants.guard_models import Book, Lock, Shelf

pytestmark = pytest.mark.django_db
Two = tuple[Tenant, Tenant]

READS: dict[str, Callable[[QuerySet], Any]] = {
    "iteration": list,
    "iterator": lambda rows: list(rows.iterator()),
    "aiterator": lambda rows: async_to_sync(listed)(rows),
    "length": len,
    "truth": bool,
    "index": lambda rows: rows[0],
    "slice": lambda rows: list(rows[:1]),
    "count": lambda rows: rows.count(),
    "acount": lambda rows: async_to_sync(rows.acount)(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(number=Count("pk")),
    "get": lambda rows: rows.get(pk=1),
    "first": lambda rows: rows.first(),
    "last": lambda rows: rows.last(),
    "earliest": lambda rows: rows.earliest("on"),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "values": lambda rows: list(rows.values()),
    "values_list": lambda rows: list(rows.values_list("name")),
    "flat": lambda rows: list(rows.values_list("name", flat=True)),
    "named": lambda rows: list(rows.values_list("name", named=True)),
    "dates": lambda rows: list(rows.dates("on", "month")),
    "explain": lambda rows: rows.explain(),
    "shown": repr,
    "pickled": pickle.dumps,
    "deferred": lambda rows: list(rows.only("pk")),
    "annotated": lambda rows: list(rows.annotate(number=Count("books"))),
    "prefetched": lambda rows: list(rows.prefetch_related("books")),
    "union": lambda rows: list(rows.union(Shelf.objects.all())),
    "united with": lambda rows: list(Shelf.objects.all().union(rows)),
    "without": lambda rows: list(Shelf.objects.all().difference(rows)),
    "common": lambda rows: list(Shelf.objects.all().intersection(rows)),
    "or": lambda rows: list(Shelf.objects.all() | rows),
    "and": lambda rows: list(Shelf.objects.all() & rows),
    "subquery": lambda rows: list(Book.objects.filter(shelf__in=rows)),
    "values subquery": lambda rows: list(Book.objects.filter(name__in=rows.values("name"))),
    "exists subquery": lambda rows: list(Book.objects.filter(Exists(rows))),
    "in a public query": lambda rows: list(User.objects.filter(full_name__in=rows.values("name"))),
    "select for update": lambda rows: list(rows.select_for_update()),
    "raw": lambda rows: list(rows.raw(f"SELECT * FROM {Shelf._meta.db_table}")),
}
WRITES: dict[str, Callable[[QuerySet], Any]] = {
    "create": lambda rows: rows.create(name="new"),
    "bulk_create": lambda rows: rows.bulk_create([Shelf(name="new")]),
    "bulk_update": lambda rows: rows.bulk_update([Shelf(pk=1, name="new")], ["name"]),
    "get_or_create": lambda rows: rows.get_or_create(name="new"),
    "update_or_create": lambda rows: rows.update_or_create(pk=1, defaults={"name": "new"}),
    "update": lambda rows: rows.update(name="new"),
    "delete": lambda rows: rows.delete(),
}


async def listed(rows: QuerySet) -> list[Any]:
    return [row async for row in rows.aiterator()]


def names(tenant: Tenant) -> list[str]:
    with tenant_context(tenant):
        return list(Shelf.objects.values_list("name", flat=True))


@pytest.mark.parametrize("use", [*READS.values(), *WRITES.values()], ids=[*READS, *WRITES])
def test_a_queryset_used_in_another_workspace_raises_before_any_statement(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries, use: Callable[[QuerySet], Any]
) -> None:
    with tenant_context(two[0]):
        rows = Shelf.objects.all()

    with tenant_context(two[1]), django_assert_num_queries(0), pytest.raises(CrossTenantError):
        use(rows)


@pytest.mark.parametrize("use", [*READS.values(), *WRITES.values()], ids=[*READS, *WRITES])
def test_a_queryset_used_on_the_public_side_raises_before_any_statement(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries, use: Callable[[QuerySet], Any]
) -> None:
    with (
        django_assert_num_queries(0),
        pytest.raises(CrossTenantError, match="belongs to a workspace; none is acting"),
    ):
        use(Shelf.objects.all())


@pytest.mark.parametrize("use", [*READS.values(), *WRITES.values()], ids=[*READS, *WRITES])
def test_a_queryset_is_used_where_it_was_made(two: Two, use: Callable[[QuerySet], Any]) -> None:
    with tenant_context(two[0]):
        use(Shelf.objects.all())

    assert names(two[1]) == ["enterprise"]


def test_control_without_the_guard_a_queryset_reads_the_other_s_rows(
    two: Two, guard_off: None
) -> None:
    with tenant_context(two[0]):
        rows = Shelf.objects.all()
    with tenant_context(two[1]):
        assert [row.name for row in rows] == ["enterprise"]


def test_control_without_the_guard_an_update_changes_the_other_s_rows(
    two: Two, guard_off: None
) -> None:
    with tenant_context(two[0]):
        rows = Shelf.objects.all()
    with tenant_context(two[1]):
        rows.update(name="overwritten")

    assert (names(two[0]), names(two[1])) == (["local"], ["overwritten"])


@pytest.mark.parametrize("use", [list, len, bool, repr, lambda rows: rows[0], lambda r: r.count()])
def test_rows_already_read_are_not_read_elsewhere(two: Two, use: Callable[[Any], Any]) -> None:
    with tenant_context(two[0]):
        rows = Shelf.objects.all()
        assert len(rows) == 1

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        use(rows)
    with public_context(), pytest.raises(CrossTenantError):
        use(rows)


def test_pickled_rows_stay_with_their_workspace(two: Two) -> None:
    with tenant_context(two[0]):
        audit_record(action="canary", actor_kind="system", now=clock.now())
        kept = pickle.dumps(AuditEntry.objects.filter(action="canary"))

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        list(pickle.loads(kept))
    with tenant_context(two[0]):
        assert [row.action for row in pickle.loads(kept)] == ["canary"]


def test_a_pickled_query_stays_with_its_workspace(two: Two) -> None:
    with tenant_context(two[0]):
        kept = pickle.dumps(Shelf.objects.all().query)

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        rows = Shelf.objects.all()
        rows.query = pickle.loads(kept)
        list(rows)


@pytest.mark.parametrize("made", [lambda r: r.iterator(), lambda r: r.iterator(chunk_size=1)])
def test_an_iterator_is_not_continued_elsewhere(two: Two, made: Callable[[QuerySet], Any]) -> None:
    with tenant_context(two[0]):
        Shelf.objects.create(name="second")
        rows = made(Shelf.objects.all())
        assert next(rows).name == "local"

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        next(rows)


@pytest.mark.parametrize(
    "shape",
    [lambda r: r.values(), lambda r: r.values_list("name", flat=True)],
    ids=["dict", "flat"],
)
def test_an_iterator_of_values_is_not_continued_elsewhere(
    two: Two, shape: Callable[[QuerySet], QuerySet]
) -> None:
    with tenant_context(two[0]):
        Shelf.objects.create(name="second")
        rows = shape(Shelf.objects.all()).iterator()
        next(rows)

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        next(rows)


def test_an_iterator_not_yet_begun_is_not_begun_elsewhere(two: Two) -> None:
    with tenant_context(two[0]):
        rows = Shelf.objects.all().iterator()

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        next(rows)


def test_an_asynchronous_iterator_is_not_continued_elsewhere(two: Two) -> None:
    async def cross() -> None:
        with tenant_context(two[0]):
            rows = aiter(Shelf.objects.all().aiterator())
            assert (await anext(rows)).name == "local"
        with tenant_context(two[1]):
            await anext(rows)

    with tenant_context(two[0]):
        Shelf.objects.create(name="second")
    with pytest.raises(CrossTenantError):
        async_to_sync(cross)()


def test_raw_rows_are_not_read_elsewhere(two: Two) -> None:
    with tenant_context(two[0]):
        Shelf.objects.create(name="second")
        rows = Shelf.objects.raw(f"SELECT * FROM {Shelf._meta.db_table} ORDER BY id")
        begun = rows.iterator()
        assert (rows[0].name, next(begun).name) == ("local", "local")

    with tenant_context(two[1]):
        for use in (
            list,
            len,
            lambda r: r[0],
            lambda r: list(r.iterator()),
            lambda r: r.using("default"),
        ):
            with pytest.raises(CrossTenantError):
                use(rows)
        with pytest.raises(CrossTenantError):
            next(begun)


def test_a_queryset_made_on_the_public_side_is_the_first_workspace_s(two: Two) -> None:
    rows = Shelf.objects.all()

    with tenant_context(two[0]):
        assert [row.name for row in rows] == ["local"]
    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        list(rows)


def test_a_form_field_s_queryset_serves_each_workspace_with_a_copy(two: Two) -> None:
    field = Shelf.objects.order_by("name")

    for tenant in two:
        with tenant_context(tenant):
            assert [row.name for row in field.all()] == [tenant.tier]


def test_a_copy_is_of_the_workspace_that_copies(two: Two) -> None:
    field = Shelf.objects.order_by("name")
    with tenant_context(two[0]):
        copied = field.all()

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        list(copied)


def test_a_subquery_stays_with_its_workspace_inside_a_public_query(two: Two) -> None:
    with tenant_context(two[0]):
        users = User.objects.filter(full_name__in=Shelf.objects.values("name"))
        newest = User.objects.annotate(shelf=Subquery(Shelf.objects.values("name")[:1]))
        assert (list(users), newest.first().shelf) == ([], "local")

    with tenant_context(two[1]):
        for rows in (users.all(), newest.all()):
            with pytest.raises(CrossTenantError):
                list(rows)


def test_an_outer_reference_works_where_it_was_made(two: Two) -> None:
    with tenant_context(two[0]):
        inner = Book.objects.filter(shelf=OuterRef("pk"))
        assert Shelf.objects.filter(Exists(inner)).count() == 1
        assert Shelf.objects.exclude(books__name="x").count() == 1


FOREIGN_VALUES: dict[str, Callable[[Shelf], Any]] = {
    "filter": lambda shelf: Book.objects.filter(shelf=shelf),
    "exclude": lambda shelf: Book.objects.exclude(shelf=shelf),
    "list": lambda shelf: Book.objects.filter(shelf__in=[shelf]),
    "get": lambda shelf: Book.objects.get(shelf=shelf),
    "create": lambda shelf: Book.objects.create(name="new", shelf=shelf),
    "make": lambda shelf: Book(name="new", shelf=shelf),
    "get_or_create": lambda shelf: Book.objects.get_or_create(name="new", shelf=shelf),
    "update": lambda shelf: Book.objects.update(shelf=shelf),
    "contains": lambda shelf: Shelf.objects.contains(shelf),
    "bulk_create": lambda shelf: Shelf.objects.bulk_create([shelf]),
    "bulk_update": lambda shelf: Shelf.objects.bulk_update([shelf], ["name"]),
    "in_bulk": lambda shelf: Lock.objects.filter(shelf__in={shelf}).in_bulk(),
}


@pytest.mark.parametrize("use", FOREIGN_VALUES.values(), ids=FOREIGN_VALUES)
def test_another_workspace_s_row_is_no_value(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries, use: Callable[[Shelf], Any]
) -> None:
    with tenant_context(two[0]):
        shelf = Shelf.objects.get(pk=1)

    with tenant_context(two[1]), django_assert_num_queries(0), pytest.raises(CrossTenantError):
        use(shelf)


def test_control_without_the_guard_a_foreign_value_finds_the_other_s_row(
    two: Two, guard_off: None
) -> None:
    with tenant_context(two[0]):
        shelf = Shelf.objects.get(pk=1)
    with tenant_context(two[1]):
        assert Book.objects.get(shelf=shelf).name == "enterprise"


def test_coroutines_of_two_workspaces_do_not_meet(two: Two) -> None:
    async def look(tenant: Tenant) -> list[str]:
        with tenant_context(tenant):
            rows = Shelf.objects.all()
            await asyncio.sleep(0)
            return [row.name async for row in rows]

    async def both() -> list[list[str]]:
        return await asyncio.gather(*(look(tenant) for tenant in two))

    assert async_to_sync(both)() == [["local"], ["enterprise"]]
