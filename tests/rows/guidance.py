"""Guides in the tests that walk over everything."""

from datetime import UTC, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

GUIDE = {"slug": "google-hours"}
STEP = {"step": "open", "is_done": "on"}
LOCAL = {
    "guides/": OWN,
    "guides/card/review/": Row(Kind.OWN, query={"link": "https://g.page/r/a"}),
    "guides/card/whatsapp/": OWN,
    "guides/<slug:slug>/": Row(Kind.OWN, GUIDE),
    "guides/<slug:slug>/step/": Row(Kind.OWN, GUIDE, form=STEP),
    "guides/<slug:slug>/finish/": Row(Kind.OWN, GUIDE, form={"tick": "on"}),
    "guides/<slug:slug>/stop/": Row(Kind.OWN, GUIDE),
    "api/local/guides": OWN,
    "api/local/guides/<slug:slug>": Row(Kind.OWN, GUIDE),
    "api/local/guides/<slug:slug>/steps": Row(Kind.OWN, GUIDE, form={"step": "open"}),
    "api/local/guides/<slug:slug>/finish": Row(Kind.OWN, GUIDE, form={"tick": True}),
}
OVERRIDES = {
    "local_guidance.GuideRun": lambda key, letter: {
        "slug": f"canary-{letter.lower()}-{key}",
        "subject": f"CANARY-{letter} {key}",
        "evidence_kind": "",
        "finished_at": None,
    },
    "local_guidance.GuideStepDone": lambda key, letter: {"step": f"CANARY-{letter}-{key}"},
}


def fill_local(_name: str, _picture: Any) -> None:
    from local.guidance.models import GuideRun

    noon = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    run = GuideRun.objects.create(
        slug="google-hours",
        version="0" * 16,
        started_at=noon,
        finished_at=noon,
        evidence_kind="tick",
    )
    run.ticks.create(step="open", done_at=noon)
