"""Imported data in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tests.isolation.kinds import OWN, Kind, Row

ENTERPRISE = {
    "data/quality/": OWN,
    "data/quality/fix/": Row(Kind.OWN, form={"issue": "alike_names|spend|channel|a / A"}),
    "data/quality/fixes/<int:fix_id>/undo/": Row(Kind.ROW, {"fix_id": "@row"}),
    "api/enterprise/data-quality": OWN,
    "api/enterprise/data/sources": OWN,
    "api/enterprise/data/imports": OWN,
    "data/sync/": OWN,
    "data/sync/<slug:provider>/": Row(Kind.OWN, {"provider": "salesforce"}),
    "api/enterprise/crm": OWN,
    "api/enterprise/crm/syncs": OWN,
    "api/enterprise/crm/<slug:provider>/sync": Row(Kind.OWN, {"provider": "salesforce"}),
    "api/enterprise/data/<str:kind>": Row(Kind.OWN, {"kind": "spend"}),
}
OVERRIDES = {
    "enterprise_data_sources.MetricPoint": lambda key, letter: {"unit": "INR"},
    "enterprise_data_sources.StageChange": lambda key, letter: {"deal_id": key},
    "enterprise_data_sources.SyncCursor": lambda key, letter: {"table": "deal"},
    "enterprise_data_sources.SyncRun": lambda key, letter: {
        "state": "running",
        "ended_at": None,
        "goes_on_at": None,
    },
}


def fill_enterprise(name: str, _picture: Any) -> None:
    from enterprise.data_sources import models

    noon = datetime(2026, 11, 5, 6, 30, tzinfo=UTC)
    day = date(2026, 11, 5)
    source = models.DataSource.objects.create(kind="deals", name=f"CRM {name}", created_at=noon)
    batch = models.ImportBatch.objects.create(
        state="imported", source=source, file_name="d.csv", sha256="c", created_at=noon
    )
    record = {"source": source, "batch": batch, "external_id": "7", "stored_at": noon}
    models.Contact.objects.create(**record, account=name, email_hash="e" * 64)
    deal = models.Deal.objects.create(**record, account=name, amount=125_000, created_on=day)
    models.Lead.objects.create(**record, stage="New", created_on=day)
    models.StageChange.objects.create(
        source=source, external_id="7:New", deal=deal, stage="New", entered_at=noon
    )
    models.ReplacedRecord.objects.create(
        batch=batch, table="deal", external_id="7", before={"amount": "1"}
    )
    models.QualityFix.objects.create(
        kind="leave_out", issue="stale|deals", title="Deals", created_at=noon
    )
    crm = models.DataSource.objects.create(kind="hubspot", name=f"HubSpot {name}", created_at=noon)
    models.SyncCursor.objects.create(
        source=crm, table="deal", position={"reached": "2026-11-05"}, moved_at=noon
    )
    models.SyncRun.objects.create(
        source=crm,
        state="done",
        ticket=UUID(int=1),
        token=UUID(int=2),
        started_at=noon,
        seen_at=noon,
        ended_at=noon,
    )
    models.RememberedMapping.objects.create(header_hash="h", mapping={"kind": "x"}, used_at=noon)
