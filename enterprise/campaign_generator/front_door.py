"""CampaignGenerator: a budget proposal or a goal in; a checked, versioned document out."""

from datetime import datetime
from uuid import UUID

from enterprise.campaign_generator.engine.checks import checks
from enterprise.campaign_generator.engine.contracts import Check
from enterprise.campaign_generator.engine.exports import google_ads_csv, media_plan
from enterprise.campaign_generator.errors import NothingToExport
from enterprise.campaign_generator.selectors import StoredCampaign, campaign_of, stored
from enterprise.campaign_generator.services.asking import CampaignRequest
from enterprise.campaign_generator.services.campaigns import (
    CampaignChanges,
    campaign_approve,
    campaign_edit,
    campaign_exported,
    campaign_make,
    campaign_move,
)
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {"google-ads": (CSV, "google-ads.csv"), "media-plan": (XLSX, "media-plan.xlsx")}


class CampaignGenerator:
    """What the factory hands out for Enterprise and what pages and API call."""

    def generate_campaign(
        self, request: CampaignRequest, *, tenant: Tenant, actor_id: UUID | None, now: datetime
    ) -> StoredCampaign:
        """Raises DetailRefused with the field, AllocationUnknown."""
        return stored(campaign_make(request=request, tenant=tenant, actor_id=actor_id, now=now))

    def edit(
        self, campaign_id: UUID, content_hash: str, changes: CampaignChanges, *,
        actor_id: UUID | None, now: datetime,
    ) -> StoredCampaign:  # fmt: skip
        """The next version of what was read; voids an approval."""
        return stored(
            campaign_edit(
                campaign_id=campaign_id, content_hash=content_hash, changes=changes,
                actor_id=actor_id, now=now,
            )
        )  # fmt: skip

    def approve(
        self, campaign_id: UUID, content_hash: str, *, actor_id: UUID | None, now: datetime
    ) -> StoredCampaign:
        """Raises CampaignChanged for content that was not read, CampaignBlocked for a check."""
        return stored(
            campaign_approve(
                campaign_id=campaign_id, content_hash=content_hash, actor_id=actor_id, now=now
            )
        )

    def move(
        self, campaign_id: UUID, content_hash: str, to: str, *, actor_id: UUID | None, now: datetime
    ) -> StoredCampaign:
        return stored(
            campaign_move(
                campaign_id=campaign_id, content_hash=content_hash, to=to, actor_id=actor_id,
                now=now,
            )
        )  # fmt: skip

    def checks(self, campaign: StoredCampaign, now: datetime) -> tuple[Check, ...]:
        return checks(campaign.document, clock.today(now))

    def export(
        self, campaign_id: UUID, kind: str, *, actor_id: UUID | None, now: datetime
    ) -> bytes:
        """An approved campaign as a file: kind "google-ads" (CSV) or "media-plan" (XLSX)."""
        if kind not in FILES:
            raise NothingToExport
        has_google = "google_ads" in campaign_of(campaign_id).document.grid.channels
        if kind == "google-ads" and not has_google:
            raise NothingToExport
        document = campaign_exported(campaign_id=campaign_id, actor_id=actor_id, now=now)
        return google_ads_csv(document) if kind == "google-ads" else media_plan(document)
