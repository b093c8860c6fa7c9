"""The same apps on stock django-tenants 4.0.1, to be measured beside ours.

STOCK_EXTRA_APPS: further workspace apps, separated by commas. STOCK_MIGRATION_MODULES: JSON for
MIGRATION_MODULES. Both let a benchmark bring a migration that the product does not have.
"""

import json
import os

from marketing_platform.settings.test import *  # noqa: F403
from marketing_platform.settings.test import (
    DATABASES,
    INSTALLED_APPS,
    MIDDLEWARE,
    TENANT_TYPES,
    TIERS,
)

DATABASES["default"].update(
    ENGINE="django_tenants.postgresql_backend",
    CONN_MAX_AGE=None,
    CONN_HEALTH_CHECKS=False,
    OPTIONS={},
)
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_SYNC_ROUTER = "django_tenants.routers.TenantSyncRouter"
TENANT_LIMIT_SET_CALLS = os.environ.get("STOCK_LIMIT_SET_CALLS", "no") == "yes"
_HOST = "marketing_platform.api.host_middleware.HostMiddleware"
_STOCK = "django_tenants.middleware.main.TenantMainMiddleware"
MIDDLEWARE = [_STOCK if name == _HOST else name for name in MIDDLEWARE]

_EXTRA = [name for name in os.environ.get("STOCK_EXTRA_APPS", "").split(",") if name]
INSTALLED_APPS = [*INSTALLED_APPS, *_EXTRA]
for _tier in TIERS:
    TENANT_TYPES[_tier]["APPS"] += _EXTRA
MIGRATION_MODULES = json.loads(os.environ.get("STOCK_MIGRATION_MODULES", "{}"))
SILENCED_SYSTEM_CHECKS = ["tenants.E001", "tenants.E002", "tenants.E003"]
