"""Briefs in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

ONE = Row(Kind.ROW, {"brief_id": "@uuid_row"})
ENTERPRISE = {
    "api/enterprise/brief": OWN,
    "api/enterprise/brief/make": OWN,
    "api/enterprise/brief/<uuid:brief_id>/file/<slug:kind>": Row(
        Kind.ROW, {"brief_id": "@uuid_row", "kind": "pptx"}
    ),
    "brief/": OWN,
    "brief/make/": OWN,
    "brief/<uuid:brief_id>/": ONE,
    "brief/<uuid:brief_id>/approve/": Row(
        Kind.ROW, {"brief_id": "@uuid_row"}, form={"content_hash": "x"}
    ),
    "brief/<uuid:brief_id>/brief.pdf": ONE,
    "brief/<uuid:brief_id>/brief.pptx": ONE,
}


def content(company: str) -> dict[str, Any]:
    from enterprise.strategic_synthesizer.engine.composing import compose
    from enterprise.strategic_synthesizer.engine.contracts import BriefInputs
    from enterprise.strategic_synthesizer.engine.stored import as_json

    return as_json(compose(BriefInputs(company, date(2026, 11, 1), data_hash="0")))


OVERRIDES = {
    "enterprise_strategic_synthesizer.BriefVersion": lambda key, letter: {
        "content": content(f"CANARY-{letter}-{key}")
    }
}


def fill_enterprise(name: str, _picture: Any) -> None:
    from enterprise.strategic_synthesizer.models import BriefVersion

    BriefVersion.objects.create(
        dated_on=date(2026, 11, 1),
        content=content(name),
        content_hash=name,
        created_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    )
