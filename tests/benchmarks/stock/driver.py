"""Stock django-tenants in a process of its own: one JSON command a line in, one answer a line out.

`python -m tests.benchmarks.stock.driver`, with DATABASE_URL of an empty database. Commands:

    {"do": "create", "tier": "local", "count": 20}   -> {"seconds": [...], "schemas": [...]}
    {"do": "migrate", "schemas": [...]}              -> {"seconds": [...]}, one per schema
    {"do": "migrate_all"}                            -> {"seconds": s}, executor "standard"
    {"do": "fill", "tier": "local", "count": 80, "statements": "…"} -> rows and schemas, not timed
    {"do": "count"}                                  -> {"tenants": n}
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stock.settings"


def public_migrate() -> None:
    """Once per process: whatever the public schema lacks."""
    _migrate_schemas(shared=True)


def create(*, tier: str, count: int) -> dict[str, Any]:
    """Tenants made the stock way: the row with its host, then create_schema, which is timed."""
    tenants = [_row(tier) for _ in range(count)]
    seconds = [
        _timed(lambda row=row: row.create_schema(True, sync_schema=True, verbosity=0))
        for row in tenants
    ]
    return {"seconds": seconds, "schemas": [row.schema_name for row in tenants]}


def migrate(*, schemas: list[str]) -> dict[str, Any]:
    seconds = [
        _timed(lambda name=name: _migrate_schemas(tenant=True, schema_name=name))
        for name in schemas
    ]
    return {"seconds": seconds}


def migrate_all() -> dict[str, Any]:
    return {"seconds": _timed(lambda: _migrate_schemas(tenant=True))}


def fill(*, tier: str, count: int, statements: str) -> dict[str, Any]:
    """Bystanders, made cheaply from a snapshot's statements."""
    from django.db import connection

    for _ in range(count):
        name = _row(tier).schema_name
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{name}"; SET search_path = "{name}"; {statements}')
            cursor.execute("SET search_path = public")
    return {"filled": count}


def count() -> dict[str, Any]:
    from marketing_platform.tenants.models import Tenant

    return {"tenants": Tenant.objects.count()}


def _row(tier: str) -> Any:
    from django.conf import settings
    from django.utils import timezone

    from marketing_platform.tenants.models import Domain, Tenant
    from marketing_platform.tenants.slugs import new_schema_name

    now = timezone.now()
    name = new_schema_name()
    slug = f"s{name[2:]}"
    row = Tenant.objects.create(
        schema_name=name,
        tier=tier,
        slug=slug,
        name=slug,
        state="active",
        state_changed_at=now,
        created_at=now,
    )
    Domain.objects.create(domain=f"{slug}.{settings.BASE_HOST}", tenant=row)
    return row


def _migrate_schemas(**options: Any) -> None:
    from django.core.management import call_command

    call_command("migrate_schemas", interactive=False, verbosity=0, stdout=io.StringIO(), **options)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


COMMANDS = {act.__name__: act for act in (create, migrate, migrate_all, fill, count)}


def main() -> None:
    import django

    # What the library or a migration prints must not stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    public_migrate()
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        answer = COMMANDS[command.pop("do")](**command)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
