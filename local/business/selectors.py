from local.business.engine import BusinessFacts
from local.business.errors import NoBusiness
from local.business.models import LocalBusiness
from marketing_platform.tenants.models import Tenant


def business_of(tenant: Tenant) -> LocalBusiness:
    """The business of a workspace; raises NoBusiness when sign-up stopped before it."""
    business = LocalBusiness.objects.filter(tenant=tenant).first()
    if business is None:
        raise NoBusiness
    return business


def facts_of(business: LocalBusiness) -> BusinessFacts:
    return BusinessFacts(
        id=str(business.pk),
        name=business.name,
        category=business.category,
        city=business.city,
        state=business.state,
        languages=tuple(business.languages),
        phone=business.phone,
        address=business.address,
        licence_number=business.licence_number,
        primary_colour=business.primary_colour,
        accent_colour=business.accent_colour,
        monthly_budget_band=business.monthly_budget_band,
    )
