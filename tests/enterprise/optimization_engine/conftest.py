from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from enterprise.data_sources import models as sources
from enterprise.optimization_engine.engine.fit import fit, run_hash
from enterprise.optimization_engine.selectors import mix_data
from enterprise.optimization_engine.services import run_store
from marketing_platform.tenants.context import tenant_context
from tests.enterprise.optimization_engine.generators import hard_market

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
OUTCOME = "Revenue"


def store(data, *, outcome=OUTCOME, digest="a"):
    """Weekly figures as imported rows of the acting workspace."""
    edges = {"first_on": data.weeks[0], "last_on": data.weeks[-1], "grain": "week"}
    made = {}
    for kind in ("spend", "outcomes"):
        source = sources.DataSource.objects.create(
            kind=kind, name=f"Our {kind} {digest}", created_at=NOW
        )
        made[kind] = sources.ImportBatch.objects.create(
            state="imported", source=source, file_name=f"{kind}.csv", sha256=f"{kind}{digest}",
            created_at=NOW, imported_at=NOW, **edges,
        )  # fmt: skip
    sources.SpendRow.objects.bulk_create(
        sources.SpendRow(
            source=made["spend"].source, batch=made["spend"], date=week, channel=channel, cost=paise
        )
        for week, row in zip(data.weeks, data.spend_paise, strict=True)
        for channel, paise in zip(data.channels, row, strict=True)
    )
    sources.MetricPoint.objects.bulk_create(
        sources.MetricPoint(
            source=made["outcomes"].source, batch=made["outcomes"], date=week, series=outcome,
            unit="INR", value=Decimal(f"{value:.2f}"),
        )
        for week, value in zip(data.weeks, data.outcome, strict=True)
    )  # fmt: skip


@pytest.fixture(scope="session")
def small_market():
    """Two channels and two years: quick to fit."""
    return hard_market(31, weeks=104, channels=2).data


@pytest.fixture
def company(enterprise_tenant, small_market):
    """vikram's workspace with figures, entered."""
    with tenant_context(enterprise_tenant):
        store(small_market)
        yield enterprise_tenant


@pytest.fixture(scope="session")
def fits():
    """Fits by run hash, so that the same figures are fitted once in a run of the tests."""
    return {}


@pytest.fixture
def fitted(company, fits):
    """The same with a fit."""
    figures = mix_data(OUTCOME)
    key = run_hash(figures)
    if key not in fits:
        fits[key] = fit(figures)
    return run_store(*fits[key], actor_id=None, now=NOW)


class Page:
    """A client of the workspace's host; after a request the test acts in the workspace again."""

    def __init__(self, client, tenant, stack):
        self.client, self.tenant, self.stack = client, tenant, stack

    def get(self, *arguments, **more):
        return self._inside(self.client.get(*arguments, **more))

    def post(self, *arguments, **more):
        return self._inside(self.client.post(*arguments, **more))

    def _inside(self, answer):
        self.stack.enter_context(tenant_context(self.tenant))
        return answer


@pytest.fixture
def page(enterprise_tenant, vikram, workspace_client):
    with ExitStack() as stack:
        yield Page(workspace_client(enterprise_tenant, vikram), enterprise_tenant, stack)
