"""What people do with findings."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from enterprise.market_intelligence.models import FindingComment
from marketing_platform.jobs.models import Job
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership

JOB_KIND = "enterprise.insights"


def comments_by_key(keys: Iterable[str]) -> dict[str, list[FindingComment]]:
    found: dict[str, list[FindingComment]] = defaultdict(list)
    for comment in FindingComment.objects.filter(finding_key__in=list(keys)):
        found[comment.finding_key].append(comment)
    return dict(found)


def team_names(tenant: Tenant) -> dict[UUID, str]:
    """The people of the workspace by id."""
    rows = Membership.objects.filter(tenant=tenant).select_related("user").order_by("created_at")
    return {
        row.user_id: str(row.user.full_name or row.user.email or row.user.phone) for row in rows
    }


def last_job(version: str) -> Job | None:
    """The newest computation of this state of the figures."""
    return Job.objects.filter(kind=JOB_KIND, key=version[:120]).order_by("-created_at").first()
