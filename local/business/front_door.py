"""LocalProfile: how the kernel reaches a Local workspace's business without importing it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from local.business.engine import CATEGORIES, CITIES
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from local.business.services import business_create
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant


class LocalProfile:
    """The tier's profile, named in the registry."""

    def create(self, *, tenant: Tenant, cleaned: Mapping[str, Any]) -> LocalBusiness:
        """Store the business of a new workspace; raises what `business_create` raises."""
        return business_create(tenant=tenant, now=clock.now(), **cleaned)

    def profile_of(self, tenant: Tenant) -> LocalBusiness:
        return business_of(tenant)

    def summary(self, tenant: Tenant) -> dict[str, str]:
        """What staff see beside the workspace; empty when there is no business yet."""
        business = LocalBusiness.objects.filter(tenant=tenant).first()
        if business is None:
            return {}
        return {
            gettext("Category"): CATEGORIES[business.category].names["en"],
            gettext("City"): CITIES[business.city].names["en"],
            gettext("Languages"): ", ".join(business.languages),
            gettext("Monthly budget"): business.get_monthly_budget_band_display(),
        }

    def place(self, tenant: Tenant) -> tuple[str, str]:
        """City in words and the two letters of its State, as invoices need them; "" if unknown."""
        business = LocalBusiness.objects.filter(tenant=tenant).first()
        return (CITIES[business.city].names["en"], business.state) if business else ("", "")

    def summaries(self, tenant_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
        """City and trade of many workspaces in one query, for the staff's list."""
        rows = LocalBusiness.objects.filter(tenant_id__in=tenant_ids)
        return {
            row.tenant_id: {
                "city": CITIES[row.city].names["en"],
                "industry": CATEGORIES[row.category].names["en"],
            }
            for row in rows
        }

    def values_of(self, kind: str) -> list[tuple[str, str]]:
        """The values that occur, as (value, label), of "city" or "industry"."""
        column = _COLUMNS[kind]
        found = LocalBusiness.objects.order_by(column).values_list(column, flat=True).distinct()
        names = CITIES if kind == "city" else CATEGORIES
        return [(slug, names[slug].names["en"]) for slug in found]

    def tenants_with(self, kind: str, value: str) -> QuerySet:
        """Ids of those whose profile has that value, to select by; none for a kind not kept."""
        if kind not in _COLUMNS:
            return LocalBusiness.objects.none().values_list("tenant_id", flat=True)
        rows = LocalBusiness.objects.filter(**{_COLUMNS[kind]: value})
        return rows.values_list("tenant_id", flat=True)


_COLUMNS = {"city": "city", "industry": "category", "phone": "phone"}
