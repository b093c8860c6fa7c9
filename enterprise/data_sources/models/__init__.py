"""Sources, imports and their rows; CRM records; what was decided about quality."""

from enterprise.data_sources.models.crm import (
    Contact,
    CrmRecord,
    Deal,
    Lead,
    ReplacedRecord,
    StageChange,
)
from enterprise.data_sources.models.imports import (
    CRM_KINDS,
    FILE_KINDS,
    KINDS,
    NOT_REPLACED,
    DataSource,
    ImportBatch,
    ImportedRow,
    LeadCount,
    MetricPoint,
    SpendRow,
)
from enterprise.data_sources.models.quality import QualityFix, RememberedMapping
from enterprise.data_sources.models.sync import SyncCursor, SyncRun

__all__ = [
    "CRM_KINDS",
    "FILE_KINDS",
    "KINDS",
    "NOT_REPLACED",
    "Contact",
    "CrmRecord",
    "DataSource",
    "Deal",
    "ImportBatch",
    "ImportedRow",
    "Lead",
    "LeadCount",
    "MetricPoint",
    "QualityFix",
    "RememberedMapping",
    "ReplacedRecord",
    "SpendRow",
    "StageChange",
    "SyncCursor",
    "SyncRun",
]
