"""Public rows that belong to one workspace: inside it only its own are seen and written.

On the public side everything is allowed, for staff, webhooks and sign-in. A queryset made in one
workspace, or on the public side (it filters by none), raises in another.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import sql

from marketing_platform.tenants.acting import ACTING, PUBLIC_SCHEMA
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.guard import (
    GuardedManager,
    GuardedModel,
    GuardedQuerySet,
    StampedQuery,
)

if TYPE_CHECKING:
    from marketing_platform.tenants.models import Tenant

OWNER = ("tenant", "tenant_id")


def acting_owner() -> Any:
    """The acting workspace's key; None on the public side, where every row is seen."""
    acting = ACTING.get()
    if acting.schema == PUBLIC_SCHEMA:
        return None
    if not hasattr(acting.tenant, "pk"):
        raise CrossTenantError(f"{acting.schema} acts by its name: whose rows it may see is open.")
    return acting.tenant.pk


class OwnedQuery(StampedQuery):
    # For all workspaces on purpose (tenants.across).
    is_across = False

    def require_acting(self) -> str:
        acting = ACTING.get().schema
        if acting not in (PUBLIC_SCHEMA, self.schema) and not self.is_across:
            raise CrossTenantError(
                f"A query for {self.model._meta.label} made in {self.schema} was used in {acting}."
            )
        return acting

    def combine(self, rhs: sql.Query, connector: str) -> None:
        super().combine(rhs, connector)
        if getattr(rhs, "schema", PUBLIC_SCHEMA) != self.schema:
            self.schema = PUBLIC_SCHEMA  # together they are filtered by no workspace


class TenantOwnedQuerySet(GuardedQuerySet):
    query_class = OwnedQuery

    def for_tenant(self, tenant: "Tenant") -> "TenantOwnedQuerySet":
        return self.filter(tenant=tenant)

    def update(self, **changes: Any) -> int:
        owner = None if self._query.is_across else acting_owner()
        for name in OWNER:
            if owner is not None and name in changes:
                value = changes[name]
                if getattr(value, "pk", value) != owner:
                    raise CrossTenantError(f"{self.model._meta.label} was to change its workspace.")
        return super().update(**changes)

    update.alters_data = True

    def bulk_create(
        self,
        objs: Any,
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Any = None,
        unique_fields: Any = None,
    ) -> list[Any]:
        is_own = set(OWNER) & set(unique_fields or ())
        if update_conflicts and not is_own and acting_owner() is not None:
            # The row that is in the way, and would be changed, may be another's.
            raise CrossTenantError("Name the tenant among the unique fields.")
        return super().bulk_create(
            objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        if acting_owner() is not None:
            raise CrossTenantError("Raw SQL is not filtered by workspace.")
        return super().raw(*args, **kwargs)


class TenantOwnedManager(GuardedManager.from_queryset(TenantOwnedQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> TenantOwnedQuerySet:
        rows = super().get_queryset()
        owner = acting_owner()
        return rows if owner is None else rows.filter(tenant_id=owner)


class TenantOwned(GuardedModel):
    """A public row that belongs to one workspace."""

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")

    objects = TenantOwnedManager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "TenantOwned":
        row = super().from_db(*args, **kwargs)
        row._state.owner = row.__dict__.get("tenant_id")
        return row

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        super().save_base(*args, **kwargs)
        self._state.owner = self.__dict__.get("tenant_id")

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        # Deleted by key alone: a row that was read without its owner is asked for it, and one that
        # was not read at all must be found here.
        _ = self.tenant_id
        must_be_found = acting_owner() is not None and getattr(self._state, "owner", None) is None
        if must_be_found and not type(self)._base_manager.filter(pk=self.pk).exists():
            raise CrossTenantError(f"{self._meta.label} {self.pk} is not a row of this one.")
        return super().delete(*args, **kwargs)

    def _refuse_elsewhere(self) -> None:
        """Neither a row of another nor one that is being made another's, or nobody's."""
        owner = acting_owner()
        if owner is None:
            return
        # Read without its owner, a row is found again only through the filtered manager.
        now = self.__dict__.get("tenant_id", owner)
        if now != owner or getattr(self._state, "owner", None) not in (None, owner):
            raise CrossTenantError(f"{self._meta.label} of {now} was used in {owner}.")

    def _refuse_relation(self) -> None:
        if self.__dict__.get("tenant_id") is not None:
            self._refuse_elsewhere()


TenantOwned._meta.base_manager_name = "objects"
