"""Deciding about imperfect data. Nothing imported is changed, so every decision can be undone."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from enterprise.data_sources.engine.quality.contracts import Issue
from enterprise.data_sources.errors import FixGone
from enterprise.data_sources.models import QualityFix
from enterprise.data_sources.selectors import issue_rows, quality_of_workspace


def fix_apply(*, key: str, actor_id: UUID | None, today: date, now: datetime) -> QualityFix:
    """Do what the button of an issue of today's report says.

    The report is computed anew, so what is done is what is wrong now. Raises FixGone when the issue
    is no longer there or has no button.
    """
    issue = quality_of_workspace(today).issue_of(key)
    if issue is None or issue.action is None:
        raise FixGone
    try:
        with transaction.atomic():
            fix = _fix_create(issue, actor_id, now)
            if issue.action.kind == QualityFix.Kind.LEAVE_OUT:
                fix.rows = issue_rows(issue).update(left_out_by=fix)
                fix.save(update_fields=["rows"])
    except IntegrityError as error:
        raise FixGone from error
    return fix


def fix_undo(*, fix: QualityFix) -> None:
    """Names are read as written again, rows are used again."""
    fix.delete()


def _fix_create(issue: Issue, actor_id: UUID | None, now: datetime) -> QualityFix:
    action = issue.action
    key = issue.key
    # Rows of a later import may need the same correction again.
    again = QualityFix.objects.filter(issue__startswith=key[:190]).count()
    return QualityFix.objects.create(
        kind=action.kind,
        issue=f"{key[:190]}#{again + 1}" if again else key,
        title=issue.title.text[:300],
        title_params=issue.title.params,
        names=list(action.names),
        into=action.into[:60],
        rows=issue.n,
        actor_id=actor_id,
        created_at=now,
    )
