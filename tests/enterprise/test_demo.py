"""The demo company: filled once, and a first look that can be run again."""

import pytest

from enterprise.campaign_generator.selectors import campaigns_for_brief
from enterprise.data_sources.selectors import deals, spend_by
from enterprise.demo import CHANNELS, WEEKS, seed
from enterprise.market_intelligence.selectors import latest_findings
from enterprise.optimization_engine.selectors import latest_allocation
from enterprise.strategic_synthesizer.models import BriefVersion
from enterprise.strategic_synthesizer.selectors import latest_brief
from enterprise.strategic_synthesizer.services.first_look import TASK, first_look
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_demo_company_is_full_and_stays_as_it_is(enterprise_tenant: Tenant) -> None:
    with tenant_context(enterprise_tenant):
        for _twice in range(2):
            seed(enterprise_tenant, today=clock.today())
        table = spend_by("week")
        assert (len(table.channels), len(table.periods)) == (len(CHANNELS), WEEKS)
        assert len(deals()) == 900
        assert len(campaigns_for_brief()) == 1
        assert DueWork.objects.filter(task=TASK).count() == 1

        for _twice in range(2):
            first_look(tenant=enterprise_tenant, now=clock.now())

        assert latest_findings()
        assert latest_allocation() is not None
        stored = latest_brief()
        assert stored is not None
        assert len(stored.brief.evidence) > 15
        assert BriefVersion.objects.count() == 1
