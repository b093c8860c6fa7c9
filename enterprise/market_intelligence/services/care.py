"""What people do with a finding: give it to somebody, comment, put it away for a while."""

from datetime import datetime, timedelta
from uuid import UUID

from enterprise.market_intelligence.errors import (
    AssigneeUnknown,
    CommentInvalid,
    FindingMissing,
    SnoozeInvalid,
)
from enterprise.market_intelligence.models import FindingCare, FindingComment
from enterprise.market_intelligence.selectors import latest_findings, team_names
from marketing_platform.core import clock
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify
from marketing_platform.tenants.models import Tenant

DAYS_AWAY = (0, 7, 30, 90)
LONGEST_COMMENT = 1_000


def finding_assign(
    *, key: str, assignee_id: UUID | None, tenant: Tenant, actor_id: UUID, now: datetime
) -> FindingCare:
    """Give a finding to somebody of the team, who is told; None takes it back.

    Raises FindingMissing, AssigneeUnknown.
    """
    _check(key)
    if assignee_id is not None and assignee_id not in team_names(tenant):
        raise AssigneeUnknown
    held = FindingCare.objects.filter(finding_key=key, assignee_id=assignee_id).exists()
    care = _changed(key, actor_id, now, assignee_id=assignee_id)
    if assignee_id is not None and assignee_id != actor_id and not held:
        notify(
            title=_("A finding was given to you"),
            kind="finding",
            url="/insights/?show=mine",
            actor_id=assignee_id,
            now=now,
        )
    return care


def finding_snooze(*, key: str, days: int, actor_id: UUID, now: datetime) -> FindingCare:
    """Away from everybody's feed for 7, 30 or 90 days; 0 shows it again.

    Raises FindingMissing, SnoozeInvalid.
    """
    _check(key)
    if days not in DAYS_AWAY:
        raise SnoozeInvalid
    until = clock.today(now) + timedelta(days=days) if days else None
    return _changed(key, actor_id, now, snoozed_until=until)


def finding_comment(*, key: str, text: str, actor_id: UUID, now: datetime) -> FindingComment:
    """Raises FindingMissing, CommentInvalid."""
    _check(key)
    said = clean_line(text)
    if not said or len(said) > LONGEST_COMMENT:
        raise CommentInvalid
    return FindingComment.objects.create(
        finding_key=key, text=said, actor_id=actor_id, created_at=now
    )


def _check(key: str) -> None:
    if key not in {each.key for each in latest_findings(with_snoozed=True)}:
        raise FindingMissing


def _changed(key: str, actor_id: UUID, now: datetime, **values: object) -> FindingCare:
    care, _made = FindingCare.objects.update_or_create(
        finding_key=key, defaults={**values, "changed_by_id": actor_id, "changed_at": now}
    )
    return care
