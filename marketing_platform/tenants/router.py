"""Which app may migrate where, and which rows may meet."""

from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django_tenants.routers import TenantSyncRouter

from marketing_platform.tenants.acting import ACTING, PUBLIC_SCHEMA


class TenantRouter(TenantSyncRouter):
    """As the library's, but unknown is refused; relations between workspaces raise."""

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        acting = ACTING.get()
        side = PUBLIC_SCHEMA if acting.schema == PUBLIC_SCHEMA else _tier(acting.tenant)
        return None if app_label in _labels(side) else False

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> None:
        from marketing_platform.tenants.guard import relation_check  # needs the models' registry

        relation_check(obj1, obj2)


def _tier(tenant: Any) -> str:
    return getattr(tenant, "tier", None) or getattr(tenant, "tenant_type", None) or ""


@cache
def _labels(side: str) -> frozenset[str]:
    names = set(settings.TENANT_TYPES.get(side, {"APPS": ()})["APPS"])
    return frozenset(config.label for config in apps.get_app_configs() if config.name in names)
