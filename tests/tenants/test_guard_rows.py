"""A row is of the workspace that it was read or first saved in."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.db import ProgrammingError, transaction
from django.db.models import Model, prefetch_related_objects
from pytest_django import DjangoAssertNumQueries

from local.automation.social_media.models import BrandKit
from marketing_platform.audit.models import AuditEntry
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.guard import relation_check, schema_of
from marketing_platform.tenants.models import Tenant
from tests.tenants.guard_models import Book, Lock, Placing, Shelf, Topic

pytestmark = pytest.mark.django_db
Two = tuple[Tenant, Tenant]


def of(tenant: Tenant, model: type[Model] = Shelf) -> Any:
    with tenant_context(tenant):
        return model._default_manager.get(pk=1)


def names(tenant: Tenant, model: type[Model] = Shelf) -> list[str]:
    with tenant_context(tenant):
        return list(model._default_manager.values_list("name", flat=True))


USES: dict[str, Callable[[Shelf], Any]] = {
    "save": lambda row: row.save(),
    "asave": lambda row: async_to_sync(row.asave)(),
    "save fields": lambda row: row.save(update_fields=["name"]),
    "save raw": lambda row: row.save_base(raw=True),
    "insert": lambda row: row.save(force_insert=True),
    "delete": lambda row: row.delete(),
    "adelete": lambda row: async_to_sync(row.adelete)(),
    "refresh": lambda row: row.refresh_from_db(),
    "arefresh": lambda row: async_to_sync(row.arefresh_from_db)(),
    "clean": lambda row: row.full_clean(),
    "next": lambda row: row.get_next_by_on(),
    "previous": lambda row: row.get_previous_by_on(),
    "children": lambda row: list(row.books.all()),
    "children count": lambda row: row.books.count(),
    "child create": lambda row: row.books.create(name="new"),
    "child add": lambda row: row.books.add(Book(name="new"), bulk=False),
    "children set": lambda row: row.books.set([]),
    "children clear": lambda row: row.books.clear(),
    "children prefetched": lambda row: prefetch_related_objects([row], "books"),
    "one": lambda row: row.lock,
    "many": lambda row: list(row.topics.all()),
    "many clear": lambda row: row.topics.clear(),
    "many set": lambda row: row.topics.set([]),
    "many prefetched": lambda row: prefetch_related_objects([row], "topics"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_row_used_in_another_workspace_raises_before_any_statement(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries, use: Callable[[Shelf], Any]
) -> None:
    row = of(two[0])

    with tenant_context(two[1]), django_assert_num_queries(0), pytest.raises(CrossTenantError):
        use(row)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_row_used_on_the_public_side_raises_before_any_statement(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries, use: Callable[[Shelf], Any]
) -> None:
    row = of(two[0])

    with django_assert_num_queries(0), pytest.raises(CrossTenantError):
        use(row)


def test_control_without_the_guard_a_save_overwrites_the_other_s_row(
    two: Two, guard_off: None
) -> None:
    row = of(two[0])
    with tenant_context(two[1]):
        row.save()

    assert names(two[1]) == ["local"]


def test_control_without_the_guard_a_relation_finds_the_other_s_row(
    two: Two, guard_off: None
) -> None:
    row = of(two[0])
    with tenant_context(two[1]):
        assert [book.name for book in row.books.all()] == ["enterprise"]


def test_a_parent_not_yet_read_is_not_read_elsewhere(
    two: Two, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for model in (Book, Lock):
        row = of(two[0], model)
        with tenant_context(two[1]), django_assert_num_queries(0), pytest.raises(CrossTenantError):
            _ = row.shelf


def test_a_parent_already_read_is_still_of_its_workspace(two: Two) -> None:
    with tenant_context(two[0]):
        book = Book.objects.select_related("shelf").get(pk=1)

    with tenant_context(two[1]):
        assert book.shelf.name == "local"
        with pytest.raises(CrossTenantError):
            book.shelf.save()


def test_a_deferred_column_is_not_read_elsewhere(two: Two) -> None:
    with tenant_context(two[0]):
        row = Shelf.objects.only("pk").get(pk=1)

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        _ = row.name
    with tenant_context(two[0]):
        assert row.name == "local"


def test_what_was_prefetched_is_not_read_elsewhere(two: Two) -> None:
    with tenant_context(two[0]):
        row = Shelf.objects.prefetch_related("books", "topics").get(pk=1)
        assert [book.name for book in row.books.all()] == ["local"]

    with tenant_context(two[1]):
        for related in (row.books, row.topics):
            with pytest.raises(CrossTenantError):
                list(related.all())


def test_rows_of_two_workspaces_are_not_prefetched_together(two: Two) -> None:
    theirs = of(two[0], Book)

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        prefetch_related_objects([Book.objects.get(pk=1), theirs], "shelf")


@pytest.mark.parametrize("made", [copy.copy, copy.deepcopy, lambda r: copy.copy(copy.copy(r))])
def test_a_copy_is_of_the_same_workspace(two: Two, made: Callable[[Any], Any]) -> None:
    with tenant_context(two[0]):
        row = made(audit_record(action="canary", actor_kind="system", now=clock.now()))
        row.pk = None

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        row.save()


def test_a_pickled_row_is_of_the_same_workspace(two: Two) -> None:
    with tenant_context(two[0]):
        row = audit_record(action="canary", actor_kind="system", now=clock.now())
        kept = pickle.dumps(AuditEntry.objects.get(pk=row.pk))

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        pickle.loads(kept).refresh_from_db()
    with tenant_context(two[0]):
        pickle.loads(kept).refresh_from_db()


def test_a_new_row_is_of_the_workspace_it_was_made_in(two: Two) -> None:
    with tenant_context(two[0]):
        row = Shelf(name="new")

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        row.save()
    assert names(two[1]) == ["enterprise"]


def test_a_row_made_on_the_public_side_is_of_the_workspace_it_is_saved_in(two: Two) -> None:
    row = Shelf(name="new")
    with tenant_context(two[0]):
        row.save()

    assert schema_of(row) == two[0].schema_name
    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        row.save()


def test_rows_made_on_the_public_side_are_of_the_workspace_they_are_inserted_in(two: Two) -> None:
    rows = [Shelf(name="new")]
    with tenant_context(two[0]):
        Shelf.objects.bulk_create(rows)

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        rows[0].save()


def test_a_row_made_on_the_public_side_is_not_saved_there(two: Two) -> None:
    with pytest.raises(CrossTenantError, match="none is acting"):
        Shelf(name="new").save()


def test_a_deserialised_row_is_of_the_workspace_it_was_read_in(two: Two) -> None:
    with tenant_context(two[0]):
        entry = audit_record(action="canary", actor_kind="system", now=clock.now())
        [made] = serializers.deserialize("json", serializers.serialize("json", [entry]))

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        made.save()


def test_another_workspace_s_row_is_no_parent(two: Two) -> None:
    shelf = of(two[0])

    with tenant_context(two[1]):
        book = Book.objects.get(pk=1)
        for assign in (
            lambda: setattr(book, "shelf", shelf),
            lambda: Book(name="new", shelf=shelf),
            lambda: Lock(name="new", shelf=shelf),
            lambda: setattr(shelf, "lock", Lock(name="new")),
        ):
            with pytest.raises(CrossTenantError):
                assign()


def test_a_parent_given_on_the_public_side_is_noticed_when_the_row_is_saved(two: Two) -> None:
    book = Book(name="new", shelf=of(two[0]))

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        book.save()
    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        Book.objects.bulk_create([Book(name="new"), book])
    assert names(two[1], Book) == ["enterprise"]


def test_rows_of_two_workspaces_do_not_meet_on_the_public_side(two: Two) -> None:
    shelf, book = of(two[0]), of(two[1], Book)

    with public_context(), pytest.raises(CrossTenantError):
        book.shelf = shelf


def test_another_workspace_s_row_is_no_child(two: Two) -> None:
    book, topic = of(two[0], Book), of(two[0], Topic)

    with tenant_context(two[1]):
        shelf = Shelf.objects.get(pk=1)
        for use in (
            lambda: shelf.books.add(book),
            lambda: shelf.books.add(book, bulk=False),
            lambda: shelf.books.remove(book),
            lambda: shelf.books.set([book]),
            lambda: shelf.topics.add(topic),
            lambda: shelf.topics.remove(topic),
            lambda: shelf.topics.set([topic]),
        ):
            with pytest.raises(CrossTenantError):
                use()
        assert (Placing.objects.count(), shelf.books.count()) == (1, 1)


def test_control_without_the_guard_removing_takes_the_other_s_child(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = of(two[0], Book)
    monkeypatch.setattr(Book, "_refuse_elsewhere", lambda _self: None)

    with tenant_context(two[1]):
        shelf = Shelf.objects.get(pk=1)
        shelf.books.remove(book)
        assert shelf.books.count() == 0


def test_relations_work_in_their_own_workspace(two: Two) -> None:
    with tenant_context(two[0]):
        shelf = Shelf.objects.prefetch_related("books__shelf", "topics").get(pk=1)
        shelf.books.add(Book(name="new"), bulk=False)
        shelf.books.remove(Book.objects.get(name="new"))
        shelf.topics.set([Topic.objects.create(name="new")])
        shelf.full_clean()

        assert (shelf.lock.shelf, Book.objects.get(pk=1).shelf) == (shelf, shelf)
        assert list(shelf.topics.values_list("name", flat=True)) == ["new"]
        assert shelf.delete()[0] == 4  # the shelf, its book, its lock, its placing


def test_the_check_of_a_relation_names_both_models(two: Two) -> None:
    with pytest.raises(CrossTenantError, match=r"Book and platform_media\.Shelf"):
        relation_check(of(two[0], Book), of(two[1]))


def test_a_row_that_a_model_of_the_other_tier_points_at_can_be_deleted(two: Two) -> None:
    made = {"purpose": "photo", "mime_type": "image/png", "byte_size": 1, "sha256": ""}
    for tenant in two:
        with tenant_context(tenant):
            file = MediaFile.objects.create(**made, storage_path="x", created_at=clock.now())
            if tenant.tier == "local":
                BrandKit.objects.create(owner_photo=file, changed_at=clock.now())
            assert file.delete()[0] == 1

    with tenant_context(two[0]):
        assert BrandKit.objects.get().owner_photo is None


def test_a_model_of_the_other_tier_is_missing_and_not_empty(two: Two) -> None:
    for use in (lambda: list(BrandKit.objects.all()), BrandKit(changed_at=clock.now()).save):
        with tenant_context(two[1]), pytest.raises(ProgrammingError), transaction.atomic():
            use()
