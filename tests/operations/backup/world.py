"""What fills two workspaces, and what tells whether two of them are the same."""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from billing.models import Checkout, Payment, PlanVersion, StaffTerms, Subscription
from marketing_platform.api.models import ApiKey, RememberedAnswer
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.media.services import generated_store
from marketing_platform.operations.backup import RestoreReport, database, workspace_restore
from marketing_platform.operations.backup.rows import workspace_rows
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import SubjectRequest, Tenant
from tests import rows_of_features

NOON = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Whole:
    """All there is of a workspace: own tables, public rows, files; each by its content."""

    tables: dict[str, database.Counted]
    public: dict[str, list[str]]
    files: dict[str, bytes]


def whole(tenant: Tenant) -> Whole:
    schema = Tenant.objects.get(pk=tenant.pk).schema_name
    with database.own_connection(is_reading=True) as raw:
        tables = {
            table.name: database.table_read(raw, schema, table, lambda _part: None)
            for table in database.tables_of(raw, schema)
        }
        public = {
            model._meta.label: _public_rows(raw, model, tenant)
            for model, policy in workspace_rows().items()
            if policy is not Kept.NOT
        }
    root = Path(settings.MEDIA_ROOT) / schema
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }
    return Whole(tables, public, files)


def _public_rows(raw: Any, model: Any, tenant: Tenant) -> list[str]:
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t WHERE tenant_id = {} ORDER BY 1").format(
        sql.Identifier(model._meta.db_table), sql.Literal(str(tenant.pk))
    )
    return [text for (text,) in raw.execute(query).fetchall()]


def rows_in(tenant: Tenant, table: str, columns: str = "*", where: str = "true") -> list[Any]:
    with connection.cursor() as cursor:
        schema = Tenant.objects.get(pk=tenant.pk).schema_name
        cursor.execute(f'SELECT {columns} FROM "{schema}"."{table}" WHERE {where} ORDER BY 1')
        return cursor.fetchall()


def fill_workspace(tenant: Tenant) -> None:
    name = tenant.slug
    audit_record(action="thing.done", actor_kind="system", now=NOON, detail={"by": f"{name} \\ ₹"})
    picture = generated_store(
        key=f"poster-{name}",
        content=f"the picture of {name}".encode(),
        mime_type="application/pdf",
        purpose="poster",
    )
    {"local": _fill_local, "enterprise": _fill_enterprise}[tenant.tier](name, picture)
    rows_of_features.fill("fill_workspace", name, picture)
    rows_of_features.fill(f"fill_{tenant.tier}", name, picture)
    empty = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_config.name in settings.TENANT_TYPES[tenant.tier]["APPS"]
        and not model.objects.exists()
    ]
    assert empty == [], "give these a row here, so that the drill covers them"


def _fill_local(name: str, picture: Any) -> None:
    from local.automation.social_media import models as social
    from local.occasions.models import OccasionOverride

    day = date(2026, 11, 5)
    social.BrandKit.objects.create(tagline=f"{name}'s best", owner_photo=picture, changed_at=NOON)
    social.Offer.objects.create(
        words=f"=10% off\tat {name}", valid_from=day, valid_until=day, created_at=NOON
    )
    social.CoachingResult.objects.create(
        student="Kavya Sharma",
        exam="JEE",
        rank="12",
        course="Physics",
        duration="1 year",
        is_paid=True,
        result_on=day,
        consent_on=day + DAY,
        created_at=NOON,
    )
    social.ClassSeats.objects.create(course=name, number=3, counted_on=day, created_at=NOON)
    social.DayIdea.objects.create(on=day, variant=2, chosen_at=NOON)
    social.PostedRecord.objects.create(on=day, network="facebook", variant=2, posted_at=NOON)
    OccasionOverride.objects.create(slug="diwali", year=2026, action="muted", changed_at=NOON)


def _fill_enterprise(name: str, _picture: Any) -> None:
    from enterprise.data_sources import models as sources
    from enterprise.market_intelligence.models import InsightRun

    day = date(2026, 11, 5)
    source = sources.DataSource.objects.create(kind="google_ads", name=name, created_at=NOON)
    sources.ImportBatch.objects.create(
        file_name="draft.csv", sha256="d", content=b"\x00\xff\\n", created_at=NOON
    )
    batch = sources.ImportBatch.objects.create(
        state="imported", source=source, file_name="a.csv", sha256="a", created_at=NOON
    )
    common = {"source": source, "batch": batch, "date": day}
    sources.SpendRow.objects.create(**common, channel="google", campaign="=SUM(1)", cost=125_000)
    sources.LeadCount.objects.create(**common, channel="google", count=7)
    sources.MetricPoint.objects.create(**common, series="visits", value="12.500000")
    InsightRun.objects.create(run_hash="r", origin="api", result={"a": [1.25]}, created_at=NOON)


