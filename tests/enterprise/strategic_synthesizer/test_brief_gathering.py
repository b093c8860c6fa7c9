"""What a brief rests on in a workspace: the present figures, and nobody else's budget."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from enterprise.data_sources.services import sample_show
from enterprise.optimization_engine.engine.preflight import LEAST_WEEKS
from enterprise.strategic_synthesizer.front_door import BriefRequest, StrategicSynthesizer
from enterprise.strategic_synthesizer.services import gathering
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture
def company(enterprise_tenant: Tenant) -> Iterator[Tenant]:
    with tenant_context(enterprise_tenant):
        yield enterprise_tenant


def test_new_figures_are_looked_at_before_they_are_told(company: Tenant) -> None:
    """Nobody has opened the insights yet."""
    sample_show(today=clock.today(NOW), now=NOW)
    stored = StrategicSynthesizer().create_brief(BriefRequest(tenant=company, now=NOW))
    sources = {each.source for each in stored.brief.evidence}
    assert "market intelligence" in sources
    assert stored.brief.is_sample


def test_a_budget_of_the_sample_is_not_told_beside_own_figures(
    company: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SimpleNamespace(run_id="r")
    monkeypatch.setattr(gathering, "latest_allocation", lambda: found)
    monkeypatch.setattr(gathering, "run_of", lambda _run: SimpleNamespace(is_sample=True))
    assert gathering._allocation(is_sample=False) is None
    assert gathering._allocation(is_sample=True) is found


def test_an_empty_workspace_is_no_sample_and_has_no_weeks(company: Tenant) -> None:
    inputs = gathering.inputs_of(company, today=clock.today(NOW))
    assert (inputs.is_sample, inputs.weeks_of_data, inputs.findings) == (False, 0, ())
    assert inputs.weeks_needed == LEAST_WEEKS == 52


def test_the_same_rows_stored_later_make_the_same_brief(company: Tenant) -> None:
    sample_show(today=clock.today(NOW), now=NOW)
    door = StrategicSynthesizer()
    first = door.create_brief(BriefRequest(tenant=company, now=NOW))
    again = door.create_brief(BriefRequest(tenant=company, now=NOW + timedelta(seconds=9)))
    assert again.content_hash == first.content_hash
