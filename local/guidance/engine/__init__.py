"""Guides without a database: contracts, reading, showing, search, proof. Plain Python."""

from local.guidance.engine.contracts import (
    EVIDENCE_KINDS,
    EvidenceShown,
    FailShown,
    Guide,
    GuideRow,
    GuideShown,
    Progress,
    Proof,
    StepShown,
)
from local.guidance.engine.finding import guide_of_kind, matching
from local.guidance.engine.reading import guides, read_folder, read_guide

__all__ = [
    "EVIDENCE_KINDS",
    "EvidenceShown",
    "FailShown",
    "Guide",
    "GuideRow",
    "GuideShown",
    "Progress",
    "Proof",
    "StepShown",
    "guide_of_kind",
    "guides",
    "matching",
    "read_folder",
    "read_guide",
]
