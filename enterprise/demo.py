"""An invented company for demonstrations: two years of spend and leads, and what they show."""

from datetime import date, datetime, time

from enterprise.clients.models import Industry
from enterprise.clients.selectors import client_of
from enterprise.clients.services import client_create
from enterprise.data_sources.services import sample_show
from enterprise.market_intelligence.front_door import IntelligenceEngine
from marketing_platform.core.clock import IST
from marketing_platform.tenants.models import Tenant


def seed(tenant: Tenant, *, today: date) -> None:
    """Fill the workspace and compute its findings; a second call changes nothing."""
    now = datetime.combine(today, time(9), tzinfo=IST)
    if client_of(tenant) is None:
        client_create(
            tenant=tenant,
            now=now,
            company_name=tenant.name,
            industry=Industry.CONSUMER_DURABLES,
            city="Bengaluru",
        )
    sample_show(today=today, now=now)
    IntelligenceEngine().get_workspace_findings()
