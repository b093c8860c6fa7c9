"""Import what the platform's processes import, so that Python compiles it once and early.

`python -m marketing_platform.operations.warm_up`, started by bin/bootstrap.py on a fresh folder
while the front end is fetched and built. Nothing depends on its end; no server is asked.
"""

import os
from importlib import import_module

MODULES = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "django.core.management.commands.migrate",
    "django_tenants.management.commands.migrate_schemas",
    "granian.server",
    "marketing_platform.operations.demo",
    "marketing_platform.operations.supervisor",
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")
    import django

    django.setup()
    from django.conf import settings

    from marketing_platform.tiers.contracts import resolve
    from marketing_platform.tiers.registry import REGISTRY, deployed

    maps = {row["URLCONF"] for row in settings.TENANT_TYPES.values()} | {settings.ADMIN_URLCONF}
    for name in (*MODULES, *sorted(maps)):
        import_module(name)
    for tier in deployed():
        for path in REGISTRY[tier].dotted_paths():
            resolve(path)


if __name__ == "__main__":
    main()
