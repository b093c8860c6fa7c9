"""Making and approving briefs."""

import uuid
from datetime import datetime

from django.db import transaction

from enterprise.market_intelligence.services import feed_ready
from enterprise.strategic_synthesizer.engine.composing import compose
from enterprise.strategic_synthesizer.engine.finished import finish
from enterprise.strategic_synthesizer.engine.stored import as_json, hash_of
from enterprise.strategic_synthesizer.errors import BriefChanged, BriefMissing
from enterprise.strategic_synthesizer.models import BriefState, BriefVersion
from enterprise.strategic_synthesizer.services.gathering import inputs_of
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant


def brief_make(
    *, tenant: Tenant, actor_id: uuid.UUID | None, now: datetime, is_scheduled: bool = False
) -> BriefVersion:
    """The brief of what the acting workspace knows now; the same content is the same brief.

    Raises UntracedNumber rather than keep a brief with a number that has no evidence.
    """
    feed_ready(now=now, actor_id=actor_id)
    brief = compose(inputs_of(tenant, today=clock.today(now)))
    finish(brief, language="en", translate=str)
    content = as_json(brief)
    version, _created = BriefVersion.objects.get_or_create(
        content_hash=hash_of(content),
        defaults={
            "dated_on": brief.dated_on,
            "content": content,
            "actor_id": actor_id,
            "created_at": now,
            "is_scheduled": is_scheduled,
        },
    )
    return version


def brief_approve(
    *, brief_id: uuid.UUID, content_hash: str, actor_id: uuid.UUID, now: datetime
) -> BriefVersion:
    """Approve exactly the content that was read. Approving twice changes nothing."""
    version = BriefVersion.objects.filter(pk=brief_id).first()
    if version is None:
        raise BriefMissing
    if version.content_hash != content_hash:
        raise BriefChanged
    with transaction.atomic():
        approved = BriefVersion.objects.filter(pk=brief_id, state=BriefState.DRAFT).update(
            state=BriefState.APPROVED, approved_by_id=actor_id, approved_at=now
        )
        if approved:
            audit_record(
                action="brief.approved",
                actor_kind="human",
                actor_id=str(actor_id),
                subject=str(brief_id),
                detail={"content_hash": content_hash},
                now=now,
            )
    version.refresh_from_db()
    return version
