"""Putting the public rows of a backup back, each table by its policy (tenants.kept)."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Model

from marketing_platform.operations.backup.archive import Reader
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.operations.backup.references import REFERENCES
from marketing_platform.operations.backup.rows import (
    TENANT_COLUMN,
    is_numbered,
    outward,
    workspace_rows,
)
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import Tenant, TenantOwned

Row = dict[str, Any]


class Placing:
    """One restore's public rows. `is_lost`: the workspace was not in this database at all."""

    def __init__(self, backup: Reader, *, is_lost: bool):
        self._backup, self._is_lost = backup, is_lost
        self._tenant_id = backup.manifest.tenant["id"]
        # Keys of the backup and the same row's key here, where they differ.
        self._keys: dict[type[Model], dict[Any, Any]] = {}
        self._references = {
            model: {row["id"]: row for row in self._rows(f"references/{model._meta.label}")}
            for model in REFERENCES
        }
        self.placed: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        """Returns how many rows were put back, by model. Raises RestoreRefused."""
        for model, policy in workspace_rows().items():
            if policy is Kept.NOT or (policy is Kept.ACCESS and not self._is_lost):
                continue
            self._place_all(model, must=self._is_lost and policy is Kept.RECORD)
        return self.placed

    def tenant_place(self, row: Row) -> None:
        """The workspace itself, when it was lost."""
        if not self._insert(Tenant, row):
            raise RestoreRefused(
                why=f"the address {row['slug']} or the workspace's key is another's here"
            )

    def _rows(self, name: str) -> list[Row]:
        if name not in self._backup.manifest.parts:
            return []
        return list(self._backup.rows_of(name))

    def _place_all(self, model: type[Model], *, must: bool) -> None:
        keys = self._keys.setdefault(model, {})
        name = str(model._meta.pk.column)
        placed, rows = 0, self._rows(f"public/{model._meta.label}")
        if rows and is_numbered(model):
            self._numbers_raise(model, max(row[name] for row in rows))
        for row in rows:
            if row[TENANT_COLUMN] != self._tenant_id:
                raise RestoreRefused(why=f"a row of {model._meta.label} is another workspace's")
            old = row[name]
            owner = self._owner_of(model, old)
            if owner == self._tenant_id:
                continue
            if owner is not None and not is_numbered(model):
                raise RestoreRefused(
                    why=f"{model._meta.label} {old} belongs to another workspace here"
                )
            if owner is not None:
                del row[name]  # the number is taken here: it gets another
            new = self._same_here(model, row) if owner is not None else None
            if new is not None:
                keys[old] = new
                continue
            new = self._insert_referring(model, row)
            if new is not None:
                placed += 1
                keys[old] = new
            # The same webhook may have come again meanwhile; the same payment may not.
            elif must and issubclass(model, TenantOwned):
                raise RestoreRefused(why=f"{model._meta.label} {old} is another workspace's here")
        if placed:
            self.placed[model._meta.label] = placed

    def _owner_of(self, model: type[Model], key: Any) -> str | None:
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce({TENANT_COLUMN}::text, '') FROM"  # noqa: S608 - our own names
                f" {quote(model._meta.db_table)} WHERE {quote(str(model._meta.pk.column))} = %s",
                [key],
            )
            found = cursor.fetchone()
        return found[0] if found else None

    def _insert_referring(self, model: type[Model], row: Row) -> Any:
        """As _insert; whom the row refers to is made for it alone, so nobody is who was removed."""
        with transaction.atomic():
            made = self._references_make(model, row)
            new = self._insert(model, self._mapped(model, row))
            if new is None and made:
                transaction.set_rollback(True)
        if new is None:
            for target, key in made:
                del self._keys[target][key]
        return new

    def _references_make(self, model: type[Model], row: Row) -> list[tuple[type[Model], Any]]:
        """Make those that are not here; returns their models and keys in the backup."""
        made = []
        for column, target in outward(model).items():
            facts = self._references.get(target, {}).get(row[column])
            if facts is None or self._key_of(target, row[column]) is not None:
                continue
            self._keys[target][row[column]] = REFERENCES[target].make(facts)
            made.append((target, row[column]))
        return made

    def _key_of(self, target: type[Model], key: Any) -> Any:
        """The key here of what had that key in the backup; None for somebody who is not here."""
        known = self._keys.setdefault(target, {})
        facts = self._references.get(target, {}).get(key)
        if key not in known and facts is not None:
            known[key] = REFERENCES[target].find(facts)
        return known.get(key, key)

    def _mapped(self, model: type[Model], row: Row) -> Row:
        """The row with the keys that its references have here."""
        keys = {
            column: self._key_of(target, row[column]) for column, target in outward(model).items()
        }
        return {**row, **keys}

    def _insert(self, model: type[Model], row: Row) -> Any:
        """The new row's key; None when a row here says the same already."""
        columns = [
            field.column
            for field in model._meta.concrete_fields
            if field.column in row or not field.primary_key
        ]
        quote = connection.ops.quote_name
        names = ", ".join(quote(column) for column in columns)
        table = quote(model._meta.db_table)
        with connection.cursor() as cursor:
            try:
                cursor.execute(
                    f"INSERT INTO {table} ({names}) SELECT {names} FROM"  # noqa: S608
                    f" jsonb_populate_record(NULL::{table}, %s::jsonb)"
                    f" ON CONFLICT DO NOTHING RETURNING {quote(str(model._meta.pk.column))}",
                    [json.dumps({**_defaults(model), **row}, cls=DjangoJSONEncoder)],
                )
            except (IntegrityError, DataError) as error:
                raise RestoreRefused(why=f"{model._meta.label}: {error}") from error
            found = cursor.fetchone()
        return found[0] if found else None

    def _same_here(self, model: type[Model], row: Row) -> Any:
        """The key of a row like this one: it got another number in an earlier restore."""
        quote = connection.ops.quote_name
        name = str(model._meta.pk.column)
        row = self._mapped(model, row)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {quote(name)} FROM {quote(model._meta.db_table)} t"  # noqa: S608
                f" WHERE {TENANT_COLUMN} = %s AND to_jsonb(t) - %s = %s::jsonb",
                [self._tenant_id, name, json.dumps(row)],
            )
            found = cursor.fetchone()
        return found[0] if found else None

    def _numbers_raise(self, model: type[Model], most: int) -> None:
        """The next number is one that no row has, neither here nor in the backup."""
        table, column = model._meta.db_table, str(model._meta.pk.column)
        quoted = connection.ops.quote_name(table)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), greatest("  # noqa: S608
                f"(SELECT max({connection.ops.quote_name(column)}) FROM {quoted}), %s,"
                " nextval(pg_get_serial_sequence(%s, %s))))",
                [quoted, column, most, quoted, column],
            )


def _defaults(model: type[Model]) -> Row:
    """What columns hold that the backup's code did not have yet."""
    return {
        field.column: field.get_default()
        for field in model._meta.concrete_fields
        if not field.primary_key and field.has_default()
    }
