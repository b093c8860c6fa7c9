"""Payers by invoice: their next invoice on its day, and what they still owe us on paper."""

from datetime import time
from typing import Any

from billing.services.paper import invoice_tell, paper_remind, paper_renew
from billing.services.quotes import quotes_expire
from billing.services.tds import certificate_tell, certificates_remind
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant


@periodic(
    "billing.paper",
    times=Daily(time(6), time(9)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def paper_daily(tenant: Tenant) -> None:
    now = clock.now()
    paper_renew(tenant=tenant, now=now)
    quotes_expire(tenant=tenant, now=now)
    paper_remind(tenant=tenant, now=now)
    certificates_remind(tenant=tenant, now=now)


@work_handler("billing.tell_invoice", public=True)
def tell_invoice(_tenant: None, *, document_id: int, **_unused: Any) -> None:
    invoice_tell(document_id=document_id)


@work_handler("billing.tell_certificate", public=True)
def tell_certificate(_tenant: None, *, tenant_id: Any, certificate_id: int, **_unused: Any) -> None:
    certificate_tell(tenant_id=tenant_id, certificate_id=certificate_id)
