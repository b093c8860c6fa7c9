from datetime import UTC, date, datetime

import pytest

from enterprise.data_sources.services import (
    draft_create,
    draft_import,
    sample_clear,
    sample_show,
)
from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.front_door import IntelligenceEngine
from enterprise.market_intelligence.models import InsightRun

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def findings():
    return IntelligenceEngine().get_workspace_findings()


def test_the_sample_shows_the_change_that_was_planted():
    sample_show(today=date(2026, 11, 22), now=NOW)
    found = findings()
    assert (found.is_sample, found.attribution) == (True, "by_source")
    first = found.result.insights[0]
    assert (first.kind, first.series) == (Kind.LEVEL_SHIFT, "Meta Ads · cost per lead")
    assert first.details.dates == (date(2026, 5, 18),)
    assert first.low <= 0.45 * 390 <= first.high
    spikes = [each for each in found.result.insights if each.kind is Kind.ANOMALY]
    assert {each.details.dates[0] for each in spikes} == {date(2026, 9, 14)}


def test_the_same_data_is_computed_once():
    sample_show(today=date(2026, 11, 22), now=NOW)
    first, second = findings(), findings()
    assert first == second
    assert InsightRun.objects.count() == 1


def test_without_data_there_is_no_result():
    assert findings().result is None
    sample_show(today=date(2026, 11, 22), now=NOW)
    sample_clear(now=NOW)
    assert findings().result is None


def test_a_series_that_cannot_be_read_does_not_hide_the_others():
    lines = ["Date,Orders", *[f"2026-{month:02d}-1{month % 3},5" for month in range(1, 13)]]
    draft = draft_create(
        content="\n".join(lines).encode(), file_name="odd.csv", actor_id=None, now=NOW
    )
    draft_import(draft=draft, good_rows_only=False, may_replace=False, now=NOW)
    found = findings()
    assert found.result is None or found.result.insights or found.result.not_enough
