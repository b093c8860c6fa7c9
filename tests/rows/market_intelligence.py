"""Market intelligence in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

HASH = "ab" * 32
ENTERPRISE = {
    "first/": OWN,
    "first/put-away/": OWN,
    "first/<slug:step>/": Row(Kind.OWN, {"step": "company"}),
    "insights/assign/": Row(Kind.OWN, form={"key": "nothing", "assignee": ""}),
    "insights/comment/": Row(Kind.OWN, form={"key": "nothing", "text": "x"}),
    "insights/snooze/": Row(Kind.OWN, form={"key": "nothing", "days": "7"}),
    "insights/recompute/": OWN,
    "insights/runs/<str:run_hash>/": Row(Kind.OWN, {"run_hash": HASH}),
    "api/enterprise/insights": OWN,
    "api/enterprise/insights/<str:run_hash>": Row(Kind.OWN, {"run_hash": HASH}),
}


def _run(key: int, letter: str) -> dict[str, Any]:
    """Runs of equal hashes and other content in every workspace; the first is HASH."""
    from tests.isolation.world import EQUAL_KEYS, canary

    said = {"message": f"{canary(letter)}-{key}", "values": [], "parts": []}
    return {
        "run_hash": HASH if key == EQUAL_KEYS[0] else f"{key:064x}",
        "origin": "workspace",
        "analysed": "pipeline",
        "as_of": date(2026, 11, 1),
        "result": {
            "findings": [],
            "refusals": [{"about": canary(letter), "wording": said}],
            "facts": {},
        },
    }


OVERRIDES = {"enterprise_market_intelligence.InsightRun": _run}
ONE_ROW = {"enterprise_market_intelligence.FirstHour"}


def fill_enterprise(name: str, _picture: Any) -> None:
    from enterprise.market_intelligence.models import FindingCare, FindingComment, FirstHour

    made_at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    FindingCare.objects.create(finding_key=f"trend|{name}", changed_at=made_at)
    FindingComment.objects.create(finding_key=f"trend|{name}", text="=look", created_at=made_at)
    FirstHour.objects.create(settled={"company": "done"}, question="budget")
