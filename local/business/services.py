from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from local.business.engine import category_of, city_of
from local.business.engine.details import (
    clean_address,
    clean_budget_band,
    clean_colour,
    clean_languages,
    clean_licence,
    clean_name,
    clean_phone,
)
from local.business.errors import BusinessAlreadyThere
from local.business.models import LocalBusiness
from marketing_platform.tenants.host_cache import tenant_forget
from marketing_platform.tenants.models import Tenant


def business_create(
    *,
    tenant: Tenant,
    name: str,
    category: str,
    city: str,
    languages: Iterable[str],
    now: datetime,
    phone: str = "",
    address: str = "",
    licence_number: str = "",
    primary_colour: str = "",
    accent_colour: str = "",
    monthly_budget_band: str = "unset",
) -> LocalBusiness:
    """Store the business of a workspace. `category` and `city` may be slugs or names.

    Raises UnknownCity, UnknownCategory, InvalidDetail, or BusinessAlreadyThere.
    """
    business = LocalBusiness(tenant=tenant, created_at=now, updated_at=now)
    _set_details(
        business,
        name=name,
        category=category,
        city=city,
        languages=languages,
        phone=phone,
        address=address,
        licence_number=licence_number,
        primary_colour=primary_colour,
        accent_colour=accent_colour,
        monthly_budget_band=monthly_budget_band,
    )
    try:
        with transaction.atomic():
            business.save(force_insert=True)
    except IntegrityError as error:
        if "one_business_per_workspace" in str(error):
            raise BusinessAlreadyThere from error
        raise
    return business


@transaction.atomic
def business_update(
    *,
    business: LocalBusiness,
    name: str,
    category: str,
    city: str,
    languages: Iterable[str],
    now: datetime,
    phone: str = "",
    address: str = "",
    licence_number: str = "",
    primary_colour: str = "",
    accent_colour: str = "",
    monthly_budget_band: str = "unset",
) -> LocalBusiness:
    """Replace the details of a business; raises what `business_create` raises.

    Colours that are not given stay. The workspace's own name follows the business's.
    """
    business = LocalBusiness.objects.select_for_update().get(pk=business.pk)
    _set_details(
        business,
        name=name,
        category=category,
        city=city,
        languages=languages,
        phone=phone,
        address=address,
        licence_number=licence_number,
        primary_colour=primary_colour,
        accent_colour=accent_colour,
        monthly_budget_band=monthly_budget_band,
    )
    business.updated_at = now
    business.save()
    Tenant.objects.filter(pk=business.tenant_id).update(name=business.name)
    tenant_forget(business.tenant_id)
    return business


def _set_details(business: LocalBusiness, **given: Any) -> None:
    category = category_of(given["category"])
    city = city_of(given["city"])
    business.name = clean_name(given["name"])
    business.category = category.slug
    business.city, business.state = city.slug, city.state
    business.languages = clean_languages(given["languages"])
    business.phone = clean_phone(given["phone"])
    business.address = clean_address(given["address"])
    business.licence_number = clean_licence(given["licence_number"], is_food=category.is_food)
    business.primary_colour = clean_colour(
        given["primary_colour"],
        field="primary_colour",
        usual=business.primary_colour or category.primary_colour,
    )
    business.accent_colour = clean_colour(
        given["accent_colour"],
        field="accent_colour",
        usual=business.accent_colour or category.accent_colour,
    )
    business.monthly_budget_band = clean_budget_band(given["monthly_budget_band"])
