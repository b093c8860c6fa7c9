"""Writing a workspace's company."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from enterprise.clients.engine import STATES
from enterprise.clients.errors import ClientAlreadyThere, InvalidDetail
from enterprise.clients.models import (
    GSTIN_PATTERN,
    EmployeeBand,
    EnterpriseClient,
    Industry,
    RevenueBand,
)
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.models import Tenant

LONGEST = {"company_name": 120, "city": 60, "website": 200}


def client_create(
    *,
    tenant: Tenant,
    now: datetime,
    company_name: str,
    industry: str,
    city: str,
    state: str = "",
    employee_count: str = EmployeeBand.UNSET,
    annual_revenue: str = RevenueBand.UNSET,
    website: str = "",
    gstin: str = "",
) -> EnterpriseClient:
    """Store the company of a new workspace.

    Raises InvalidDetail naming the field, and ClientAlreadyThere for a second one.
    """
    client = EnterpriseClient(
        tenant=tenant,
        created_at=now,
        updated_at=now,
        company_name=_line("company_name", company_name),
        industry=_choice("industry", industry, Industry.values),
        city=_line("city", city),
        state=_choice("state", state, ["", *STATES]),
        employee_count=_choice("employee_count", employee_count, EmployeeBand.values),
        annual_revenue=_choice("annual_revenue", annual_revenue, RevenueBand.values),
        website=_line("website", website, may_be_empty=True),
        gstin=gstin_cleaned(gstin),
    )
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError as error:
        raise ClientAlreadyThere from error
    return client


def client_update(
    *,
    client: EnterpriseClient,
    now: datetime,
    company_name: str,
    industry: str,
    city: str,
    state: str,
    employee_count: str,
    annual_revenue: str,
    website: str,
    gstin: str,
) -> EnterpriseClient:
    """Change every detail at once. Raises InvalidDetail naming the field."""
    client.company_name = _line("company_name", company_name)
    client.industry = _choice("industry", industry, Industry.values)
    client.city = _line("city", city)
    client.state = _choice("state", state, list(STATES))
    client.employee_count = _choice("employee_count", employee_count, EmployeeBand.values)
    client.annual_revenue = _choice("annual_revenue", annual_revenue, RevenueBand.values)
    client.website = _line("website", website, may_be_empty=True)
    client.gstin = gstin_cleaned(gstin)
    client.updated_at = now
    client.save()
    return client


def gstin_cleaned(given: str) -> str:
    """Upper case without spaces; '' stays ''. Only the format is checked: state code, PAN,
    entity, 'Z', check character (Form GST REG-06)."""
    gstin = re.sub(r"\s", "", given).upper()
    if gstin and not re.fullmatch(GSTIN_PATTERN, gstin):
        raise InvalidDetail(_("A GSTIN has 15 characters, such as 27ABCDE1234F1Z5."), field="gstin")
    return gstin


def _line(field: str, given: str, *, may_be_empty: bool = False) -> str:
    text = clean_line(given)
    if not text and not may_be_empty:
        raise InvalidDetail(_("Please fill this in."), field=field)
    if len(text) > LONGEST[field]:
        raise InvalidDetail(_("At most %(most)s characters."), field=field, most=LONGEST[field])
    return text


def _choice(field: str, given: str, allowed: list[str]) -> str:
    if given not in allowed:
        raise InvalidDetail(_("Choose one from the list."), field=field)
    return given
