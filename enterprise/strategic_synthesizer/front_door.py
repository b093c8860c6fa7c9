"""StrategicSynthesizer: the board brief in which every number can be traced."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from enterprise.strategic_synthesizer.engine.finished import Finished
from enterprise.strategic_synthesizer.selectors import StoredBrief, brief_of
from enterprise.strategic_synthesizer.services.briefs import brief_approve, brief_make
from enterprise.strategic_synthesizer.services.documents import brief_pdf, brief_slides
from marketing_platform.tenants.models import Tenant


@dataclass(frozen=True)
class BriefRequest:
    """A brief of the acting workspace `tenant`, as of `now`; `language` en or hi."""

    tenant: Tenant
    now: datetime
    language: str = "en"
    actor_id: uuid.UUID | None = None


class StrategicSynthesizer:
    """Made by the factory."""

    def create_brief(self, request: BriefRequest) -> StoredBrief:
        """Put together what the workspace knows now. Raises UntracedNumber."""
        version = brief_make(tenant=request.tenant, actor_id=request.actor_id, now=request.now)
        return brief_of(version.pk)

    def approve(
        self, *, brief_id: uuid.UUID, content_hash: str, actor_id: uuid.UUID, now: datetime
    ) -> StoredBrief:
        """Raises BriefMissing, or BriefChanged for content that was not read."""
        brief_approve(brief_id=brief_id, content_hash=content_hash, actor_id=actor_id, now=now)
        return brief_of(brief_id)

    def read(self, stored: StoredBrief, language: str) -> Finished:
        return stored.finished(language)

    def pdf(self, stored: StoredBrief, language: str) -> bytes:
        return brief_pdf(stored, language)

    def pptx(self, stored: StoredBrief, language: str) -> bytes:
        return brief_slides(stored, language)
