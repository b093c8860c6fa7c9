"""Campaign documents: the board, one of them, its versions, and what the brief reads."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from enterprise.campaign_generator.engine.contracts import Document
from enterprise.campaign_generator.engine.stored import from_json
from enterprise.campaign_generator.errors import CampaignMissing
from enterprise.campaign_generator.models import Campaign, CampaignState, CampaignVersion
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _

STATES = {
    CampaignState.DRAFT: _("Draft"),
    CampaignState.IN_REVIEW: _("In review"),
    CampaignState.APPROVED: _("Approved"),
    CampaignState.EXPORTED: _("Exported"),
    CampaignState.RUNNING: _("Running"),
    CampaignState.ENDED: _("Ended"),
}
MOST_IN_BRIEF = 5


@dataclass(frozen=True)
class CampaignForBrief:
    """`state` is a message id; `test_weeks` None where too little was said to plan a test."""

    id: str
    name: str
    state: str
    budget_paise: int
    content_hash: str
    as_of: date
    test_weeks: int | None


@dataclass(frozen=True)
class StoredCampaign:
    id: UUID
    name: str
    state: str
    number: int
    content_hash: str
    document: Document
    approved_at: datetime | None
    changed_at: datetime

    @property
    def state_label(self) -> str:
        return STATES[CampaignState(self.state)]


def campaigns_for_brief() -> tuple[CampaignForBrief, ...]:
    """The campaigns that have not ended, newest change first, at most five."""
    open_ones = Campaign.objects.exclude(state=CampaignState.ENDED)[:MOST_IN_BRIEF]
    return tuple(_for_brief(stored(one)) for one in open_ones)


def campaigns_page(limit: int, before: datetime | None = None) -> list[StoredCampaign]:
    """Newest change first."""
    wanted = Campaign.objects.all()
    if before is not None:
        wanted = wanted.filter(changed_at__lt=before)
    return [stored(one) for one in wanted[:limit]]


def campaign_of(campaign_id: UUID) -> StoredCampaign:
    """Raises CampaignMissing."""
    found = Campaign.objects.filter(pk=campaign_id).first()
    if found is None:
        raise CampaignMissing
    return stored(found)


def versions_of(campaign_id: UUID) -> list[CampaignVersion]:
    """Newest first, without their content."""
    return list(CampaignVersion.objects.filter(campaign_id=campaign_id).defer("content")[:50])


def stored(campaign: Campaign) -> StoredCampaign:
    return StoredCampaign(
        id=campaign.pk,
        name=campaign.name,
        state=campaign.state,
        number=campaign.number,
        content_hash=campaign.content_hash,
        document=from_json(campaign.content),
        approved_at=campaign.approved_at,
        changed_at=campaign.changed_at,
    )


def _for_brief(one: StoredCampaign) -> CampaignForBrief:
    return CampaignForBrief(
        id=str(one.id),
        name=one.name,
        state=one.state_label,
        budget_paise=one.document.grid.total_paise,
        content_hash=one.content_hash,
        as_of=clock.today(one.changed_at),
        test_weeks=one.document.test.weeks_needed,
    )
