"""Every model of both tiers: A's rows are nothing in B, and nothing points out of its workspace.

Each test goes over all models of a tier and names those that fail.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.models import ProtectedError

from marketing_platform.tenants import guard
from marketing_platform.tenants.across import across_tenants
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.users.models import User
from tests.isolation.world import (
    EQUAL_KEYS,
    ONE_ROW,
    TIERS,
    World,
    only_key,
    owned_models,
    primary_key,
    workspace_models,
)

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("tier", TIERS)]
# Their rows are never changed or deleted: a trigger refuses it (audit, migration 0002).
ONLY_ADDED = {"platform_audit.AuditEntry", "local_customers.ConsentEvent"}
Model = type[models.Model]


def row_in(tenant: Any, model: Model) -> models.Model:
    """A row whose key the other workspace has too."""
    with tenant_context(tenant):
        return model.objects.get(pk=primary_key(model, EQUAL_KEYS[1]))


def is_refused(act: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            act()
    except CrossTenantError:
        return True
    return False


def rows_of(model: Model) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


# --- what there is


def test_a_row_of_one_is_in_neither_the_other_nor_public(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    for model in workspace_models(tier):
        if model._meta.label in ONE_ROW:
            continue
        key = primary_key(model, only_key("A"))
        with tenant_context(a):
            assert model.objects.filter(pk=key).exists(), model
        with tenant_context(b):
            assert not model.objects.filter(pk=key).exists(), model
        with pytest.raises((ProgrammingError, CrossTenantError)), transaction.atomic():
            model.objects.filter(pk=key).exists()


def test_no_table_of_a_workspace_is_in_public(tier: str) -> None:
    tables = [model._meta.db_table for model in workspace_models(tier)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
            " AND relnamespace = 'public'::regnamespace",
            [tables],
        )
        assert cursor.fetchall() == []


def test_public_rows_of_the_other_are_not_found_inside(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    for model in owned_models(tier):
        with tenant_context(a):
            assert set(model.objects.values_list("tenant_id", flat=True)) == {a.pk}, model
            assert not model.objects.filter(tenant_id=b.pk).exists(), model


# --- what crosses


def test_a_row_of_one_is_not_written_or_read_again_in_the_other(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    wrong = []
    for model in workspace_models(tier):
        row = row_in(a, model)
        with tenant_context(b):
            before = rows_of(model)
            for act in (row.save, row.delete, row.refresh_from_db):
                if not is_refused(act):
                    wrong.append(f"{model._meta.label}.{act.__name__}")
            assert rows_of(model) == before

    assert wrong == []


def test_a_queryset_of_one_is_not_used_in_the_other(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    wrong = []
    for model in workspace_models(tier):
        with tenant_context(a):
            rows = model.objects.order_by("pk")
            read = model.objects.order_by("pk")
            assert len(read) > 0
        with tenant_context(b):
            for act in (rows.exists, rows.count, rows.delete, lambda: list(rows)):  # noqa: B023
                if not is_refused(act):
                    wrong.append(model._meta.label)
            if not is_refused(lambda: list(read)):  # noqa: B023
                wrong.append(f"{model._meta.label}, read before")

    assert wrong == []


def test_a_relation_of_one_is_not_followed_in_the_other(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    wrong, followed = [], 0
    for model in workspace_models(tier):
        row = row_in(a, model) if model._meta.label not in ONE_ROW else _only_row(a, model)
        for field in model._meta.concrete_fields:
            if not field.is_relation or getattr(row, field.attname) is None:
                continue
            followed += 1
            with tenant_context(b):
                if not is_refused(lambda: getattr(row, field.name)):  # noqa: B023
                    wrong.append(f"{model._meta.label}.{field.name}")

    assert followed
    assert wrong == []


def _only_row(tenant: Any, model: Model) -> models.Model:
    with tenant_context(tenant):
        return model.objects.get()


def test_a_public_row_of_the_other_is_not_changed_inside(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    wrong = []
    for model in owned_models(tier):
        row = across_tenants(model).filter(tenant_id=b.pk).first()
        with tenant_context(a):
            for act in (row.save, row.delete):
                if not is_refused(act):
                    wrong.append(f"{model._meta.label}.{act.__name__}")
        assert across_tenants(model).filter(pk=row.pk).exists()

    assert wrong == []


def test_without_the_guard_the_other_s_row_is_overwritten(
    world: World, tier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of what crosses: with equal keys, an unguarded save runs over B's row."""
    a, b = world.pair(tier)
    monkeypatch.setattr(guard, "require_acting", lambda what, schema: schema)
    overwritten = set()
    for model in workspace_models(tier):
        row = row_in(a, model)
        with tenant_context(b):
            before = rows_of(model)
            try:
                with transaction.atomic():
                    row.save()
            except IntegrityError:
                assert model._meta.label in ONLY_ADDED
            if rows_of(model) != before:
                overwritten.add(model._meta.label)

    texts = {
        "local": "local_social_media.Offer",
        "enterprise": "enterprise_data_sources.DataSource",
    }
    assert {"platform_media.MediaFile", texts[tier]} <= overwritten


# --- how they hang together


def outward_relations(tier: str, found: list[Model]) -> list[str]:
    """Foreign keys that leave the tier's own tables."""
    names = settings.TENANT_TYPES[tier]["APPS"]
    labels = {config.label for config in apps.get_app_configs() if config.name in names}
    return [
        f"{model._meta.label}.{field.name}"
        for model in found
        for field in model._meta.get_fields(include_hidden=True)
        if field.is_relation
        and field.concrete
        and field.related_model._meta.app_label not in labels
    ]


def test_no_relation_leaves_the_tier(tier: str) -> None:
    assert outward_relations(tier, workspace_models(tier)) == []


def test_a_relation_that_leaves_is_noticed(tier: str) -> None:
    from local.automation.social_media.models import BrandKit
    from marketing_platform.users.models import Membership

    found = outward_relations(tier, [Membership, BrandKit])

    assert "users.Membership.user" in found
    assert outward_relations("enterprise", [BrandKit]) == []  # media is in both tiers


def test_every_row_can_be_deleted_on_its_tier(world: World, tier: str) -> None:
    """Deleting looks for what points at a row: never in a table that this tier does not have."""
    wrong = set()
    for model in workspace_models(tier):
        with tenant_context(world.a.tenants[tier]):
            for row in model.objects.all():
                try:
                    with transaction.atomic():
                        row.delete()
                except ProtectedError:
                    continue
                except IntegrityError:
                    assert model._meta.label in ONLY_ADDED
                except ProgrammingError:
                    wrong.add(model._meta.label)

    assert wrong == set()


def test_a_person_can_be_deleted_without_looking_into_workspaces(world: World, tier: str) -> None:
    person = User.objects.create_user(email="leaver@canary.example", full_name="Leaver")

    assert person.delete()[0] == 1
