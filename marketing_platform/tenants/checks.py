"""System checks on where apps live and on what guards their models."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db.models import Field, Model

from marketing_platform.tenants.acting import PUBLIC_SCHEMA
from marketing_platform.tenants.guard import WorkspaceManager, WorkspaceModel, WorkspaceQuerySet
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.owned import TenantOwned, TenantOwnedManager, TenantOwnedQuerySet

# What sign-in, staff and the migrations read of every workspace, and no page of a workspace does.
UNOWNED = {"tenants.Domain", "tenants.TenantEvent", "tenants.WorkspaceMigration"}
GUARDS = (
    (WorkspaceModel, WorkspaceManager, WorkspaceQuerySet),
    (TenantOwned, TenantOwnedManager, TenantOwnedQuerySet),
)
# Where an app's tables lie: the tiers of its label, "public" among them.
Sides = Mapping[str, frozenset[str]]


@checks.register(checks.Tags.compatibility)
def no_app_is_on_both_sides(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """A missing workspace table would silently be read from public if an app were on both."""
    public = set(settings.TENANT_TYPES["public"]["APPS"])
    return [
        checks.Error(
            f"{app} is in the public schema and in {tier} workspaces.",
            hint="Split it in two apps: one public, one in the workspace.",
            id="tenants.E001",
        )
        for tier, row in settings.TENANT_TYPES.items()
        if tier != "public"
        for app in sorted(public & set(row["APPS"]))
    ]


@checks.register(checks.Tags.models)
def models_are_guarded(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    return problems_of(apps.get_models(include_auto_created=True), sides_of_apps())


def sides_of_apps() -> dict[str, frozenset[str]]:
    return {
        config.label: frozenset(
            tier for tier, row in settings.TENANT_TYPES.items() if config.name in row["APPS"]
        )
        for config in apps.get_app_configs()
    }


def problems_of(models: Iterable[type[Model]], sides: Sides) -> list[checks.CheckMessage]:
    """What is wrong with these models, given where each app's tables lie."""
    wanted = list(models)
    return [
        *chain.from_iterable(_of_one(model, sides) for model in wanted),
        *_tables_on_both_sides(wanted, sides),
    ]


def _of_one(model: type[Model], sides: Sides) -> Iterator[checks.CheckMessage]:
    here = sides.get(model._meta.app_label, frozenset())
    if here - {PUBLIC_SCHEMA}:
        yield from _of_workspace_model(model, here, sides)
    elif _points_at_tenant(model) and not _is_owned(model):
        yield _error(model, "has a tenant and is not TenantOwned", "Inherit TenantOwned.", 5)
    yield from _managers(model)


def _of_workspace_model(
    model: type[Model], here: frozenset[str], sides: Sides
) -> Iterator[checks.CheckMessage]:
    if model._meta.auto_created:
        return  # told about its field
    if not issubclass(model, WorkspaceModel):
        yield _error(model, "lies in workspaces without a guard", "Inherit WorkspaceModel.", 2)
    for field in model._meta.local_many_to_many:
        if field.remote_field.through._meta.auto_created:
            hint = "Write the model in between, a WorkspaceModel, and name it in `through`."
            yield _error(model, f"has a table of its own for {field.name}", hint, 4)
    for field in _relations(model):
        if not here <= sides.get(field.related_model._meta.app_label, frozenset()):
            hint = "Keep the id without a foreign key, as actor_id does."
            target = field.related_model._meta.label
            yield _error(model, f"points out of its schema: {field.name} at {target}", hint, 6)


def _managers(model: type[Model]) -> Iterator[checks.CheckMessage]:
    for base, manager, rows in GUARDS:
        if not issubclass(model, base):
            continue
        for used, name in ((model._default_manager, "default"), (model._base_manager, "base")):
            if not isinstance(used, manager) or not issubclass(used._queryset_class, rows):
                hint = f"Make it of {manager.__name__} and {rows.__name__}."
                yield _error(model, f"has an unguarded {name} manager", hint, 3)


def _tables_on_both_sides(models: list[type[Model]], sides: Sides) -> Iterator[checks.CheckMessage]:
    tables: dict[str, set[bool]] = {}
    for model in models:
        here = sides.get(model._meta.app_label)
        if here and model._meta.managed:
            tables.setdefault(model._meta.db_table, set()).add(PUBLIC_SCHEMA in here)
    for table, found in sorted(tables.items()):
        if len(found) > 1:
            yield checks.Error(
                f"The table {table} is in the public schema and in workspaces.",
                hint="Where one lacks it, the other would be read: rename one.",
                id="tenants.E007",
            )


def _is_owned(model: type[Model]) -> bool:
    return issubclass(model, TenantOwned) or model._meta.label in UNOWNED


def _points_at_tenant(model: type[Model]) -> bool:
    return any(field.related_model is Tenant for field in _relations(model))


def _relations(model: type[Model]) -> Iterator[Field]:
    for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many):
        if isinstance(field.related_model, type):
            yield field


def _error(model: type[Model], problem: str, hint: str, number: int) -> checks.Error:
    return checks.Error(
        f"{model._meta.label} {problem}.", hint=hint, obj=model, id=f"tenants.E{number:03}"
    )
