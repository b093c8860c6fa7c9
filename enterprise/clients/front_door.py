"""What sign-up and settings ask of the tier's profile."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from enterprise.clients.models import EnterpriseClient, Industry
from enterprise.clients.selectors import client_of
from enterprise.clients.services import client_create
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant


class EnterpriseProfile:
    """The profile of an Enterprise workspace, named in the registry of tiers."""

    def create(self, *, tenant: Tenant, cleaned: Mapping[str, Any]) -> EnterpriseClient:
        """Store what sign-up's form cleaned. Raises InvalidDetail, ClientAlreadyThere."""
        details = {key: value for key, value in cleaned.items() if key != "name"}
        return client_create(
            tenant=tenant, now=clock.now(), company_name=cleaned["name"], **details
        )

    def profile_of(self, tenant: Tenant) -> EnterpriseClient | None:
        return client_of(tenant)

    def place(self, tenant: Tenant) -> tuple[str, str]:
        """City and the two letters of its State, as invoices need them; "" if unknown."""
        client = client_of(tenant)
        return (client.city, client.state) if client else ("", "")

    def summary(self, tenant: Tenant) -> dict[str, str]:
        """Label → value for the staff's list of clients."""
        client = client_of(tenant)
        if client is None:
            return {}
        return {
            gettext("City"): client.city,
            gettext("Industry"): gettext(client.get_industry_display()),
            gettext("Employees"): gettext(client.get_employee_count_display()),
            gettext("Revenue"): gettext(client.get_annual_revenue_display()),
        }

    def summaries(self, tenant_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
        """City and industry of many workspaces in one query, for the staff's list."""
        rows = EnterpriseClient.objects.filter(tenant_id__in=tenant_ids)
        return {
            row.tenant_id: {"city": row.city, "industry": row.get_industry_display()}
            for row in rows
        }

    def values_of(self, kind: str) -> list[tuple[str, str]]:
        """The values that occur, as (value, label), of "city" or "industry"."""
        found = EnterpriseClient.objects.order_by(kind).values_list(kind, flat=True).distinct()
        labels = dict(Industry.choices) if kind == "industry" else {}
        return [(value, labels.get(value, value)) for value in found]

    def tenants_with(self, kind: str, value: str) -> QuerySet:
        """Ids of those whose profile has that value, to select by; none for a kind not kept."""
        if kind not in ("city", "industry", "gstin"):
            return EnterpriseClient.objects.none().values_list("tenant_id", flat=True)
        rows = EnterpriseClient.objects.filter(**{kind: value})
        return rows.values_list("tenant_id", flat=True)
