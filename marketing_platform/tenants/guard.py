"""Rows and querysets of a workspace know it, and raise CrossTenantError in any other.

The search path follows who acts, so a queryset, a row or a relation that outlives its workspace
would silently read or overwrite the next one's rows. Every instance is stamped in
`_state.schema`, every query in `query.schema`; the stamp of what was made on the public side is
`public`, until the first workspace that uses it takes it over. Two properties of Django's QuerySet
are asked by everything that reads or writes: `db` (where a statement would go) and `_result_cache`
(rows already read); checking there needs no list of methods.
"""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from django.db import models, router
from django.db.models import sql
from django.db.models.query import RawQuerySet

from marketing_platform.tenants.acting import ACTING, PUBLIC_SCHEMA
from marketing_platform.tenants.errors import CrossTenantError


def schema_of(row: Any) -> str:
    """The workspace of a row; `public` when it has none yet or its model needs none."""
    return getattr(getattr(row, "_state", None), "schema", PUBLIC_SCHEMA)


def relation_check(one: Any, other: Any) -> None:
    """Raise CrossTenantError when a row may not point at the other; the router asks."""
    for row in (one, other):
        if isinstance(row, GuardedModel):
            row._refuse_relation()
    if len({schema_of(one), schema_of(other)} - {PUBLIC_SCHEMA}) > 1:
        raise CrossTenantError(f"{_name(one)} and {_name(other)} are of two workspaces.")


def require_acting(what: Any, schema: str) -> str:
    """The acting workspace, if `what`, stamped with the schema, may be used in it."""
    acting = ACTING.get().schema
    if acting == PUBLIC_SCHEMA:
        raise CrossTenantError(f"{_name(what)} belongs to a workspace; none is acting.")
    if schema not in (acting, PUBLIC_SCHEMA):
        raise CrossTenantError(f"{_name(what)} of {schema} was used in {acting}.")
    return acting


def _name(what: Any) -> str:
    model = getattr(what, "model", None) or type(what)
    meta = getattr(model, "_meta", None)
    return meta.label if meta is not None else model.__name__


# --- rows


