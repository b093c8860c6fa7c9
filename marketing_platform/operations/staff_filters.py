"""Filters of the client list: city and trade come from both tiers' profiles."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.staff_selectors import subscription_states, tenants_with_subscription
from marketing_platform.people.models import WorkspaceSummary
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY, deployed


class ProfileFilter(admin.SimpleListFilter):
    """Each tier's profile offers its values for a kind of fact and finds the rows."""

    kind = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        for tier in deployed():
            found |= dict(resolve(REGISTRY[tier].profile)().values_of(self.kind))
        return sorted(found.items(), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> QuerySet[Tenant]:
        if not self.value():
            return queryset
        return queryset.filter(having(self.kind, self.value()))


def having(kind: str, value: str) -> Q:
    """Clients of any tier whose profile has that value."""
    found = Q(pk__in=[])
    for tier in deployed():
        found |= Q(pk__in=resolve(REGISTRY[tier].profile)().tenants_with(kind, value))
    return found


class CityFilter(ProfileFilter):
    title = _("city")
    parameter_name = "city"
    kind = "city"


class IndustryFilter(ProfileFilter):
    title = _("industry or trade")
    parameter_name = "industry"
    kind = "industry"


class SubscriptionFilter(admin.SimpleListFilter):
    title = _("subscription")
    parameter_name = "subscription"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return subscription_states()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> QuerySet[Tenant]:
        if not self.value():
            return queryset
        return queryset.filter(pk__in=tenants_with_subscription(self.value()))


def having_trouble(name: str) -> QuerySet[WorkspaceSummary]:
    """The summaries that count some of "stuck" or "failing", as of their last count."""
    return WorkspaceSummary.objects.filter(**{f"{name}__gt": 0})


class TroubleFilter(admin.SimpleListFilter):
    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("stuck", _("Stuck effects")), ("failing", _("Failing connections"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> QuerySet[Tenant]:
        if self.value() not in ("stuck", "failing"):
            return queryset
        return queryset.filter(pk__in=having_trouble(self.value()).values("tenant"))
