import pytest
from django.db import OperationalError, connection
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from marketing_platform.operations import health
from marketing_platform.tenants.models import Tenant


def answer(path: str) -> tuple[int, dict]:
    response = Client().get(path, HTTP_HOST="localhost")
    return response.status_code, response.json()


def test_live_asks_nobody(monkeypatch: pytest.MonkeyPatch, rf: object) -> None:
    def refuse() -> str:
        raise AssertionError("live must not check anything")

    monkeypatch.setattr(health, "CHECKS", {"any": refuse})

    assert health.live(rf.get("/health/live")).status_code == 200


@pytest.mark.django_db
def test_ready_when_everything_answers() -> None:
    assert answer("/health/ready") == (
        200,
        {"status": "ready", "checks": {"database": "ok", "redis": "ok", "schema": "ok"}},
    )


@pytest.mark.django_db
def test_not_ready_names_redis_that_takes_no_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(health.redis, "set", refuse)
    status, body = answer("/health/ready")

    assert status == 503
    assert body["checks"] == {
        "database": "ok",
        "redis": "Redis does not take writes.",
        "schema": "ok",
    }


@pytest.mark.django_db
def test_not_ready_names_a_migration_that_is_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tenants'")
    status, body = answer("/health/ready")

    assert status == 503
    assert body["checks"]["schema"].startswith("The public schema lacks tenants.0")


@pytest.mark.django_db
def test_not_ready_when_a_workspace_is_behind(local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="old")
    status, body = answer("/health/ready")

    assert status == 503
    assert body["checks"]["schema"] == "1 workspaces are behind the code's migrations."


def test_a_database_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(health.connection, "cursor", refuse)

    assert health.database_failure() == "The database does not answer."
    assert health.schema_failure() == "The schema version cannot be read."
