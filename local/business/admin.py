"""Local businesses of every workspace, for staff."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from local.business.engine import CITIES
from local.business.models import LocalBusiness
from marketing_platform.tenants.across import across_tenants


class CityFilter(admin.SimpleListFilter):
    """Only the cities that have a business: one query."""

    title = "city"
    parameter_name = "city"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        used = across_tenants(LocalBusiness).values_list("city", flat=True).distinct()
        return [(slug, CITIES[slug].names["en"]) for slug in sorted(used) if slug in CITIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(city=self.value()) if self.value() else queryset


@admin.register(LocalBusiness)
class LocalBusinessAdmin(ModelAdmin):
    list_display = (
        "name",
        "category",
        "city_name",
        "language_names",
        "monthly_budget_band",
        "workspace",
    )
    list_filter = ("category", CityFilter, "state", "monthly_budget_band")
    list_select_related = ("tenant",)
    list_per_page = 50
    search_fields = ("name", "tenant__slug", "phone")
    ordering = ("name", "id")
    readonly_fields = tuple(field.name for field in LocalBusiness._meta.fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return across_tenants(LocalBusiness).order_by(*self.ordering)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LocalBusiness | None = None) -> bool:
        return False

    @admin.display(description="city", ordering="city")
    def city_name(self, business: LocalBusiness) -> str:
        city = CITIES.get(business.city)
        return city.names["en"] if city else business.city

    @admin.display(description="languages")
    def language_names(self, business: LocalBusiness) -> str:
        return ", ".join(business.languages)

    @admin.display(description="workspace", ordering="tenant__slug")
    def workspace(self, business: LocalBusiness) -> str:
        return business.tenant.slug
