"""The world is what the other tests believe: equal keys, everything marked, nothing left out."""

import pytest
from django.db import models

from marketing_platform.tenants.across import across_tenants
from marketing_platform.tenants.context import tenant_context
from tests.isolation.world import (
    EQUAL_KEYS,
    ONE_ROW,
    TIERS,
    World,
    canary,
    only_key,
    owned_models,
    primary_key,
    workspace_models,
)

pytestmark = pytest.mark.django_db


def texts_of(model: type[models.Model]) -> list[str]:
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not field.choices
    ]


@pytest.mark.parametrize("tier", TIERS)
def test_every_table_has_rows_of_equal_keys_and_other_content(world: World, tier: str) -> None:
    for model in workspace_models(tier):
        keys = {primary_key(model, key) for key in EQUAL_KEYS}
        for side in world:
            with tenant_context(side.tenants[tier]):
                rows = list(model.objects.filter(pk__in=keys).values())
            assert len(rows) == len(keys), model
            assert not texts_of(model) or canary(side.letter) in str(rows), model


@pytest.mark.parametrize("tier", TIERS)
def test_some_keys_are_one_side_s_alone(world: World, tier: str) -> None:
    for model in workspace_models(tier):
        if model._meta.label in ONE_ROW:
            continue
        key = primary_key(model, only_key("B"))
        with tenant_context(world.b.tenants[tier]):
            assert model.objects.filter(pk=key).exists()
        with tenant_context(world.a.tenants[tier]):
            assert not model.objects.filter(pk=key).exists()


@pytest.mark.parametrize("tier", TIERS)
def test_every_public_model_of_a_workspace_has_rows_of_both(world: World, tier: str) -> None:
    for model in owned_models(tier):
        owners = set(across_tenants(model).values_list("tenant_id", flat=True))
        assert {row.pk for row in world.pair(tier)} <= owners, model


def test_the_owners_differ_in_nothing_but_who_they_are(world: World) -> None:
    assert world.a.owner.password == world.b.owner.password
    assert world.a.owner.session_generation == world.b.owner.session_generation
