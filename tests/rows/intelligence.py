"""Insights of a shop in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any

from tests.isolation.kinds import OWN

LOCAL = {"insights/again/": OWN, "api/local/insights": OWN}
OVERRIDES = {
    "local_intelligence.InsightRun": lambda key, letter: {
        "on": date(2026, 1, key % 28 + 1),
        "result": {"insights": [], "missing": [], "note": f"CANARY-{letter}-{key}"},
    }
}


def fill_local(name: str, _picture: Any) -> None:
    from local.intelligence.models import InsightRun

    InsightRun.objects.create(
        on=date(2026, 11, 1),
        inputs_hash=name,
        version="own_records/1",
        visits=3,
        reviews=1,
        result={"insights": [], "missing": []},
        computed_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    )
