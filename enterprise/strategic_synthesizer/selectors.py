import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, override

from enterprise.strategic_synthesizer.engine.contracts import Brief
from enterprise.strategic_synthesizer.engine.finished import Finished, finish
from enterprise.strategic_synthesizer.engine.stored import from_json
from enterprise.strategic_synthesizer.errors import BriefMissing
from enterprise.strategic_synthesizer.models import BriefVersion


@dataclass(frozen=True)
class StoredBrief:
    """A brief with its facts; `brief` is the content."""

    id: uuid.UUID
    brief: Brief
    content_hash: str
    is_approved: bool
    created_at: datetime
    approved_at: datetime | None

    def finished(self, language: str) -> Finished:
        """In en or hi. Raises UntracedNumber."""
        with override(language):
            return finish(self.brief, language=language, translate=gettext)


def latest_brief() -> StoredBrief | None:
    version = BriefVersion.objects.first()
    return _stored(version) if version else None


def brief_of(brief_id: uuid.UUID) -> StoredBrief:
    """Raises BriefMissing."""
    version = BriefVersion.objects.filter(pk=brief_id).first()
    if version is None:
        raise BriefMissing
    return _stored(version)


def brief_before(stored: StoredBrief) -> StoredBrief | None:
    """The one that was made before it."""
    version = BriefVersion.objects.filter(created_at__lt=stored.created_at).first()
    return _stored(version) if version else None


def briefs(limit: int = 24) -> list[BriefVersion]:
    """The latest, without their content."""
    return list(BriefVersion.objects.defer("content")[:limit])


def _stored(version: BriefVersion) -> StoredBrief:
    return StoredBrief(
        id=version.pk,
        brief=from_json(version.content),
        content_hash=version.content_hash,
        is_approved=version.state == "approved",
        created_at=version.created_at,
        approved_at=version.approved_at,
    )