def fill_public(tenant: Tenant) -> None:
    later = clock.now() + DAY
    with public_context():
        subscription = Subscription.objects.filter(tenant=tenant).first()
        if subscription is None:
            subscription = Subscription.objects.create(
                tenant=tenant,
                plan_version=PlanVersion.objects.get(plan__tier=tenant.tier),
                interval="month",
                state="ended",
            )
        checkout = Checkout.objects.create(
            tenant=tenant, plan_version=subscription.plan_version, interval="month",
            base_paise=100, tax_paise=18, amount_paise=118, gateway="sandbox",
            remote_id=f"c-{tenant.slug}", return_url="http://x.example/", state="paid",
            subscription=subscription, created_at=NOON, expires_at=NOON + DAY,
        )  # fmt: skip
        Payment.objects.create(
            tenant=tenant, subscription=subscription, checkout=checkout, gateway="sandbox",
            remote_id=f"p-{tenant.slug}", base_paise=100, tax_paise=18, amount_paise=118,
            currency="INR", paid_at=NOON, created_at=NOON,
        )  # fmt: skip
        StaffTerms.objects.create(
            tenant=tenant, actor_id=uuid.uuid4(), reason="PO 7", until=later, accepted_at=NOON
        )
        ApiKey.objects.create(tenant=tenant, name="till", prefix=f"k{tenant.pk.hex[:8]}",
                              secret_hash="the-secret-hash", scopes=["read"])  # fmt: skip
        RememberedAnswer.objects.create(
            tenant=tenant, actor="user:1", key="same-key-1", request_hash="h", status=201,
            body={"said": tenant.slug},
        )  # fmt: skip
        InboundEvent.objects.create(
            provider="sandbox", event_id=f"e-{tenant.slug}", body_hash=f"b-{tenant.slug}",
            payload={"phone": "+919812345678"}, tenant_id=tenant.pk,
        )  # fmt: skip
        SubjectRequest.objects.create(
            tenant=tenant, kind="test.person", subject="7", act="erased", happened_at=NOON
        )
        work_add(tenant, "soon", due_at=clock.now() + DAY)
        rows_of_features.fill("fill_public", tenant)
    others = {"local": "enterprise_clients", "enterprise": "local_business"}[tenant.tier]
    empty = [
        label
        for label, rows in whole(tenant).public.items()
        if not rows and not label.startswith(others)
    ]
    assert empty == [], "give these a row here, so that the drill covers them"


def work_add(tenant: Tenant, name: str, **facts: Any) -> DueWork:
    with public_context():
        return DueWork.objects.create(
            tenant=tenant, task="test.backup", key=f"{name}:{tenant.pk}", **facts
        )


@contextmanager
def database_lost() -> Iterator[None]:
    here = connections["default"].settings_dict["NAME"]
    there = f"lost_{os.getpid()}"
    connections.close_all()
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    names = {"there": sql.Identifier(there), "here": sql.Identifier(here)}
    with psycopg.connect(**parameters, autocommit=True) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {there} WITH (FORCE)").format(**names)
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {there} TEMPLATE {here}").format(**names))
        try:
            connections["default"].settings_dict["NAME"] = there
            _empty()
            yield
        finally:
            connections.close_all()
            connections["default"].settings_dict["NAME"] = here
            server.execute(drop)


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        for (schema,) in cursor.fetchall():
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
        # What is only added refuses even this.
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        for (table,) in set(cursor.fetchall()):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE tenants_tenant, users_user RESTART IDENTITY CASCADE")


def rewritten(path: Path, **changes: Any) -> Path:
    """A copy of a backup with other entries: name → bytes."""
    import zipfile

    target = path.with_name(f"rewritten-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
    return target


def manifest_of(path: Path) -> dict[str, Any]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return manifest


def restore(path: Path, **more: Any) -> RestoreReport:
    return workspace_restore(path, now=clock.now(), **more)


def without(found: Whole, *but: str) -> Whole:
    """All of it apart from the public tables named."""
    return replace(found, public={k: v for k, v in found.public.items() if k not in but})


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-z]{26}$'")
        return {name for (name,) in cursor.fetchall()}
