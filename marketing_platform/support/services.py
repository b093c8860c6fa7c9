"""Taking in who wants a call, and what went wrong."""

import logging
import traceback
from datetime import datetime, timedelta
from uuid import UUID

from django.db import Error, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import get_language

from marketing_platform.core.support_code import support_code
from marketing_platform.support.models import BestTime, ErrorReport, HelpRequest, TopicAnswer
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)
KEPT = timedelta(days=90)
REPORTS_PER_MINUTE = 120


def request_make(
    *,
    kind: str,
    name: str,
    phone: str,
    language: str,
    now: datetime,
    company: str = "",
    words: str = "",
    page: str = "",
    best_time: str = BestTime.ANY,
    workspace_id: UUID | None = None,
    workspace_name: str = "",
    user_id: UUID | None = None,
) -> HelpRequest:
    """Asking again before somebody called adds no second row; the newer words stand."""
    facts = {
        "name": name,
        "company": company,
        "words": words,
        "page": page[:200],
        "best_time": best_time,
        "language": language,
        "workspace_id": workspace_id,
        "workspace_name": workspace_name,
        "user_id": user_id,
    }
    with public_context(), transaction.atomic():
        row, is_new = HelpRequest.objects.get_or_create(
            kind=kind, phone=phone, done_at=None, defaults={**facts, "asked_at": now}
        )
        if not is_new:
            HelpRequest.objects.filter(pk=row.pk).update(**facts)
            row.refresh_from_db()
    return row


def topic_answered(*, slug: str, language: str, is_useful: bool) -> None:
    with public_context():
        row, _is_new = TopicAnswer.objects.get_or_create(slug=slug, language=language)
        column = "useful" if is_useful else "not_useful"
        TopicAnswer.objects.filter(pk=row.pk).update(**{column: F(column) + 1})


def request_take(*, request_id: int, by_id: UUID, now: datetime) -> bool:
    """Of two who take the same one, one gets it."""
    open_one = HelpRequest.objects.filter(pk=request_id, taken_at=None, done_at=None)
    return bool(open_one.update(taken_at=now, taken_by_id=by_id))


def request_done(*, request_id: int, by_id: UUID, note: str, now: datetime) -> bool:
    rows = HelpRequest.objects.filter(pk=request_id, done_at=None)
    return bool(rows.update(done_at=now, taken_by_id=by_id, note=note[:500]))


def report_store(request: HttpRequest, *, status: int, failure: Exception | None) -> None:
    """Never fails itself: without a database the log line alone carries the code."""
    code = support_code(getattr(request, "request_id", ""))
    logger.info("error %s: %s %s answered %s", code, request.method, request.path, status)
    try:
        _store(request, code, status, failure)
    except Error:
        logger.warning("error %s could not be stored", code, exc_info=True)


def _store(request: HttpRequest, code: str, status: int, failure: Exception | None) -> None:
    from marketing_platform.core import clock

    now = clock.now()
    tenant, user = getattr(request, "tenant", None), getattr(request, "user", None)
    with public_context(), transaction.atomic():
        recent = ErrorReport.objects.filter(happened_at__gt=now - timedelta(minutes=1))
        if recent.count() >= REPORTS_PER_MINUTE:
            return
        ErrorReport.objects.create(
            code=code,
            request_id=getattr(request, "request_id", "")[:64],
            method=(request.method or "")[:10],
            host=request.META.get("HTTP_HOST", "")[:100],
            path=request.path[:300],
            status=status,
            language=(get_language() or "en")[:10],
            failure=type(failure).__name__[:120] if failure else "",
            place=_place(failure),
            workspace_id=getattr(tenant, "pk", None),
            user_id=user.pk if user is not None and user.is_authenticated else None,
            happened_at=now,
        )


def _place(failure: Exception | None) -> str:
    """File and line of the innermost frame of ours; never a value."""
    frames = traceback.extract_tb(failure.__traceback__) if failure else []
    ours = [each for each in frames if "site-packages" not in each.filename]
    if not ours:
        return ""
    path = "/".join(ours[-1].filename.split("/")[-3:])
    return f"{path}:{ours[-1].lineno}"[:200]


def reports_forget(*, now: datetime) -> int:
    """Reports older than 90 days, and requests that were done as long ago."""
    old = now - KEPT
    gone, _each = ErrorReport.objects.filter(happened_at__lt=old).delete()
    done, _each = HelpRequest.objects.filter(done_at__lt=old).delete()
    return int(gone + done)
