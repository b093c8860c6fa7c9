"""The public tables that hold rows of workspaces."""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db.models import AutoField, Model

from marketing_platform.operations.backup.errors import Undeclared
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import Tenant

TENANT_COLUMN = "tenant_id"
# Public tables with a tenant that are not TenantOwned, and so declare nothing themselves.
OTHERS = {
    "tenants.Domain": Kept.OWN,
    "tenants.TenantEvent": Kept.RECORD,
    "tenants.WorkspaceMigration": Kept.NOT,
    "inbox.InboundEvent": Kept.RECORD,
    "platform_schedule.DeadLetter": Kept.NOT,
}


@cache
def workspace_rows() -> dict[type[Model], Kept]:
    """Every public model whose rows belong to a workspace; those referred to come first.

    Raises Undeclared, naming the models that say nothing about restore and erasure.
    """
    public = set(settings.TENANT_TYPES["public"]["APPS"])
    models = [
        model
        for model in apps.get_models()
        if model._meta.app_config.name in public and has_tenant(model)
    ]
    kept = {model: kept_as(model) for model in models}
    undeclared = sorted(model._meta.label for model, policy in kept.items() if policy is None)
    if undeclared:
        raise Undeclared(models=", ".join(undeclared))
    return {model: policy for model in _ordered(models) if (policy := kept[model])}


def kept_as(model: type[Model]) -> Kept | None:
    return getattr(model, "kept_as", None) or OTHERS.get(model._meta.label)


def has_tenant(model: type[Model]) -> bool:
    return any(field.column == TENANT_COLUMN for field in model._meta.concrete_fields)


def outward(model: type[Model]) -> dict[str, type[Model]]:
    """Columns that hold keys of other public rows, apart from the tenant's, and whose."""
    return {
        field.column: field.related_model
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is not Tenant
    }


def is_numbered(model: type[Model]) -> bool:
    """Whether the database numbers its rows, so that two databases number differently."""
    return isinstance(model._meta.pk, AutoField)  # BigAutoField counts as one


def _ordered(models: list[type[Model]]) -> list[type[Model]]:
    left, ordered = sorted(models, key=lambda model: model._meta.label), []
    while left:
        free = [m for m in left if not (set(outward(m).values()) & set(left)) - {m}]
        if not free:
            raise ValueError(f"public tables refer to each other in a circle: {left}")
        ordered += free
        left = [model for model in left if model not in free]
    return ordered
