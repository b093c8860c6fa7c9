"""The same site with and without tenancy. REQUEST_SIDE is one of SIDES; DATABASE_URL is shared.

plain: Django's own backend, one schema by the connection's search path, none of our middleware.
ours: everything but billing's entitlements, which are counted apart as ours_billing.
stock, stock_limit: django-tenants' backend and middleware, without and with LIMIT_SET_CALLS.
"""

import os

from marketing_platform.settings.test import *  # noqa: F403
from marketing_platform.settings.test import DATABASES, MIDDLEWARE, TENANT_TYPES, TIERS

SIDES = ("plain", "ours", "ours_billing", "stock", "stock_limit")
SIDE = os.environ["REQUEST_SIDE"]
ROOT_URLCONF = "tests.benchmarks.request_side.views"
for _tier in TIERS:
    TENANT_TYPES[_tier]["URLCONF"] = ROOT_URLCONF
if SIDE == "ours":
    ENTITLEMENTS = "tests.benchmarks.request_side.views.entitled"
SCHEMAS_PER_CONNECTION = int(os.environ.get("SCHEMAS_PER_CONNECTION", "40"))

_options = {"pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
if "REQUEST_SCHEMA" in os.environ:
    _options["options"] = f"-c search_path={os.environ['REQUEST_SCHEMA']},public"
DATABASES["default"]["OPTIONS"] = _options

if not SIDE.startswith("ours"):
    _OURS = {
        "marketing_platform.operations.staff_policy.StaffPolicyMiddleware",
        "marketing_platform.api.host_middleware.HostMiddleware",
        "marketing_platform.users.middleware.SessionBindingMiddleware",
        "marketing_platform.users.middleware.AccessMiddleware",
    }
    MIDDLEWARE = [name for name in MIDDLEWARE if name not in _OURS]
    AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
    TENANT_SYNC_ROUTER = DATABASE_ROUTERS[0]
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
if SIDE.startswith("stock"):
    MIDDLEWARE = ["django_tenants.middleware.main.TenantMainMiddleware", *MIDDLEWARE]
    DATABASES["default"]["ENGINE"] = "django_tenants.postgresql_backend"
    TENANT_LIMIT_SET_CALLS = SIDE == "stock_limit"
