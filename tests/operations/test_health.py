import socket
import time

import psycopg
import pytest
from django.db import connection
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from marketing_platform.operations import health
from marketing_platform.tenants.models import Tenant


def answer(path: str) -> tuple[int, dict]:
    response = Client().get(path, HTTP_HOST="localhost")
    return response.status_code, response.json()


def refuse(*_arguments: object, **_options: object) -> None:
    raise AssertionError("live must not check anything")


def test_live_asks_nobody(monkeypatch: pytest.MonkeyPatch, rf: object) -> None:
    monkeypatch.setattr(health, "_own_connection", refuse)
    monkeypatch.setattr(health, "_own_redis", refuse)

    assert health.live(rf.get("/health/live")).status_code == 200


@pytest.mark.django_db
def test_ready_when_everything_answers() -> None:
    assert answer("/health/ready") == (
        200,
        {
            "status": "ready",
            "checks": {"database": "ok", "redis": "ok", "schema": "ok"},
            "workspaces_behind": 0,
            "workspaces_incomplete": 0,
        },
    )


@pytest.mark.django_db
def test_not_ready_names_redis_that_takes_no_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object, **_options: object) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(health.Redis, "set", away)
    status, body = answer("/health/ready")

    assert status == 503
    assert body["checks"] == {
        "database": "ok",
        "redis": "Redis does not take writes.",
        "schema": "ok",
    }


@pytest.mark.django_db(transaction=True)
def test_not_ready_names_a_migration_that_is_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tenants'")
    status, body = answer("/health/ready")

    assert status == 503
    assert body["checks"]["schema"].startswith("The public schema lacks tenants.0")


@pytest.mark.django_db(transaction=True)
def test_a_workspace_that_is_behind_turns_nobody_away(
    local_tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="old")
    status, body = answer("/health/ready")

    assert (status, body["status"], body["workspaces_behind"]) == (200, "ready", 1)
    assert body["checks"]["schema"] == "ok"
    assert "workspaces behind the code's migrations: 1" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "damage", ["DROP TABLE {}.platform_audit_auditentry", "DROP SCHEMA {} CASCADE"]
)
def test_a_workspace_that_lacks_tables_turns_nobody_away(
    local_tenant: Tenant, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(damage.format(local_tenant.schema_name))
    status, body = answer("/health/ready")

    assert (status, body["workspaces_incomplete"], body["workspaces_behind"]) == (200, 1, 0)
    assert "workspaces that lack tables: 1" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_workspace_that_is_behind_is_not_called_incomplete(local_tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {local_tenant.schema_name}.platform_audit_auditentry")
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="old")
    _status, body = answer("/health/ready")

    assert (body["workspaces_incomplete"], body["workspaces_behind"]) == (0, 1)


@pytest.mark.django_db
def test_a_count_that_takes_too_long_turns_nobody_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "INCOMPLETE", "SELECT pg_sleep(2)")
    status, body = answer("/health/ready")

    assert (status, body["workspaces_incomplete"]) == (200, None)
    assert "were not counted" in caplog.text


@pytest.mark.django_db
def test_workspaces_that_were_not_counted_are_not_called_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "BEHIND", "SELECT pg_sleep(2), %s::text[], %s::text[]")
    status, body = answer("/health/ready")

    assert (status, body["workspaces_behind"], body["workspaces_incomplete"]) == (200, None, 0)
    assert "workspaces behind were not counted" in caplog.text


@pytest.mark.django_db
def test_what_could_not_be_asked_is_not_nought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BEHIND", "SELECT nothing, %s::text[], %s::text[]")
    _status, body = answer("/health/ready")

    assert body["workspaces_incomplete"] is None


@pytest.mark.django_db
def test_a_search_of_public_that_takes_too_long_turns_nobody_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "MISPLACED", "SELECT pg_sleep(2)")
    status, body = answer("/health/ready")

    assert (status, body["checks"]["schema"], body["workspaces_behind"]) == (200, "ok", 0)
    assert "was not searched" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_not_ready_when_a_workspaces_table_stands_in_public() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.platform_audit_auditentry (id int)")
    status, body = answer("/health/ready")

    assert status == 503
    assert body["checks"]["schema"] == (
        "In public stand tables of workspaces: platform_audit_auditentry."
    )


@pytest.mark.django_db
def test_a_database_that_is_away_is_named_and_its_schema_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(health, "_own_connection", away)
    monkeypatch.setattr(health, "schema_failure", refuse)

    assert answer("/health/ready") == (
        503,
        {
            "status": "not_ready",
            "checks": {
                "database": "The database does not answer.",
                "redis": "ok",
                "schema": "Not asked.",
            },
        },
    )


@pytest.mark.django_db
def test_servers_that_accept_and_say_nothing_are_named_within_three_seconds(
    monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        parameters = {"host": "127.0.0.1", "port": port, "dbname": "x", "user": "x"}
        monkeypatch.setattr(health, "_connection_parameters", lambda: parameters)
        started = time.monotonic()
        status, body = answer("/health/ready")

    assert time.monotonic() - started < 3
    assert (status, body["checks"]["redis"]) == (503, "Redis does not take writes.")
    assert body["checks"]["database"] == "The database does not answer."