class GuardedModel(models.Model):
    """What refuses to be used elsewhere; the two kinds say where that is."""

    class Meta:
        abstract = True

    def _refuse_elsewhere(self) -> None:
        """Raise unless the row may be read again or written here."""
        raise NotImplementedError

    def _refuse_relation(self) -> None:
        """Raise when the row may not be pointed at from here."""
        raise NotImplementedError

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_elsewhere()
        super().save_base(*args, **kwargs)

    def _save_table(self, *args: Any, **kwargs: Any) -> bool:
        # Deserialised rows come here past save_base.
        self._refuse_elsewhere()
        return super()._save_table(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_elsewhere()
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_elsewhere()
        super().refresh_from_db(*args, **kwargs)

    def _prepare_related_fields_for_save(self, *args: Any, **kwargs: Any) -> None:
        # Also what bulk_create and bulk_update ask of each row.
        super()._prepare_related_fields_for_save(*args, **kwargs)
        self._refuse_elsewhere()
        for field in self._meta.concrete_fields:
            if field.is_relation and field.is_cached(self):
                relation_check(self, field.get_cached_value(self))


class WorkspaceModel(GuardedModel):
    """The base of every model in a workspace's schema."""

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any):
        # Of a row that is being loaded too: a queryset goes on in no workspace but its own.
        super().__init__(*args, **kwargs)
        self._state.schema = ACTING.get().schema

    def _refuse_elsewhere(self) -> None:
        self._state.schema = require_acting(self, schema_of(self))

    def _refuse_relation(self) -> None:
        acting = ACTING.get().schema
        if acting != PUBLIC_SCHEMA:
            require_acting(self, schema_of(self))

    def clean_fields(self, exclude: Any = None) -> None:
        self._refuse_elsewhere()
        super().clean_fields(exclude=exclude)

    def validate_unique(self, exclude: Any = None) -> None:
        self._refuse_elsewhere()
        super().validate_unique(exclude=exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        self._refuse_elsewhere()
        super().validate_constraints(exclude=exclude)

    def _get_next_or_previous_by_FIELD(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_elsewhere()
        return super()._get_next_or_previous_by_FIELD(*args, **kwargs)

    def _get_next_or_previous_in_order(self, is_next: bool) -> Any:
        self._refuse_elsewhere()
        return super()._get_next_or_previous_in_order(is_next)

    @property
    def _prefetched_objects_cache(self) -> dict[str, Any]:
        """Asked by prefetching and by reading what was prefetched, of each row."""
        require_acting(self, schema_of(self))
        try:
            return self.__dict__["_prefetched_objects_cache"]
        except KeyError:
            raise AttributeError("_prefetched_objects_cache") from None

    @_prefetched_objects_cache.setter
    def _prefetched_objects_cache(self, value: dict[str, Any]) -> None:
        self.__dict__["_prefetched_objects_cache"] = value


# --- queries


class StampedQuery(sql.Query):
    """A query that knows where it was made; its clones and pickles do too."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.schema = ACTING.get().schema

    def require_acting(self) -> str:
        """The schema that acts, if the query may be run there."""
        raise NotImplementedError

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        self.require_acting()  # subqueries and the parts of a union come only here
        return super().get_compiler(*args, **kwargs)

    def check_query_object_type(self, value: Any, opts: Any, field: Any) -> None:
        super().check_query_object_type(value, opts, field)
        if isinstance(value, GuardedModel):
            value._refuse_relation()


class WorkspaceQuery(StampedQuery):
    def require_acting(self) -> str:
        self.schema = require_acting(self, self.schema)
        return self.schema

    def meet(self, schema: str) -> None:
        """Something of that schema becomes part of the query."""
        if schema == PUBLIC_SCHEMA or schema == self.schema:
            return
        if self.schema != PUBLIC_SCHEMA:
            raise CrossTenantError(f"A query of {self.schema} was given a part of {schema}.")
        self.schema = schema

    def clone(self) -> "WorkspaceQuery":
        clone = super().clone()
        if clone.schema == PUBLIC_SCHEMA:
            clone.schema = ACTING.get().schema
        return clone

    def combine(self, rhs: sql.Query, connector: str) -> None:
        self.meet(getattr(rhs, "schema", PUBLIC_SCHEMA))
        super().combine(rhs, connector)

    def check_query_object_type(self, value: Any, opts: Any, field: Any) -> None:
        super().check_query_object_type(value, opts, field)
        self.meet(schema_of(value))


# --- querysets


class _Asked:
    """The two questions that everything asks a queryset."""

    __dict__: dict[str, Any]

    def _require_acting(self) -> str:
        raise NotImplementedError

    @property
    def db(self) -> str:
        self._require_acting()
        return super().db  # type: ignore[misc,no-any-return]

    @property
    def _result_cache(self) -> list[Any] | None:
        rows = self.__dict__.get("_result_cache")
        if rows is not None:
            self._require_acting()
        return rows

    @_result_cache.setter
    def _result_cache(self, rows: list[Any] | None) -> None:
        self.__dict__["_result_cache"] = rows

    def _each(self, rows: Iterator[Any]) -> Iterator[Any]:
        """The rows of an iterator: asked again before each, as it may be continued anywhere."""
        schema = self._require_acting()
        for row in rows:
            yield row
            if ACTING.get().schema != schema:
                self._require_acting()


class GuardedQuerySet(_Asked, models.QuerySet):
    query_class: type[StampedQuery]

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None):
        super().__init__(model, query or self.query_class(model), using, hints)

    def _require_acting(self) -> str:
        return self._query.require_acting()

    def _iterator(self, *args: Any) -> Iterator[Any]:
        yield from self._each(super()._iterator(*args))

    async def aiterator(self, chunk_size: int = 2000) -> AsyncIterator[Any]:
        async for row in super().aiterator(chunk_size):
            self._require_acting()
            yield row

    def update(self, **changes: Any) -> int:
        for value in changes.values():
            if isinstance(value, GuardedModel):
                value._refuse_relation()
        return super().update(**changes)

    update.alters_data = True

    def _raw_delete(self, using: str | None) -> int:
        self._require_acting()  # Django makes another kind of query of it
        return super()._raw_delete(using)

    _raw_delete.alters_data = True

    def contains(self, row: Any) -> bool:
        if isinstance(row, GuardedModel):
            row._refuse_relation()
        return super().contains(row)


class WorkspaceRawQuerySet(_Asked, RawQuerySet):
    """Made and read in one workspace."""

    def __init__(self, *args: Any, **kwargs: Any):
        self._schema = ACTING.get().schema
        super().__init__(*args, **kwargs)

    def _require_acting(self) -> str:
        return require_acting(self, self._schema)

    def _clone(self) -> "WorkspaceRawQuerySet":
        self._require_acting()
        return super()._clone()

    def iterator(self) -> Iterator[Any]:
        yield from self._each(super().iterator())

    def using(self, alias: str) -> "WorkspaceRawQuerySet":
        clone = self._clone()
        clone._db, clone.query = alias, self.query.chain(using=alias)
        return clone


class WorkspaceQuerySet(GuardedQuerySet):
    query_class = WorkspaceQuery

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None):
        super().__init__(model, query, using, hints)
        if hints:
            self._query.meet(schema_of(hints.get("instance")))

    def _add_hints(self, **hints: Any) -> None:
        """The row whose relation is followed."""
        super()._add_hints(**hints)
        self._query.meet(schema_of(hints.get("instance")))

    def raw(
        self, raw_query: str, params: Any = (), translations: Any = None, using: Any = None
    ) -> WorkspaceRawQuerySet:
        return WorkspaceRawQuerySet(
            raw_query,
            model=self.model,
            params=params,
            translations=translations,
            using=using or self.db,
        )


# --- managers


def _refusing(method: Callable[..., Any]) -> Callable[..., Any]:
    """A related manager's method that takes rows: Django uses no more of them than their keys."""

    @functools.wraps(method)
    def asked(self: Any, *rows: Any, **options: Any) -> Any:
        given = [each for row in rows for each in (row if _is_several(row) else [row])]
        for row in (self.instance, *given):
            if isinstance(row, GuardedModel):
                row._refuse_elsewhere()
        return method(self, *rows, **options)

    return asked


def _is_several(given: Any) -> bool:
    return isinstance(given, list | tuple | set | frozenset)


class GuardedManager(models.Manager):
    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Django makes the managers of reverse relations as subclasses of the model's own.
        super().__init_subclass__(**kwargs)
        for name in ("add", "remove", "clear", "set"):
            if name in cls.__dict__:
                setattr(cls, name, _refusing(cls.__dict__[name]))


class WorkspaceManager(GuardedManager.from_queryset(WorkspaceQuerySet)):  # type: ignore[misc]
    def using(self, alias: str) -> WorkspaceQuerySet:
        """How Django, and nobody else, begins: to save, and to follow the keys to a deleted row.

        Those of the other tier's models too, whose tables are not here. A second manager for this
        would be written into every model's migrations.
        """
        rows = super().using(alias)
        if not hasattr(ACTING.get().tenant, "tier"):
            return rows
        return rows if router.allow_migrate_model(alias, self.model) else rows.none()


WorkspaceModel.add_to_class("objects", WorkspaceManager())
# Inherited by every model, unlike a Meta option, which would be written into their migrations too.
WorkspaceModel._meta.base_manager_name = "objects"
