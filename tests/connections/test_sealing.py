"""Secrets at rest open in one row of one workspace only."""

import base64
import io
import os
from typing import Any

import pytest
from django.core.management import call_command

from marketing_platform.connections.models import Connection
from marketing_platform.connections.sealing import SealBroken, unseal
from marketing_platform.connections.services import connection_disconnect, workspace_seal_again
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context, tenant_context

SECRET = {"access_token": "a-very-secret-token"}


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


@pytest.fixture
def row(in_local_workspace: Any, save: Any) -> Connection:
    return save("meta", "1", SECRET)


def test_the_secret_opens_and_is_not_in_the_row(row: Connection) -> None:
    row.refresh_from_db()

    assert unseal(row) == SECRET
    assert b"secret" not in bytes(row.sealed)


def test_a_secret_copied_to_another_row_does_not_open(row: Connection, save: Any) -> None:
    other = save("whatsapp", "2", {"access_token": "another"})
    other.sealed, other.sealed_with = row.sealed, row.sealed_with

    with pytest.raises(SealBroken):
        unseal(other)


def test_a_secret_copied_to_another_workspace_does_not_open(
    row: Connection, enterprise_tenant: Any
) -> None:
    held = bytes(row.sealed)
    with tenant_context(enterprise_tenant):
        copy = Connection(pk=row.pk, provider="meta", sealed=held, sealed_with=row.sealed_with)
        with pytest.raises(SealBroken):
            unseal(copy)


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_changed_byte_is_noticed(row: Connection, at: int) -> None:
    changed = bytearray(row.sealed)
    changed[at] ^= 1
    row.sealed = bytes(changed)

    with pytest.raises(SealBroken):
        unseal(row)


def test_a_new_key_seals_and_the_old_one_still_opens(row: Connection, settings: Any) -> None:
    old = settings.CREDENTIALS_KEYS
    new = key("new")
    settings.CREDENTIALS_KEYS = (new, *old)
    assert unseal(row) == SECRET

    assert workspace_seal_again(now=clock.now()) == (1, 0)

    settings.CREDENTIALS_KEYS = (new,)
    row.refresh_from_db()
    assert (row.sealed_with, unseal(row)) == ("new", SECRET)


def test_the_command_seals_every_workspace_again(row: Connection, settings: Any) -> None:
    settings.CREDENTIALS_KEYS = (key("newest"), *settings.CREDENTIALS_KEYS)
    out = io.StringIO()
    with public_context():
        call_command("seal_again", stdout=out)

    row.refresh_from_db()
    assert out.getvalue() == "1 sealed anew; 0 cannot be opened and ask their owners.\n"
    assert row.sealed_with == "newest"


def test_without_its_key_the_owner_signs_in_again(row: Connection, settings: Any) -> None:
    settings.CREDENTIALS_KEYS = (key("only"),)

    assert workspace_seal_again(now=clock.now()) == (0, 1)

    row.refresh_from_db()
    assert row.state == "needs_sign_in"


def test_disconnecting_forgets_the_secret(row: Connection) -> None:
    connection_disconnect(connection_id=row.pk, actor_id=None, now=clock.now())

    row.refresh_from_db()
    assert (row.state, row.sealed) == ("disconnected", None)


def test_another_account_takes_the_place_of_the_first(row: Connection, save: Any) -> None:
    save("meta", "2", {"access_token": "second"})

    states = dict(Connection.objects.values_list("account_id", "state"))
    assert states == {"1": "disconnected", "2": "connected"}


def test_an_export_shows_only_how_long_a_secret_is(row: Connection, tmp_path: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE column_name = 'sealed'"
            " AND table_schema = current_schema()"
        )
        kinds = {kind for (kind,) in cursor.fetchall()}

    # operations.backup.exporting writes "N bytes" for this type, a backup the bytes.
    assert kinds == {"bytea"}
