"""What the requests meet: workspaces made from the snapshot, their owner, sessions and files."""

import uuid
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection

from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Domain, State, Tenant
from marketing_platform.tenants.slugs import new_schema_name
from marketing_platform.tenants.snapshot import schema_replay, snapshot_ensure
from marketing_platform.users.models import User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from marketing_platform.users.sessions import BACKEND, GENERATION, HOST

TIER, FILES, EMAIL = "local", 20, "owner@bench.example"
PLAIN_BACKEND = "django.contrib.auth.backends.ModelBackend"


def make(count: int) -> dict[str, Any]:
    if "users_user" not in connection.introspection.table_names():
        call_command("migrate_platform", verbosity=0)
        User.objects.create_user(email=EMAIL, full_name="Owner")
    owner = User.objects.get(email=EMAIL)
    snapshot = snapshot_ensure(TIER)
    if snapshot is None:
        raise RuntimeError("no snapshot could be built; its error is above")
    for _ in range(count - Tenant.objects.filter(tier=TIER).count()):
        _workspace(owner, snapshot)
    tenants = Tenant.objects.filter(tier=TIER).order_by("created_at")
    return {
        "plain": _session(owner, PLAIN_BACKEND, ""),
        "workspaces": [
            {
                "host": f"{tenant.slug}.{settings.BASE_HOST}",
                "schema": tenant.schema_name,
                "session": _session(owner, BACKEND, f"workspace:{tenant.pk}"),
            }
            for tenant in tenants
        ],
    }


def _workspace(owner: User, snapshot: Any) -> None:
    now, name = clock.now(), new_schema_name()
    slug = f"b{name[2:]}"
    tenant = Tenant.objects.create(
        schema_name=name,
        tier=TIER,
        slug=slug,
        name=slug,
        state=State.ACTIVE,
        schema_version=snapshot.version,
        state_changed_at=now,
        created_at=now,
    )
    Domain.objects.create(domain=f"{slug}.{settings.BASE_HOST}", tenant=tenant)
    schema_replay(name, snapshot.statements)
    membership_add(tenant=tenant, user=owner, role=Role.OWNER, now=now)
    with tenant_context(tenant):
        MediaFile.objects.bulk_create(
            MediaFile(
                id=uuid.uuid4(),
                purpose="poster",
                mime_type="image/png",
                byte_size=1000 + number,
                sha256="0" * 64,
                storage_path=f"poster/{number}.png",
                created_at=now - timedelta(minutes=number),
            )
            for number in range(FILES)
        )


def _session(owner: User, backend: str, host: str) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(owner.pk)
    session[BACKEND_SESSION_KEY] = backend
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session[GENERATION], session[HOST] = owner.session_generation, host
    session.create()
    return session.session_key


def memory(schemas: list[str]) -> dict[str, Any]:
    labels = {
        config.label
        for config in apps.get_app_configs()
        if config.name in settings.TENANT_TYPES[TIER]["APPS"]
    }
    models = [model for model in apps.get_models() if model._meta.app_label in labels]
    megabytes, backends = [], set()
    for number, schema in enumerate(schemas, start=1):
        with tenant_context(Tenant(schema_name=schema, tier=TIER)):
            for model in models:
                model.objects.first()
            if number % 10 == 0:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_backend_pid(), sum(total_bytes) FROM pg_backend_memory_contexts"
                    )
                    pid, used = cursor.fetchone()
                megabytes.append(round(float(used) / 1e6, 1))
                backends.add(pid)
        connection.close()  # as at the end of a request
    return {"megabytes": megabytes, "backends": len(backends), "tables": len(models)}
