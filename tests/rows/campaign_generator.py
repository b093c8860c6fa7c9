"""Campaigns in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

ONE = Row(Kind.ROW, {"campaign_id": "@uuid_row"})
FILE = Row(Kind.ROW, {"campaign_id": "@uuid_row", "kind": "media-plan"})
ENTERPRISE = {
    "campaigns/": OWN,
    "campaigns/new/": OWN,
    "campaigns/<uuid:campaign_id>/": ONE,
    "campaigns/<uuid:campaign_id>/edit/": ONE,
    "campaigns/<uuid:campaign_id>/approve/": Row(
        Kind.ROW, {"campaign_id": "@uuid_row"}, form={"content_hash": "x"}
    ),
    "campaigns/<uuid:campaign_id>/move/": Row(
        Kind.ROW, {"campaign_id": "@uuid_row"}, form={"content_hash": "x", "to": "in_review"}
    ),
    "campaigns/<uuid:campaign_id>/files/<slug:kind>/": FILE,
    "api/enterprise/campaigns": OWN,
    "api/enterprise/campaigns/<uuid:campaign_id>": ONE,
    "api/enterprise/campaigns/<uuid:campaign_id>/approve": Row(
        Kind.ROW, {"campaign_id": "@uuid_row"}, form={"content_hash": "x"}
    ),
    "api/enterprise/campaigns/<uuid:campaign_id>/files/<slug:kind>": FILE,
}
APP = "enterprise_campaign_generator"
NOON = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def content(name: str) -> dict[str, Any]:
    from enterprise.campaign_generator.engine.contracts import (
        Asked,
        Audience,
        Facts,
        Target,
        TrialAsked,
    )
    from enterprise.campaign_generator.engine.document import generate
    from enterprise.campaign_generator.engine.stored import as_json
    from marketing_platform.writing.built_in import BuiltInCopywriter

    facts = Facts(name, name, (f"Why {name}",), "", "learn_more", "https://shop.example/", "en")
    asked = Asked(
        name, name, facts, Audience("", None, "unknown", ""), Target("orders", 1.0, ""),
        ("google_ads",), (1,), 100_000, date(2026, 12, 1), 2, TrialAsked(),
    )  # fmt: skip
    return as_json(generate(asked, BuiltInCopywriter()))


OVERRIDES = {
    f"{APP}.Campaign": lambda key, letter: {
        "name": f"CANARY-{letter}-{key}",
        "content": content(f"CANARY-{letter}-{key}"),
        "content_hash": f"CANARY-{letter}-{key}",
        "approved_hash": "",
        "state": "draft",
    },
    f"{APP}.CampaignVersion": lambda key, letter: {"content": content(f"CANARY-{letter}-{key}")},
}


def fill_enterprise(name: str, _picture: Any) -> None:
    from enterprise.campaign_generator import models

    made = models.Campaign.objects.create(
        name=name, content=content(name), content_hash=name, created_at=NOON, changed_at=NOON
    )
    models.CampaignVersion.objects.create(
        campaign=made, number=1, content=content(name), content_hash=name, created_at=NOON
    )
