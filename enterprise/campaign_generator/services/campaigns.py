"""Making, changing, approving and moving campaign documents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from enterprise.campaign_generator.engine.checks import blocking
from enterprise.campaign_generator.engine.contracts import Audience, Document, Slot
from enterprise.campaign_generator.engine.document import edited, generate
from enterprise.campaign_generator.engine.limits import limits
from enterprise.campaign_generator.engine.stored import as_json, from_json, hash_of
from enterprise.campaign_generator.errors import (
    CampaignBlocked,
    CampaignChanged,
    CampaignMissing,
    DetailRefused,
    StepNotPossible,
)
from enterprise.campaign_generator.models import Campaign, CampaignState, CampaignVersion
from enterprise.campaign_generator.services.asking import (
    MOST_PAISE,
    CampaignRequest,
    asked_of,
    audience_of,
    line,
    target_value,
)
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.schedule.changed import workspace_changed
from marketing_platform.tenants.models import Tenant
from marketing_platform.writing.services import copywriter

STEPS = {
    (CampaignState.DRAFT, CampaignState.IN_REVIEW),
    (CampaignState.IN_REVIEW, CampaignState.DRAFT),
    (CampaignState.APPROVED, CampaignState.RUNNING),
    (CampaignState.EXPORTED, CampaignState.RUNNING),
    (CampaignState.RUNNING, CampaignState.ENDED),
}
MOST_SLOTS, LONGEST_TEXT = 40, 6_000


@dataclass(frozen=True)
class CampaignChanges:
    """None keeps a part. ``paise[channel][week]``; ``texts`` by channel."""

    name: str | None = None
    landing_url: str | None = None
    audience: tuple[str, int | None, str] | None = None
    target: float | None = None
    paise: tuple[tuple[int, ...], ...] | None = None
    texts: dict[str, tuple[Slot, ...]] | None = None


def campaign_make(
    *, request: CampaignRequest, tenant: Tenant, actor_id: UUID | None, now: datetime
) -> Campaign:
    """Version one of a document, a draft. Raises DetailRefused or AllocationUnknown."""
    content = as_json(generate(asked_of(request, tenant), copywriter()))
    with transaction.atomic():
        campaign = Campaign.objects.create(
            name=content["name"], content=content, content_hash=hash_of(content),
            created_at=now, changed_at=now,
        )  # fmt: skip
        _remember(campaign, actor_id, now)
    return campaign


def campaign_edit(
    *,
    campaign_id: UUID,
    content_hash: str,
    changes: CampaignChanges,
    actor_id: UUID | None,
    now: datetime,
) -> Campaign:
    """The next version. An approval falls; running and ended campaigns stay as they are."""
    with transaction.atomic():
        campaign = _locked(campaign_id, content_hash)
        if campaign.state in (CampaignState.RUNNING, CampaignState.ENDED):
            raise StepNotPossible
        content = as_json(_changed(from_json(campaign.content), changes))
        if hash_of(content) == campaign.content_hash:
            return campaign
        campaign.name, campaign.content = content["name"], content
        campaign.content_hash, campaign.number = hash_of(content), campaign.number + 1
        campaign.state, campaign.changed_at = CampaignState.DRAFT, now
        campaign.approved_hash, campaign.approved_by_id, campaign.approved_at = "", None, None
        campaign.save()
        _remember(campaign, actor_id, now)
    return campaign


def campaign_approve(
    *, campaign_id: UUID, content_hash: str, actor_id: UUID | None, now: datetime
) -> Campaign:
    """Approve exactly the content that was read; CampaignBlocked while a check stops it."""
    with transaction.atomic():
        campaign = _locked(campaign_id, content_hash)
        if campaign.state not in (CampaignState.DRAFT, CampaignState.IN_REVIEW):
            return campaign
        if blocking(from_json(campaign.content), clock.today(now)):
            raise CampaignBlocked
        campaign.state, campaign.approved_hash = CampaignState.APPROVED, campaign.content_hash
        campaign.approved_by_id, campaign.approved_at = actor_id, now
        campaign.changed_at = now
        campaign.save()
        _audit(campaign, "campaign.approved", actor_id, now)
    return campaign


def campaign_move(
    *, campaign_id: UUID, content_hash: str, to: str, actor_id: UUID | None, now: datetime
) -> Campaign:
    """A step by hand: to review and back, running, ended."""
    with transaction.atomic():
        campaign = _locked(campaign_id, content_hash)
        if campaign.state == to:
            return campaign
        if (campaign.state, to) not in STEPS:
            raise StepNotPossible
        campaign.state, campaign.changed_at = to, now
        campaign.save()
        _audit(campaign, f"campaign.{to}", actor_id, now)
    return campaign


def campaign_exported(*, campaign_id: UUID, actor_id: UUID | None, now: datetime) -> Document:
    """The approved document, marked as exported. A draft is not handed out."""
    with transaction.atomic():
        campaign = _locked(campaign_id, None)
        if campaign.state in (CampaignState.DRAFT, CampaignState.IN_REVIEW):
            raise StepNotPossible
        if campaign.state == CampaignState.APPROVED:
            campaign.state, campaign.changed_at = CampaignState.EXPORTED, now
            campaign.save()
            _audit(campaign, "campaign.exported", actor_id, now)
    return from_json(campaign.content)


def _changed(document: Document, changes: CampaignChanges) -> Document:
    return edited(
        document,
        name=None if changes.name is None else line("name", changes.name, 80, is_needed=True),
        landing_url=None
        if changes.landing_url is None
        else line("landing_url", changes.landing_url, 500),
        audience=_audience(document, changes.audience),
        target=None if changes.target is None else target_value(changes.target),
        paise=_grid(document, changes.paise),
        texts=_texts(changes.texts or {}),
    )


def _audience(document: Document, told: tuple[str, int | None, str] | None) -> Audience | None:
    if told is None:
        return None
    before = document.audience
    if before.source == "crm" and told[1] == before.size:
        kept = audience_of(told[0], None, told[2])
        return Audience(kept.description, before.size, "crm", kept.consent)
    return audience_of(*told)


def _grid(
    document: Document, paise: tuple[tuple[int, ...], ...] | None
) -> tuple[tuple[int, ...], ...] | None:
    if paise is None:
        return None
    shape = [len(row) for row in document.grid.paise]
    cells = [cell for row in paise for cell in row]
    if [len(row) for row in paise] != shape or not all(0 <= cell <= MOST_PAISE for cell in cells):
        raise DetailRefused(field="budget")
    return paise


def _texts(texts: dict[str, tuple[Slot, ...]]) -> dict[str, tuple[Slot, ...]]:
    cleaned = {}
    for channel, slots in texts.items():
        kinds = limits()[channel].slots if channel in limits() else {}
        if len(slots) > MOST_SLOTS or any(slot.kind not in kinds for slot in slots):
            raise DetailRefused(field="texts")
        cleaned[channel] = tuple(
            Slot(slot.kind, text) for slot in slots if (text := _long_text(slot.text))
        )
    return cleaned


def _long_text(text: str) -> str:
    """Lines stay where a message has them."""
    if len(text) > LONGEST_TEXT:
        raise DetailRefused(field="texts")
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line("texts", one, LONGEST_TEXT) for one in lines).strip()


def _locked(campaign_id: UUID, content_hash: str | None) -> Campaign:
    campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignMissing
    if content_hash is not None and campaign.content_hash != content_hash:
        raise CampaignChanged
    return campaign


def _remember(campaign: Campaign, actor_id: UUID | None, now: datetime) -> None:
    CampaignVersion.objects.create(
        campaign=campaign, number=campaign.number, content=campaign.content,
        content_hash=campaign.content_hash, actor_id=actor_id, created_at=now,
    )  # fmt: skip


def _audit(campaign: Campaign, action: str, actor_id: UUID | None, now: datetime) -> None:
    audit_record(
        action=action,
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=str(campaign.pk),
        detail={"content_hash": campaign.content_hash},
        now=now,
    )
    workspace_changed(now=now)
