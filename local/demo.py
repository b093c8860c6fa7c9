"""An invented shop for demonstrations."""

from datetime import date, datetime, time

from local.business.engine import LANGUAGES
from local.business.models import LocalBusiness
from local.business.services import business_create
from marketing_platform.core.clock import IST
from marketing_platform.tenants.models import Tenant

DETAILS = {
    "category": "sweet_shop",
    "city": "pune",
    "languages": LANGUAGES,
    "phone": "020 2612 3456",
    "address": "12 Laxmi Road, Pune 411030",
    "licence_number": "11526000000123",
    "monthly_budget_band": "up_to_2000",
}


def seed(tenant: Tenant, *, today: date) -> None:
    """Give the workspace a sweet shop in Pune under its own name; a second call changes nothing."""
    if LocalBusiness.objects.filter(tenant=tenant).exists():
        return
    now = datetime.combine(today, time(9), tzinfo=IST)
    business_create(tenant=tenant, name=tenant.name, now=now, **DETAILS)
